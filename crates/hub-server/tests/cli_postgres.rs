//! The program on a PostgreSQL database: several processes on one, each with a folder of its own.

#![cfg(all(unix, feature = "postgres"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cli_support;

use cli_support::{Ended, Folder, Served};
use serde_json::Value;

const SAID: &str = "remind me to water the plants tomorrow at 9";

/// The password in the URL of a database.
fn password(folder: &Folder) -> String {
    let url = reqwest::Url::parse(&folder.database_url().unwrap()).unwrap();
    url.password().expect("the test server has a password").to_owned()
}

/// What is in the small files of a folder.
fn files(folder: &Folder) -> String {
    let entries = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

fn agents(hub: &Served, token: &str) -> Vec<Value> {
    let asked = async {
        let answer = cli_support::http().get(format!("{}/v1/agents", hub.url())).bearer_auth(token);
        answer.send().await.unwrap().text().await.unwrap()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let page: Value = serde_json::from_str(&runtime.block_on(asked)).unwrap();
    page["items"].as_array().unwrap().clone()
}

#[test]
fn of_hubs_that_start_at_once_on_an_empty_database_one_makes_the_home() {
    let Some(first) = Folder::on_postgresql() else { return };
    let folders = [first.beside_it(), first.beside_it(), first];
    let hubs: Vec<Served> = std::thread::scope(|scope| {
        let started = folders.each_ref().map(|folder| scope.spawn(|| folder.serve(&["--no-workers"])));
        started.map(|start| start.join().unwrap()).into_iter().collect()
    });
    let made: Vec<bool> = hubs.iter().map(|hub| hub.said["made"].as_bool().unwrap()).collect();
    assert_eq!(made.iter().filter(|made| **made).count(), 1, "{made:?}");
    for (folder, hub) in folders.iter().zip(&hubs) {
        let admin = std::fs::read_to_string(folder.path().join("admin.token")).unwrap();
        assert_eq!(agents(hub, admin.trim()).len(), 1);
        let stranger = hub.said["made"] == false;
        assert_eq!(hub.said["strangers"], stranger);
        assert_eq!(folder.path().join("owner.token").exists(), !stranger);
        assert!(!folder.path().join("making").exists());
        assert_eq!(folder.run(&["status"]).code, if stranger { 5 } else { 0 });
    }
    drop(hubs);
    // A folder that made nothing takes nothing for its own at the next start either.
    let stranger = &folders[made.iter().position(|made| !made).unwrap()];
    let again = Ended::of(Served::output_of(stranger.command(&["serve", "--listen", "127.0.0.1:0"])));
    assert!(again.out.contains("this folder holds no token of theirs"), "{again:?}");
}

#[test]
fn an_interrupted_first_start_is_completed_by_the_same_folder_alone() {
    let Some(folder) = Folder::on_postgresql() else { return };
    let hub = folder.serve(&["--no-workers"]);
    let agent = hub.said["agent_id"].clone();
    assert_eq!(hub.stop().0, 0);
    // As after a kill between the agent's commit and the files of the folder.
    for name in ["client.json", "owner.token"] {
        std::fs::remove_file(folder.path().join(name)).unwrap();
    }
    std::fs::write(folder.path().join("making"), "the first agent\n").unwrap();
    let other = folder.beside_it();
    assert_eq!(other.serve(&["--no-workers"]).said["strangers"], true);
    let hub = folder.serve(&[]);
    assert_eq!((&hub.said["agent_id"], &hub.said["strangers"]), (&agent, &false.into()));
    assert_eq!(folder.json(&["say", "hello"])["status"], "stored");
}

#[test]
fn hub_and_workers_run_apart_and_each_folder_verifies_the_log() {
    let Some(folder) = Folder::on_postgresql() else { return };
    let hub = folder.serve(&["--no-workers"]);
    let (planner, doer) = (folder.beside_it(), folder.beside_it());
    let work =
        |folder: &Folder, roles: &str| Served::start(folder.command(&["worker", "--roles", roles, "--json"]));
    let workers = [work(&planner, "plan,index"), work(&doer, "tools,timers")];
    assert_eq!(workers[0].said["roles"], serde_json::json!(["plan", "index"]));

    let said = folder.json(&["say", SAID]);
    assert_eq!((&said["drained"], &said["actions"][0]["tool"]), (&true.into(), &"reminder.set".into()));
    let id = said["actions"][0]["action_id"].as_str().unwrap();
    let done = folder.run(&["approve", id, "--yes"]);
    assert!(done.code == 0 && done.out.contains("done"), "{done:?}");
    assert_eq!(folder.json(&["recall", "plants"])["memories"][0]["content"], SAID);

    let mut entries = Vec::new();
    for folder in [&folder, &planner, &doer] {
        let verified = folder.json(&["audit", "verify"]);
        assert_eq!(verified["holds"], true);
        entries.push(verified["entries"].clone());
    }
    assert_eq!(entries, vec![folder.json(&["status"])["audit"]["size"].clone(); 3]);
    for worker in workers {
        assert_eq!(worker.stop().0, 0);
    }
    // Their folders noted how far the log had come; what the hub adds alone makes it longer only.
    assert_eq!(folder.json(&["say", "--no-wait", "good night"])["status"], "stored");
    assert_eq!(hub.stop().0, 0);
    for folder in [&folder, &planner, &doer] {
        assert!(folder.path().join("audit-heads.json").exists());
        assert_eq!(folder.json(&["audit", "verify"])["holds"], true);
    }
}

#[test]
fn a_folder_remembers_its_database_without_the_password_and_refuses_another() {
    let Some(folder) = Folder::on_postgresql() else { return };
    let hub = folder.serve(&[]);
    let password = password(&folder);
    let told = hub.said["database"].as_str().unwrap().to_owned();
    assert!(told.starts_with("postgres://"), "{told}");
    assert_eq!(hub.stop().0, 0);
    assert!(files(&folder).contains(&told) && !files(&folder).contains(&password));

    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["worker"], &["audit", "verify"]] {
        let refused = folder.command(command).env_remove("HUB_DATABASE_URL").output().unwrap();
        let refused = Ended::of(refused);
        assert_eq!(refused.code, 5, "{refused:?}");
        assert!(refused.err.contains(&format!("set HUB_DATABASE_URL={told}")), "{}", refused.err);
    }
    assert!(!folder.path().join("hub.db").exists(), "an empty database was taken for the real one");
}

#[test]
fn the_doctor_shows_each_check_of_the_database_with_its_remedy() {
    let Some(folder) = Folder::on_postgresql() else { return };
    let empty = folder.run(&["audit", "verify", "--json"]);
    assert_eq!((empty.code, empty.value()["error"]["code"].as_str()), (5, Some("no_database")));
    let hub = folder.serve(&[]);
    let well = folder.json(&["doctor"]);
    let names: Vec<_> =
        well["checks"].as_array().unwrap().iter().map(|check| check["name"].clone()).collect();
    for name in ["database", "database encoding", "database sessions", "database durability", "database wall"]
    {
        assert!(names.contains(&name.into()), "{name} is not in {names:?}");
    }
    assert_eq!(hub.stop().0, 0);

    folder.in_database(
        "ALTER TABLE audit_heads RENAME TO heads; ALTER TABLE schema_migrations RENAME TO steps",
    );
    let doctor = folder.run(&["doctor"]);
    let (found, mend) = ("(foreign_database)", "make a database for the hub alone");
    assert!(doctor.code == 1 && doctor.out.contains(found) && doctor.out.contains(mend), "{doctor:?}");
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["worker"]] {
        let refused = folder.run(command);
        assert_eq!(refused.code, 5, "{refused:?}");
        assert!(refused.err.contains("another program") && refused.err.contains(mend), "{}", refused.err);
    }
}

#[test]
fn migrations_may_run_as_an_owner_of_whom_the_hub_knows_only_then() {
    let Some(folder) = Folder::on_postgresql() else { return };
    let (owner, login) = (folder.database_url().unwrap(), folder.login_url());
    let command = |owner: Option<&str>| {
        let mut command = folder.command(&["serve", "--listen", "127.0.0.1:0", "--json"]);
        command.env("HUB_DATABASE_URL", &login).envs(owner.map(|url| ("HUB_DATABASE_ADMIN_URL", url)));
        command
    };
    let alone = Ended::of(command(None).output().unwrap());
    assert_eq!((alone.code, alone.value()["error"]["code"].as_str()), (5, Some("store_rights")), "{alone:?}");
    let next = alone.value()["error"]["next"].as_str().unwrap().to_owned();
    assert!(next.contains("HUB_DATABASE_ADMIN_URL"), "{next}");
    for owner in [Some(owner.as_str()), None] {
        let hub = Served::start(command(owner));
        assert!(hub.said["database"].as_str().unwrap().contains("_login@"), "{}", hub.said);
        let said = Ended::of(folder.command(&["say", "hello", "--json"]).output().unwrap());
        assert_eq!(said.value()["drained"], true);
        assert_eq!(hub.stop().0, 0);
    }
}

/// What PostgreSQL answers when its disk is full, as a trigger says it.
#[test]
fn a_full_disk_is_named_in_the_answer_and_service_resumes() {
    let Some(folder) = Folder::on_postgresql() else { return };
    let _hub = folder.serve(&[]);
    folder.in_database(
        "CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         RAISE EXCEPTION USING ERRCODE = '53100', MESSAGE = 'could not extend file: No space left on device'; END $$; \
         CREATE TRIGGER is_full BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION is_full()",
    );
    let refused = folder.run(&["say", "--no-wait", "hello", "--json"]);
    let error = &refused.value()["error"];
    assert_eq!(
        (refused.code, error["code"].as_str(), &error["retryable"]),
        (3, Some("disk_full"), &true.into())
    );
    assert!(!error["detail"].as_str().unwrap().contains("extend file"), "{error}");
    folder.in_database("DROP TRIGGER is_full ON events");
    assert_eq!(folder.json(&["say", "hello"])["status"], "stored");
}

#[test]
fn no_log_of_any_level_holds_the_password() {
    let Some(folder) = Folder::on_postgresql() else { return };
    let log = folder.beside("log", "");
    let mut command = folder.command(&["serve", "--listen", "127.0.0.1:0", "--json", "--log-level", "trace"]);
    let hub = Served::logging_to(&mut command, std::fs::File::create(&log).unwrap());
    assert_eq!(folder.json(&["say", "hello"])["status"], "stored");
    assert_eq!(hub.stop().0, 0);
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.len() > 500 && !log.contains(&password(&folder)));
}
