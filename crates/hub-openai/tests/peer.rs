//! A server that nobody here wrote: aimock, of npm, which speaks Responses. `cargo xtask services up`
//! installs it.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]

use hub_core::Secret;
use hub_core::clock::Timestamp;
use hub_core::ids::{AgentId, EventId, SpaceId, WindowId};
use hub_core::planner::{Meter, Planner as _, Surroundings, Utterance, Window};
use hub_core::vocabulary::SpeakerRole;
use hub_openai::{OpenAiPlanner, Settings};
use serde_json::json;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use uuid::Uuid;

const CLIENTS: &str = "HUB_TEST_OPENAI_CLIENTS";

struct Peer(Child);

impl Drop for Peer {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _gone = self.0.wait();
    }
}

fn window(text: &str) -> Window {
    let id = Uuid::from_u128;
    let said = Utterance {
        event_id: EventId(id(4)),
        person_id: None,
        speaker: None,
        role: SpeakerRole::User,
        text: text.to_owned(),
        occurred_at: Timestamp(0),
        settled: false,
    };
    Window {
        agent_id: AgentId(id(1)),
        space_id: SpaceId(id(2)),
        window_id: WindowId(id(3)),
        language: "en".to_owned(),
        time_zone: "UTC".to_owned(),
        utterances: vec![said],
        people: Vec::new(),
        surroundings: Surroundings::default(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_planner_talks_to_a_server_that_nobody_here_wrote() {
    let folder = std::env::var_os(CLIENTS).map(|folder| PathBuf::from(folder).join("node/node_modules"));
    let program =
        folder.map(|folder| folder.join("@copilotkit/aimock/dist/cli.js")).filter(|file| file.is_file());
    let Some(program) = program else {
        println!("not run: {CLIENTS} names no folder with aimock; `cargo xtask services up` installs it");
        return;
    };
    let plan = json!({
        "memories": [{"content": "The ferry leaves at noon", "predicate": "timetable", "person": null,
                      "confidence": 0.9, "sources": ["u1"]}],
        "actions": [],
    });
    let fixture = json!({"fixtures": [
        {"match": {"userMessage": "ferry"}, "response": {"content": plan.to_string()}},
        {"match": {"userMessage": "garbage"}, "response": {"content": "no plan"}},
    ]});
    let private = tempfile::tempdir().unwrap();
    let file = private.path().join("fixtures.json");
    std::fs::write(&file, fixture.to_string()).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = Command::new("node");
    command.arg(program).args(["--port", &port.to_string(), "--strict", "--fixtures"]).arg(&file);
    let _peer = Peer(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let settings = Settings { base_url: format!("http://127.0.0.1:{port}/v1"), ..Settings::default() };
    let planner = OpenAiPlanner::new(settings, Some(Secret::new("sk-test"))).unwrap();

    let (deadline, meter) = (Instant::now() + Duration::from_secs(30), Meter::default());
    let plan = loop {
        match planner.plan(window("the ferry leaves at noon"), &meter).await {
            // It does not listen yet.
            Err(error) if error.code() == "model_down" && Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            planned => break planned.unwrap(),
        }
    };
    assert_eq!(plan.memories[0].source_event_ids, [EventId(Uuid::from_u128(4))]);
    assert!(meter.read().input_tokens > 0 && meter.read().output_tokens > 0);
    let refused = planner.plan(window("garbage"), &meter).await.unwrap_err();
    assert_eq!(refused.code(), "invalid_plan", "{refused}");
    let unknown = planner.plan(window("nothing fits this"), &meter).await.unwrap_err();
    println!("to what fits nothing it answers: {} {unknown}", unknown.code());
}
