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

/// Meetings to be replayed: the first of the project's data, where that is, and made-up ones.
#[cfg(feature = "postgres")]
fn meetings(most: usize) -> String {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let data = std::env::var_os("HUB_TEST_DATA").map_or_else(|| beside.into(), std::path::PathBuf::from);
    let found = std::fs::read_to_string(data.join("meetings/qmsum-product-val.jsonl")).unwrap_or_default();
    let turn = |n: usize| json!({"speaker": (["Ann", "Bob"][n % 2]), "content": format!("Ann lives in Oslo, street {n} .")});
    let made_up = json!({"meeting_transcripts": (0..300).map(turn).collect::<Vec<_>>()}).to_string();
    found.lines().take(most).chain([made_up.as_str()]).collect::<Vec<_>>().join("\n")
}

/// What stays the same whatever the machine: the numbers of a report, rates aside.
#[cfg(feature = "postgres")]
fn numbers(report: &serde_json::Value) -> serde_json::Value {
    let mut numbers = report.as_object().unwrap().clone();
    numbers.retain(|name, _| {
        !name.ends_with("_ms") && !name.ends_with("seconds") && !name.contains("per_second")
    });
    assert!(numbers.len() >= 9, "{numbers:?}");
    numbers.into()
}

/// What both databases make of the same talk: table, counts, and what is recalled with its score.
#[cfg(feature = "postgres")]
#[test]
fn a_replay_comes_to_the_same_on_both_databases() {
    let Some(postgres) = Folder::on_postgresql() else { return };
    let of = |folder: &Folder| {
        let _hub = folder.serve(&[]);
        let file = folder.beside("meetings.jsonl", &meetings(4));
        let replay = || numbers(&folder.json(&["replay", file.to_str().unwrap()])["report"]);
        let (first, again) = (replay(), replay());
        assert_eq!((&again["stored"], &again["duplicate"]), (&0.into(), &first["stored"]));
        let recalled = |query: &str| {
            let found = folder.json(&["recall", query, "-k", "20"])["memories"].clone();
            let found = found.as_array().unwrap().iter();
            // What is older by a few seconds scores a little less.
            let score = |memory: &serde_json::Value| format!("{:.6}", memory["score"].as_f64().unwrap());
            found.map(|memory| (memory["content"].clone(), score(memory))).collect::<Vec<_>>()
        };
        let recalled = ["where does Ann live", "the price of the remote control"].map(recalled);
        assert!(recalled[0].len() == 20, "{recalled:?}");
        let verified = folder.json(&["audit", "verify"]);
        assert_eq!(verified["holds"], true);
        (first, again, recalled, folder.json(&["status"])["counts"].clone(), verified["entries"].clone())
    };
    assert_eq!(of(&Folder::new()), of(&postgres));
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

/// Said while the space was private; no other text of the test has it.
const SECRET: &str = "heliotrope";

#[test]
fn what_was_replayed_while_private_is_in_no_file_also_when_it_comes_late() {
    let folder = Folder::new();
    let log = std::fs::File::create(folder.path().with_extension("log")).unwrap();
    let mut serve = folder.command(&["serve", "--listen", "127.0.0.1:0", "--json"]);
    serve.env("HUB_LOG", "trace");
    let hub = cli_support::Served::logging_to(&mut serve, log);
    let said = |from: u32, word: &str| {
        let line = |n: u32| {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
            json!({"event_id": uuid::Uuid::from_u128(u128::from(from + n)), "type": "transcript_chunk",
                "occurred_at": at(now), "payload": {"text": format!("I like {word} number {n}"), "role": "user"}})
            .to_string()
        };
        (0..50).map(line).collect::<Vec<_>>().join("\n")
    };
    let replay = |name: &str, text: &str| {
        let file = folder.beside(name, text);
        let report = folder.json(&["replay", file.to_str().unwrap()])["report"].clone();
        let count = |outcome: &str| report[outcome].as_u64().unwrap();
        (count("stored"), count("private"), count("duplicate"), count("refused"))
    };

    let before = said(0, "tea");
    assert_eq!(replay("before.jsonl", &before), (50, 0, 0, 0));
    privacy(&folder, &hub, true);
    let private = said(1_000, SECRET);
    assert_eq!(replay("private.jsonl", &private), (0, 50, 0, 0));
    privacy(&folder, &hub, false);
    assert_eq!(replay("after.jsonl", &said(2_000, "coffee")), (50, 0, 0, 0));
    // Spooled offline, and delivered when nobody minds any more.
    assert_eq!(replay("late.jsonl", &private), (0, 50, 0, 0));
    assert_eq!(replay("again.jsonl", &before), (0, 0, 50, 0));

    assert_eq!(folder.json(&["status"])["counts"]["events"], 100);
    assert!(!folder.json(&["recall", SECRET]).to_string().contains(SECRET), "recalled");
    let while_it_runs = holding(&folder, SECRET);
    assert_eq!(hub.stop().0, 0);
    assert_eq!((while_it_runs, holding(&folder, SECRET)), (Vec::<String>::new(), Vec::new()));
    assert!(!holding(&folder, "coffee").is_empty(), "the search finds what is there");
    assert_eq!(folder.json(&["audit", "verify"])["holds"], true);
}

/// RFC 3339 of milliseconds since 1970.
fn at(millis: u128) -> String {
    hub_core::clock::Timestamp(i64::try_from(millis * 1_000).unwrap()).to_string()
}

/// Switches the privacy of the first space, as the admin does.
fn privacy(folder: &Folder, hub: &cli_support::Served, on: bool) {
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let client: serde_json::Value = serde_json::from_str(&read("client.json")).unwrap();
    let url = format!("{}/v1/spaces/{}", hub.url(), client["space_id"].as_str().unwrap());
    let asked = async {
        let request = cli_support::http().patch(url).bearer_auth(read("admin.token").trim());
        request.json(&json!({ "privacy_mode": on })).send().await.unwrap().status()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert!(runtime.block_on(asked).is_success());
}

/// Files of the hub, its log among them, that hold this word.
fn holding(folder: &Folder, word: &str) -> Vec<String> {
    let mut files = vec![folder.path().with_extension("log")];
    files.extend(std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()));
    let holds = |file: &std::path::PathBuf| {
        file.is_file() && std::fs::read(file).unwrap().windows(word.len()).any(|part| part == word.as_bytes())
    };
    files.iter().filter(|file| holds(file)).map(|file| file.display().to_string()).collect()
}
