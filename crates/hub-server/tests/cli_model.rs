//! The program with a model: by the environment alone, with the key in no log, and refused without one.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cli_support;

use cli_support::{Folder, Served};
use hub_openai_fake::{Answer, Fake, Reply, Script};
use serde_json::{Value, json};
use std::path::Path;

const KEY: &str = "sk-test-0123456789";
const SAID: &str = "the boiler hums in a new way";

/// Asks for a planner as the owner.
async fn set_planner(hub: &Served, folder: &Path, planner: &str) -> (u16, Value) {
    let token = std::fs::read_to_string(folder.join("owner.token")).unwrap();
    let client: Value = serde_json::from_slice(&std::fs::read(folder.join("client.json")).unwrap()).unwrap();
    let agent = client["agent_id"].as_str().unwrap();
    let url = format!("{}/v1/agents/{agent}", hub.url());
    let request = cli_support::http().patch(url).bearer_auth(token.trim());
    let answer = request.json(&json!({"planner": planner})).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_there_by_the_environment_and_its_key_is_in_no_log() {
    let plan = json!({
        "memories": [{"content": "The boiler hums", "predicate": "defect", "person": null, "confidence": 0.9,
                      "sources": ["@said:boiler"]}],
        "actions": [],
    });
    let mut script = Script::of([Answer::error(401, &format!("Incorrect API key: {KEY}"))]);
    script = script.otherwise(Answer::of(Reply::Json(plan)));
    let fake = Fake::start(script).await.unwrap();
    let folder = Folder::new();
    let log = folder.beside("log", "");
    let mut command = folder.command(&["serve", "--listen", "127.0.0.1:0", "--json", "--log-level", "trace"]);
    command.env("OPENAI_BASE_URL", fake.url()).env("OPENAI_API_KEY", KEY);
    let hub = Served::logging_to(&mut command, std::fs::File::create(&log).unwrap());
    let (status, body) = set_planner(&hub, &folder.path(), "both").await;
    assert_eq!((status, &body["planner"]), (200, &json!("both")), "{body}");
    // The first answer refuses the key, which the server is so careless as to repeat.
    let said = tokio::task::spawn_blocking(move || {
        let ended = folder.run(&["say", SAID, "--json"]);
        (folder, ended)
    });
    let deadline = std::time::Instant::now() + cli_support::PATIENCE;
    while fake.seen().is_empty() {
        assert!(std::time::Instant::now() < deadline, "no model was asked");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(fake.seen()[0].authorization, Some(format!("Bearer {KEY}")));
    hub.stop();
    let (folder, _) = said.await.unwrap();
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(text.contains("model_key_refused"), "{text}");
    assert!(!text.contains(KEY) && !text.contains("boiler"), "{text}");
    drop(folder);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_model_no_agent_can_ask_for_one() {
    let folder = Folder::new();
    let hub = folder.serve(&[]);
    for planner in ["openai", "both"] {
        let (status, body) = set_planner(&hub, &folder.path(), planner).await;
        assert_eq!((status, &body["code"]), (400, &json!("planner_missing")), "{body}");
    }
}

#[test]
fn a_base_url_that_is_none_is_named_at_the_start() {
    let folder = Folder::new();
    let ended =
        folder.run(&["serve", "--listen", "127.0.0.1:0", "--openai-base-url", "localhost:1", "--json"]);
    assert_ne!(ended.code, 0);
    assert!(ended.out.contains("model_settings") || ended.err.contains("model_settings"), "{ended:?}");
}
