//! The official clients drive the fake. `cargo xtask services up` installs them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]

use hub_openai_fake::{Answer, Fake, Reply, Script};
use serde_json::{Value, json};
use std::path::PathBuf;
use tokio::process::Command;

/// The folder in which the clients are installed.
const CLIENTS: &str = "HUB_TEST_OPENAI_CLIENTS";

fn script() -> Script {
    let text = |text: &str| Reply::Text(text.to_owned());
    let mut script = Script::of([
        Answer::of(text("plain")).when("say plain"),
        Answer::of(Reply::Json(json!({"city": "Mexico City"}))).when("say structured"),
        Answer::of(text("streamed")).when("say streamed"),
        Answer::of(Reply::Refusal("no".to_owned())).when("say refused"),
        Answer::of(Reply::Incomplete("half".to_owned())).when("say half"),
        Answer::error(429, "slow down").header("retry-after-ms", "20").when("say busy"),
        Answer::of(text("after the rest")).when("say busy"),
        Answer::error(500, "down").always().when("say down"),
    ]);
    script.api_key = Some("sk-test".to_owned());
    script
}

/// What both programs find, each in its own words of the same shape.
fn check(found: &Value) {
    let expected = json!({
        "models": ["fake-model"],
        "plain": "plain",
        "tokens": 120,
        "structured": {"city": "Mexico City"},
        "streamed": "streamed",
        "stream_ended": "response.completed",
        "refused": "no",
        "half": ["incomplete", "max_output_tokens", "half"],
        "busy": "after the rest",
        "down": 500,
        "bad_key": 401,
        "bad_schema": 400,
    });
    assert_eq!(found, &expected);
}

async fn drive(program: &str, arguments: &[&str], script_file: &str) {
    let Some(folder) = std::env::var_os(CLIENTS).map(PathBuf::from) else {
        println!("not run: {CLIENTS} names no folder; `cargo xtask services up` installs the clients");
        return;
    };
    let program = if program.contains('/') { folder.join(program) } else { program.into() };
    let fake = Fake::start(script()).await.unwrap();
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(script_file);
    let ended = Command::new(program)
        .args(arguments)
        .arg(file)
        .env("OPENAI_BASE_URL", fake.url())
        .env("OPENAI_API_KEY", "sk-test")
        .env("CLIENTS", &folder)
        .output()
        .await
        .unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    check(&serde_json::from_slice(&ended.stdout).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_client_finds_what_it_knows_of_the_real_server() {
    drive("python/bin/python", &[], "drive.py").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_node_client_finds_what_it_knows_of_the_real_server() {
    drive("node", &[], "drive.mjs").await;
}
