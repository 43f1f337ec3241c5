//! The story that the README tells, with the real program.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cli_support;

use cli_support::{Folder, mode};
use std::time::Duration;

const SAID: &str = "remind me to water the plants tomorrow at 9";

#[test]
fn what_is_said_is_remembered_proposed_approved_done_and_verified() {
    story(&Folder::new());
}

#[test]
#[cfg(feature = "postgres")]
fn the_same_on_postgresql() {
    if let Some(folder) = Folder::on_postgresql() {
        story(&folder);
    }
}

fn story(folder: &Folder) {
    let hub = folder.serve(&[]);
    assert_eq!(hub.said["made"], true);

    let said = folder.json(&["say", SAID]);
    assert_eq!((&said["status"], &said["drained"]), (&"stored".into(), &true.into()));
    assert_eq!(
        (&said["memories"][0]["tier"], &said["memories"][0]["content"]),
        (&"episodic".into(), &SAID.into())
    );
    assert_eq!(said["actions"][0]["tool"], "reminder.set");

    let listed = folder.json(&["actions"]);
    assert_eq!(listed["actions"], said["actions"]);
    let id = listed["actions"][0]["action_id"].as_str().unwrap();

    let unasked = folder.run(&["approve", id]);
    assert_eq!(unasked.code, 2, "without a terminal nobody can be asked: {unasked:?}");
    let shown = folder.run(&["approve", &id[id.len() - 8..], "--yes"]);
    assert_eq!(shown.code, 0, "{shown:?}");
    let digest = listed["actions"][0]["binding_digest"].as_str().unwrap();
    for what in [digest, "water the plants", "reminder.set", "done"] {
        assert!(shown.out.contains(what), "{what} is not in {}", shown.out);
    }
    assert!(!shown.out.contains('\u{1b}'), "colour is for terminals");
    assert_eq!(folder.json(&["actions", "--state", "done"])["actions"][0]["action_id"], id);
    assert_eq!(folder.json(&["actions"])["actions"].as_array().map(Vec::len), Some(0));
    let again = folder.run(&["approve", id, "--yes", "--json"]);
    assert_eq!((again.code, again.value()["error"]["code"].as_str()), (4, Some("not_awaiting_approval")));

    let recalled = folder.json(&["recall", "plants"]);
    assert_eq!(recalled["memories"][0]["content"], SAID);
    assert_eq!(folder.json(&["memories"])["memories"][0]["content"], SAID);
    let while_it_runs = folder.json(&["audit", "verify"]);
    assert_eq!(while_it_runs["holds"], true);
    assert_eq!(while_it_runs["entries"], folder.json(&["status"])["audit"]["size"]);
    assert_eq!(folder.json(&["doctor"])["well"], true);

    let (code, took) = hub.stop();
    assert_eq!(code, 0);
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert_eq!(folder.json(&["audit", "verify"]), while_it_runs);
}

#[test]
fn an_action_is_rejected_with_a_reason_and_not_approved_under_another_digest() {
    let folder = Folder::new();
    let _hub = folder.serve(&[]);
    let said = folder.json(&["say", "--as", "Anna", SAID]);
    let id = said["actions"][0]["action_id"].as_str().unwrap();
    let other = format!("sha256:{}", "0".repeat(64));
    let changed = folder.run(&["approve", id, "--yes", "--digest", &other, "--json"]);
    assert_eq!((changed.code, changed.value()["error"]["code"].as_str()), (4, Some("binding_changed")));
    let rejected = folder.json(&["reject", id, "--reason", "no plants here"]);
    assert_eq!(rejected["state"], "rejected");
    assert_eq!(folder.run(&["approve", id, "--yes"]).code, 4);
    assert_eq!(folder.run(&["reject", "ffffffff-ffff-ffff-ffff-ffffffffffff"]).code, 4);
}

#[test]
fn what_is_shown_cannot_forge_the_screen() {
    let folder = Folder::new();
    let _hub = folder.serve(&[]);
    let said = folder.run(&["say", "I like tea\u{1b}[2J\u{202e} very much"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("\\u{1b}[2J\\u{202e}"), "{}", said.out);
    assert!(!said.out.contains('\u{1b}') && !said.out.contains('\u{202e}'));
}

#[test]
fn tokens_are_for_their_owner_alone_and_survive_a_restart() {
    let folder = Folder::new();
    let files =
        ["admin.token", "owner.token", "client.json", "database"].map(|name| folder.path().join(name));
    let read = || files.each_ref().map(|file| std::fs::read_to_string(file).unwrap());
    let hub = folder.serve(&[]);
    let before = read();
    let first = hub.said.clone();
    assert_eq!(mode(&folder.path()), 0o700);
    for file in &files {
        assert_eq!(mode(file), 0o600, "{}", file.display());
    }
    assert_eq!(hub.stop().0, 0);

    let hub = folder.serve(&[]);
    assert_eq!((&hub.said["made"], &hub.said["agent_id"]), (&false.into(), &first["agent_id"]));
    let after = read();
    assert_eq!((&before[0], &before[1]), (&after[0], &after[1]));
    assert!(after[2].contains(hub.url()), "{}", after[2]);
    assert_eq!(folder.json(&["say", "--no-wait", "hello"])["status"], "stored");
    assert_eq!(hub.stop().0, 0);

    std::fs::remove_file(&files[1]).unwrap();
    let _hub = folder.serve(&[]);
    assert_ne!(std::fs::read_to_string(&files[1]).unwrap(), before[1], "a lost owner's token is made anew");
    assert_eq!(folder.json(&["say", "--no-wait", "hello again"])["status"], "stored");
}

#[test]
fn a_bench_measures_with_data_of_its_own_and_leaves_nothing() {
    let folder = Folder::new();
    let place = folder.path().parent().unwrap().to_path_buf();
    let measured = folder.json(&["bench", "--seconds", "1"]);
    assert_eq!(measured["folder"], place.to_str().unwrap(), "the nearest folder that is there");
    let figures = measured["figures"].as_array().unwrap();
    assert_eq!(figures.len(), 5);
    for figure in figures {
        let of = |name: &str| figure[name].as_f64().unwrap();
        assert!(of("per_second") > 0.0 && of("p50_ms") > 0.0 && of("p99_ms") >= of("p50_ms"), "{figure}");
    }
    assert_eq!(std::fs::read_dir(&place).unwrap().count(), 0, "nothing is left there");
    let ended = folder.run(&["bench", "--folder", "/not/there"]);
    assert_eq!((ended.code, ended.out.as_str()), (5, ""));
}
