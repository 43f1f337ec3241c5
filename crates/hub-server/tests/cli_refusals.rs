//! What the program refuses, with which exit code, and what it says to do next.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cli_support;

use cli_support::{Ended, Folder};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

const FREE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

#[test]
fn a_second_process_on_a_folder_is_refused_by_the_name_of_the_first() {
    let folder = Folder::new();
    let hub = folder.serve(&["--no-workers"]);
    for arguments in [&FREE[..], &["worker", "--roles", "plan,index,tools"]] {
        let refused = folder.run(arguments);
        assert_eq!(refused.code, 5, "{refused:?}");
        assert!(refused.err.contains(&format!("`hub serve` (process {})", hub.id())), "{}", refused.err);
        assert!(refused.out.is_empty());
    }
    assert_eq!(folder.json(&["say", "--no-wait", "still here"])["status"], "stored");
}

#[test]
fn a_killed_hub_leaves_a_folder_that_starts_again() {
    let folder = Folder::new();
    let hub = folder.serve(&[]);
    assert_eq!(folder.json(&["say", "--no-wait", "remember me"])["status"], "stored");
    drop(hub);
    let unreachable = folder.run(&["status", "--json"]);
    assert_eq!((unreachable.code, unreachable.value()["error"]["code"].as_str()), (3, Some("unreachable")));
    let _hub = folder.serve(&[]);
    assert_eq!(folder.json(&["status"])["counts"]["events"], 1);
    assert_eq!(folder.json(&["audit", "verify"])["holds"], true);
}

#[test]
fn a_taken_port_is_named_with_what_to_change() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = folder.run(&["serve", "--listen", &address]);
    assert_eq!(refused.code, 5, "{refused:?}");
    assert!(refused.err.contains(&address) && refused.err.contains("HUB_LISTEN"), "{}", refused.err);
}

#[test]
fn a_folder_refuses_another_database_and_says_what_to_set() {
    let folder = Folder::new();
    let url = format!("sqlite:{}", folder.beside("elsewhere.db", "").display());
    let with = |arguments: &[&str], url: &str| {
        Ended::of(folder.command(arguments).env("HUB_DATABASE_URL", url).output().unwrap())
    };
    let other = with(&FREE, "mysql://owner:secret@127.0.0.1/hub");
    assert_eq!(other.code, 2, "{other:?}");
    assert!(other.err.contains("sqlite: or postgres:") && !other.err.contains("secret"), "{}", other.err);

    let mut command = folder.command(&["serve", "--listen", "127.0.0.1:0", "--json"]);
    command.env("HUB_DATABASE_URL", &url);
    let hub = cli_support::Served::start(command);
    assert_eq!(hub.said["database"], url.as_str());
    assert_eq!(with(&["audit", "verify"], &url).code, 0);
    assert_eq!(hub.stop().0, 0);
    for arguments in [&FREE[..], &["audit", "verify"]] {
        let refused = folder.run(arguments);
        assert_eq!(refused.code, 5, "{refused:?}");
        assert!(refused.err.contains(&format!("HUB_DATABASE_URL={url}")), "{}", refused.err);
    }
}

#[test]
fn a_password_does_not_go_into_a_flag_and_is_in_no_answer() {
    let folder = Folder::new();
    let url = "postgres://owner:hunter2@127.0.0.1:1/hub";
    for flag in ["--database-url", "--database-admin-url"] {
        for command in [&FREE[..], &["worker"], &["doctor"], &["audit", "verify"]] {
            let refused = folder.run(&[command, &[flag, url]].concat());
            assert_eq!(refused.code, 2, "{refused:?}");
            assert!(refused.err.contains(flag) && refused.err.contains("HUB_DATABASE_"), "{}", refused.err);
            assert!(!refused.err.contains("hunter2"), "{}", refused.err);
        }
    }
    let mut command = folder.command(&FREE);
    let nobody = Ended::of(command.env("HUB_DATABASE_URL", url).env("HUB_LOG", "trace").output().unwrap());
    assert_eq!(nobody.code, 5, "{nobody:?}");
    assert!(!nobody.err.contains("hunter2") && !nobody.out.contains("hunter2"), "{nobody:?}");
}

#[test]
fn a_database_that_is_gone_is_not_taken_for_an_empty_one() {
    let folder = Folder::new();
    assert_eq!(folder.serve(&[]).stop().0, 0);
    std::fs::remove_file(folder.path().join("hub.db")).unwrap();
    for arguments in [&FREE[..], &["audit", "verify"]] {
        let refused = folder.run(arguments);
        assert_eq!(refused.code, 5, "{refused:?}");
        assert!(refused.err.contains("hub.db, which is not there"), "{}", refused.err);
    }
    assert!(!folder.path().join("hub.db").exists());
}

#[test]
fn a_damaged_database_is_named_by_all_who_open_it() {
    let folder = Folder::new();
    assert_eq!(folder.serve(&[]).stop().0, 0);
    std::fs::write(folder.path().join("hub.db"), [7; 8192]).unwrap();
    for arguments in [&FREE[..], &["audit", "verify"]] {
        let refused = folder.run(arguments);
        assert_eq!(refused.code, 5, "{refused:?}");
        assert_eq!(refused.err.matches("file is not a database").count(), 1, "{}", refused.err);
        assert!(refused.err.contains("hub doctor"), "{}", refused.err);
    }
    let doctor = folder.run(&["doctor"]);
    assert!(doctor.code == 1 && doctor.out.contains("bring the file back"), "{doctor:?}");
}

#[test]
fn wrong_settings_are_named() {
    let folder = Folder::new();
    let file = folder.beside("hub.toml", "[hub]\nwindow_pause_ms = 10\nplaner = \"rules\"\n");
    let refused = folder.run(&[&FREE[..], &["--config", file.to_str().unwrap()]].concat());
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("unknown field `planer`"), "{}", refused.err);

    let short = folder.command(&FREE).env("HUB_ADMIN_TOKEN", "too short").output().unwrap();
    let short = Ended::of(short);
    assert_eq!(short.code, 2, "{short:?}");
    assert!(!short.err.contains("too short") && short.err.contains("32 or more"), "{}", short.err);

    let voice = folder.run(&["worker", "--roles", "voice"]);
    assert_eq!(voice.code, 2);
    assert!(voice.err.contains("not in this version"), "{}", voice.err);
    assert_eq!(folder.run(&["fly"]).code, 2);
}

#[test]
fn a_bare_hub_is_empty_and_takes_the_admins_token_from_the_environment() {
    let folder = Folder::new();
    let mut command = folder.command(&["serve", "--listen", "127.0.0.1:0", "--json", "--bare"]);
    command.env("HUB_ADMIN_TOKEN", "0123456789abcdef0123456789abcdef!");
    let hub = cli_support::Served::start(command);
    assert!(hub.said["agent_id"].is_null() && hub.said["admin_token_file"].is_null());
    for name in ["admin.token", "owner.token"] {
        assert!(!folder.path().join(name).exists());
    }
    let admin = ["--token", "0123456789abcdef0123456789abcdef!"];
    let none = folder.run(&[&["status", "--json"], &admin[..]].concat());
    assert_eq!((none.code, none.value()["error"]["code"].as_str()), (2, Some("none")));
    let wrong = folder.run(&["status", "--json", "--token", "another-token-of-32-characters-or-more"]);
    assert_eq!(wrong.code, 4, "{wrong:?}");
}

#[test]
fn the_doctor_names_what_is_wrong_and_how_to_mend_it() {
    let folder = Folder::new();
    let missing = folder.run(&["doctor"]);
    assert_eq!(missing.code, 1, "{missing:?}");
    assert!(missing.out.contains("is not there") && missing.out.contains("hub serve"), "{}", missing.out);

    let hub = folder.serve(&[]);
    let owner = folder.path().join("owner.token");
    std::fs::set_permissions(&owner, std::fs::Permissions::from_mode(0o644)).unwrap();
    let open = folder.run(&["doctor", "--json"]);
    assert_eq!(open.code, 1);
    let found = open.value();
    let wrong: Vec<_> =
        found["checks"].as_array().unwrap().iter().filter(|check| check["state"] == "wrong").collect();
    assert_eq!(wrong.len(), 1, "{found}");
    assert_eq!(wrong[0]["name"], "owner token");
    assert_eq!(
        wrong[0]["mend"].as_str().unwrap().split(';').next(),
        Some(&*format!("chmod 600 {}", owner.display()))
    );

    std::fs::set_permissions(&owner, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&owner, "a token that no hub knows").unwrap();
    let unknown = folder.run(&["doctor"]);
    assert!(unknown.code == 1 && unknown.out.contains("does not know"), "{unknown:?}");
    std::fs::remove_file(&owner).unwrap();
    assert_eq!(hub.stop().0, 0);

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let busy = folder.run(&["doctor", "--listen", &address]);
    assert!(busy.code == 1 && busy.out.contains("taken by another program"), "{busy:?}");
    let stopped = folder.run(&["doctor", "--listen", "127.0.0.1:0"]);
    assert_eq!(stopped.code, 0, "{stopped:?}");
    assert!(stopped.out.contains("its schema is this program's"), "{}", stopped.out);
}
