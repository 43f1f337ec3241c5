//! `hub replay` with the real program.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cli_support;

use cli_support::Folder;
use serde_json::json;

#[test]
fn a_meeting_replayed_twice_is_stored_once() {
    let folder = Folder::new();
    let _hub = folder.serve(&[]);
    let turns: Vec<_> = (0..7)
        .map(|turn| json!({"speaker": (["Ann", "Bob"][turn % 2]), "content": format!("Item {turn} is settled .")}))
        .collect();
    let meetings = [
        json!({"topic_list": ["x"], "meeting_transcripts": turns}),
        json!({"meeting_transcripts": [{"speaker": "Ann", "content": "I live in Oslo ."}]}),
    ];
    let file = folder.beside("talk.jsonl", &meetings.map(|meeting| meeting.to_string()).join("\n"));
    let file = file.to_str().unwrap();

    let first = folder.json(&["replay", file, "--batch", "3", "--connections", "2"]);
    let report = &first["report"];
    assert_eq!(
        (&report["stored"], &report["duplicate"], &report["refused"], &report["private"]),
        (&8.into(), &0.into(), &0.into(), &0.into())
    );
    assert_eq!(report["requests"], 3);
    assert!(report["drained_seconds"].is_f64() && report["request_p99_ms"].as_f64() > Some(0.0), "{report}");
    assert!(report["memories"].as_u64() >= Some(8), "each turn is a memory: {report}");
    assert!(report["audit_entries"].as_u64() >= Some(8), "{report}");
    let status = folder.json(&["status"]);
    assert_eq!((&status["counts"]["events"], &status["counts"]["people"]), (&8.into(), &3.into()));

    let table = folder.run(&["replay", file]);
    assert_eq!(table.code, 0, "{table:?}");
    assert!(table.out.contains("2 meetings, 8 turns, in 1 request\n"), "{}", table.out);
    for row in ["events stored", "events private", "events duplicate", "events refused", "memories"] {
        assert!(table.out.contains(row), "{row} is not in {}", table.out);
    }
    assert_eq!(folder.json(&["replay", file])["report"]["duplicate"], 8);
    assert_eq!(folder.json(&["status"])["counts"], status["counts"]);
    let recalled = folder.json(&["recall", "where does Ann live", "-k", "1"]);
    assert!(recalled["memories"][0]["content"].as_str().unwrap().contains("Oslo"), "{recalled}");
    assert_eq!(folder.json(&["audit", "verify"])["holds"], true);
}

#[test]
fn each_meeting_may_have_a_space_of_its_own() {
    let folder = Folder::new();
    let _hub = folder.serve(&[]);
    let meeting = json!({"meeting_transcripts": [{"speaker": "Ann", "content": "Hello ."}]}).to_string();
    let file = folder.beside("talk.jsonl", &format!("{meeting}\n{meeting}\n"));
    let arguments = ["replay", file.to_str().unwrap(), "--space-per-meeting", "--labels-only"];
    assert_eq!(folder.json(&arguments)["report"]["stored"], 2);
    assert_eq!(folder.json(&arguments)["report"]["duplicate"], 2);
    let counts = folder.json(&["status"])["counts"].clone();
    assert_eq!((&counts["spaces"], &counts["people"]), (&3.into(), &1.into()));
    assert_eq!(
        folder.json(&["recall", "hello", "--space", "talk 2"])["memories"].as_array().unwrap().len(),
        1
    );
}

#[test]
fn events_are_fed_as_they_are_and_refusals_are_told() {
    let folder = Folder::new();
    let _hub = folder.serve(&[]);
    let event = |second: u32, role: &str| {
        json!({"type": "transcript_chunk", "occurred_at": format!("2026-01-01T00:00:0{second}Z"),
            "payload": {"text": format!("line {second}"), "role": role}})
        .to_string()
    };
    let file =
        folder.beside("talk.jsonl", &[event(1, "user"), event(2, "agent"), event(3, "user")].join("\n"));
    let ended = folder.run(&["replay", file.to_str().unwrap(), "--json", "--speed", "real"]);
    assert_eq!(ended.code, 1, "a refused event shows in the exit code: {ended:?}");
    let said = ended.value();
    assert_eq!((&said["report"]["stored"], &said["report"]["refused"]), (&2.into(), &1.into()));
    assert_eq!(said["refusals"].as_array().unwrap().len(), 1, "{said}");
    assert!(said["report"]["sending_seconds"].as_f64() >= Some(2.0), "in real time: {said}");

    let broken = folder.beside("broken.jsonl", &format!("{}\n{{\"text\": 1}}\n", event(4, "user")));
    let refused = folder.run(&["replay", broken.to_str().unwrap()]);
    assert!(refused.code == 2 && refused.err.contains("line 2"), "{refused:?}");
    assert_eq!(folder.json(&["status"])["counts"]["events"], 2, "nothing of a broken file is sent");
}
