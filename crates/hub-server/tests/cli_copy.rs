//! `hub copy` with the real program.

#![cfg(all(unix, feature = "postgres"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cli_support;

use cli_support::fresh::Fresh;
use cli_support::{Ended, Folder, PATIENCE, Served};
use hub_core::clock::Timestamp;
use hub_core::events::NewEvent;
use hub_core::ids::EventId;
use hub_core::store::{Executor, Intent, PostgresExecutor, Reach, SqliteExecutor, Statement};
use hub_core::vocabulary::Role;
use hub_core::{Context, HubBuilder};
use serde_json::{Value, json};
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use std::future::Future;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use uuid::Uuid;

fn wait_for<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(work)
}

/// `hub copy` without what the machine's environment says about hubs.
fn command(from: &str, to: &str, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hub"));
    command.args(["copy", "--json"]).args(more).env_clear().env("HUB_COPY_FROM", from).env("HUB_COPY_TO", to);
    command.stdin(Stdio::null());
    command
}

fn copy(from: &str, to: &str, more: &[&str]) -> Ended {
    Ended::of(command(from, to, more).output().unwrap())
}

fn copied(from: &str, to: &str, more: &[&str]) -> Value {
    let ended = copy(from, to, more);
    assert_eq!(ended.code, 0, "{ended:?}");
    let value = ended.value();
    assert_eq!(value["holds"], true, "{value}");
    value
}

/// A line of talk as the meetings are, or one of the meetings themselves, where they are.
fn meeting() -> String {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let data = std::env::var_os("HUB_TEST_DATA").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let file = data.join("meetings/qmsum-product-val.jsonl");
    if let Ok(text) = std::fs::read_to_string(&file) {
        return text.lines().next().unwrap().to_owned();
    }
    let said = format!("not run on the meetings: {} is not here (HUB_TEST_DATA)", file.display());
    let _told = writeln!(std::io::stderr(), "{said}");
    let turns: Vec<Value> = (0..40)
        .map(|turn| json!({"speaker": (["Ann", "Bob"][turn % 2]), "content": format!("Item {turn} costs {} euros", turn * 7)}))
        .collect();
    json!({ "meeting_transcripts": turns }).to_string()
}

#[test]
fn a_replayed_meeting_goes_to_postgresql_and_back() {
    let Some(there) = wait_for(Fresh::make()) else { return };
    let folder = Folder::new();
    let hub = folder.serve(&[]);
    let file = folder.beside("talk.jsonl", &meeting());
    folder.json(&["replay", file.to_str().unwrap()]);
    let answer = folder.json(&["recall", "what does it cost", "-k", "5"]);
    let here = folder.path().display().to_string();
    assert_eq!(copy(&here, &there.url(), &[]).value()["error"]["code"], "folder_in_use");
    assert_eq!(hub.stop().0, 0);

    let first = copied(&here, &there.url(), &[]);
    assert_eq!(first["found"], 0);
    assert_eq!(first["written"], first["rows"]);
    assert!(first["recall"][0]["asked"].as_u64() >= Some(20), "{first}");
    assert!(!first.to_string().contains("hub:"), "no password is shown: {}", first["to"]);
    assert_eq!(copy(&here, &there.url(), &[]).value()["error"]["code"], "destination_in_use");

    let back = folder.path().with_file_name("back");
    let second = copied(&there.url(), back.to_str().unwrap(), &[]);
    assert_eq!(second["rows"], first["rows"]);
    assert_eq!(second["heads"], first["heads"]);
    let compared = copied(&here, back.to_str().unwrap(), &["--verify", "--seed", "9"]);
    assert_eq!((&compared["written"], &compared["rows"]), (&Value::Null, &first["rows"]));

    // The folder goes on with the copy, and answers the same.
    for name in ["hub.db", "hub.db-wal", "hub.db-shm"] {
        let _absent = std::fs::remove_file(folder.path().join(name));
        let _absent = std::fs::rename(back.join(name), folder.path().join(name));
    }
    let hub = folder.serve(&[]);
    assert_eq!(folder.json(&["recall", "what does it cost", "-k", "5"]), answer);
    assert_eq!(folder.json(&["audit", "verify"])["holds"], true);
    drop(hub);
}

#[test]
fn the_folder_belongs_to_the_new_database_when_it_is_told() {
    let Some(there) = wait_for(Fresh::make()) else { return };
    let folder = Folder::new();
    let hub = folder.serve(&[]);
    folder.json(&["say", "I keep marmots in the garden"]);
    assert_eq!(hub.stop().0, 0);
    let (here, data) = (folder.path().display().to_string(), folder.path());
    let remembered = || std::fs::read_to_string(data.join("database")).unwrap();
    copied(&here, &there.url(), &[]);
    assert_eq!(remembered(), "sqlite:hub.db\n");
    let stranger = folder.path().with_file_name("stranger");
    let refused = copy(&here, &there.url(), &["--verify", "--switch", "--data", stranger.to_str().unwrap()]);
    assert_eq!((refused.code, refused.value()["error"]["code"].as_str()), (2, Some("other_database")));
    copied(&here, &there.url(), &["--verify", "--switch", "--data", &here]);
    assert!(remembered().starts_with("postgres://") && !remembered().contains("@@"), "{}", remembered());
    assert_eq!(
        folder.run(&["serve", "--listen", "127.0.0.1:0"]).code,
        5,
        "the old one is refused from now on"
    );
    let mut serve = folder.command(&["serve", "--listen", "127.0.0.1:0", "--json"]);
    serve.env("HUB_DATABASE_URL", there.url());
    let hub = Served::start(serve);
    assert!(folder.json(&["recall", "marmots"]).to_string().contains("in the garden"));
    folder.json(&["say", "The hub on PostgreSQL hears this"]);
    assert_eq!(
        copy(&there.url(), stranger.to_str().unwrap(), &[]).value()["error"]["code"],
        "database_in_use"
    );
    assert_eq!(hub.stop().0, 0);

    // What the folder leaves behind differs once something was changed.
    wait_for(async {
        let there = PostgresExecutor::open(&there.url()).await.unwrap();
        let mut tx = there.begin(Intent::Migrate, &Reach::nobody()).await.unwrap();
        tx.query(&Statement::new("UPDATE people SET name = 'Eve'"), vec![]).await.unwrap();
        tx.commit().await.unwrap();
        there.shutdown().await;
    });
    let differs = copy(&format!("sqlite:{here}/hub.db"), &there.url(), &["--verify"]);
    assert_eq!((differs.code, &differs.value()["holds"]), (1, &Value::Bool(false)));
}

/// A hub with so many events that a copy takes a while.
async fn much(folder: &Path) {
    let hub = HubBuilder::in_folder(folder).workers(vec![]).open().await.unwrap();
    let admin = Context::admin();
    let agent = hub.agents().create(&admin, "home".into()).await.unwrap().agent_id;
    let space = hub.spaces().create(&admin, agent, "kitchen".to_owned()).await.unwrap().space_id;
    let person = hub.people().create(&admin, agent, "Anna".to_owned()).await.unwrap().person_id;
    let owner = Context::operator(agent, person, Role::Owner);
    for batch in 0..15_u32 {
        let events: Vec<NewEvent> = (0..1_000_u32)
            .map(|number| NewEvent {
                event_id: EventId(Uuid::from_u128(u128::from(batch * 1_000 + number))),
                space_id: space,
                event_type: "transcript_chunk".to_owned(),
                occurred_at: Timestamp(1_790_000_000_000_000 + i64::from(number)),
                person_id: None,
                payload: json!({"text": format!("Line {number} of part {batch}"), "role": "user"})
                    .as_object()
                    .unwrap()
                    .clone(),
            })
            .collect();
        let outcomes = hub.events().append(&owner, events).await.unwrap();
        assert_eq!(outcomes.len(), 1_000);
    }
    hub.shutdown().await;
}

/// Kills a copy three times, each time when `size` has grown by `step`, and lets the fourth one end.
async fn killed(from: &str, to: &str, step: u64, settled: impl AsyncFn(), size: impl AsyncFn() -> u64) {
    for _ in 0..3 {
        settled().await;
        let before = size().await;
        let mut child = command(from, to, &[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let begun = Instant::now();
        while size().await < before + step {
            assert!(begun.elapsed() < PATIENCE, "it did not come so far in time");
            if child.try_wait().unwrap().is_some() {
                panic!("it ended by itself: {:?}", Ended::of(child.wait_with_output().unwrap()));
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let last = copied(from, to, &[]);
    let rows = |name: &str| last[name].as_u64().unwrap();
    assert!(rows("found") > 1_000 && rows("written") > 0, "{last}");
    assert_eq!(rows("found") + rows("written"), rows("rows"));
}

/// Bytes that were written to a file since it was last looked at by [`settled`].
fn written(file: &Path) -> u64 {
    std::fs::metadata(file.with_extension("db-wal")).map_or(0, |found| found.len())
}

/// Moves what a killed program left in the write-ahead log into the file.
async fn settled(file: &Path) {
    if file.exists() {
        SqliteExecutor::open_existing(file).await.unwrap().shutdown().await;
    }
}

/// Entries of the log that are there, if there is a log; asked by a connection that is no hub's.
async fn entries(url: &str) -> u64 {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let rows = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM audit_entries").fetch_one(&mut connection);
    let rows = rows.await.unwrap_or(0);
    connection.close().await.unwrap();
    u64::try_from(rows).unwrap()
}

#[test]
fn a_copy_that_is_killed_ends_when_it_is_given_again() {
    let folder = tempfile::tempdir().unwrap();
    wait_for(async {
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        much(&from).await;
        let (from, file) = (from.display().to_string(), to.join("hub.db"));
        let settle = async || settled(&file).await;
        killed(&from, &to.display().to_string(), 500_000, settle, async || written(&file)).await;
        if let Some(there) = Fresh::make().await {
            let url = there.url();
            killed(&from, &url, 3_000, async || (), async || entries(&url).await).await;
        }
    });
}

#[test]
fn an_unfinished_copy_is_no_database_of_a_hub() {
    let folder = Folder::new();
    wait_for(async {
        std::fs::create_dir(folder.path()).unwrap();
        let file = SqliteExecutor::open(&folder.path().join("hub.db")).await.unwrap();
        hub_core::store::migrate::migrate(&file, hub_core::store::migrate::SQLITE, Timestamp(1))
            .await
            .unwrap();
        let mut tx = file.begin(Intent::Write, &Reach::nobody()).await.unwrap();
        tx.script("INSERT INTO schema_migrations VALUES (0, 'copy', zeroblob(32), 1)").await.unwrap();
        tx.commit().await.unwrap();
        file.shutdown().await;
    });
    let refused = folder.run(&["serve", "--listen", "127.0.0.1:0", "--json"]);
    assert_eq!((refused.code, refused.value()["error"]["code"].as_str()), (5, Some("unfinished_copy")));
    let doctor = folder.run(&["doctor"]);
    assert!(doctor.out.contains("has not ended"), "{}", doctor.out);
}

#[test]
fn what_cannot_be_copied_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let code = |ended: Ended| (ended.code, ended.value()["error"]["code"].as_str().unwrap().to_owned());
    let expect = |code: i32, name: &str| (code, name.to_owned());
    let absent = format!("sqlite:{}", path("absent.db"));
    assert_eq!(code(copy(&absent, &path("to"), &[])), expect(5, "no_database"));
    assert_eq!(code(copy(&absent, "mysql://h/d", &[])), expect(5, "no_database"));
    std::fs::write(folder.path().join("words.db"), "some words that are no database at all, for sure")
        .unwrap();
    let words = format!("sqlite:{}", path("words.db"));
    assert_eq!(code(copy(&words, &words, &[])), expect(2, "same_database"));
    assert_eq!(code(copy(&words, "mysql://h/d", &[])), expect(2, "database_url"));
    assert_eq!(code(copy(&words, &path("to"), &[])), expect(5, "store_unavailable"));
    let unreachable = copy("postgres://hub:hunter2@127.0.0.1:1/d", &path("to"), &[]);
    assert!(!format!("{unreachable:?}").contains("hunter2"));
    assert_eq!(code(unreachable), expect(5, "store_unavailable"));
}
