//! A full disk, a second program, a newer database: a clear error, nothing lost, and service again.

use crate::world::{World, event, open, raw};
use hub_core::clock::Clock as _;
use hub_core::testkit::ManualClock;
use hub_core::vocabulary::{EventStatus, Role};
use hub_core::{Context, Hub, HubBuilder};
use serde_json::json;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// A file system of 6 MB that is gone when this is dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// Nothing where mounting is not permitted; under CI that is a failure.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=6m", "hub-core-test"])
            .arg(folder.path())
            .stderr(std::process::Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(folder));
        }
        assert!(std::env::var_os("CI").is_none(), "a small disk cannot be mounted here, and CI must test it");
        eprintln!("skipped: mounting a small disk needs root");
        None
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

/// Fills the disk to its last byte.
fn fill(file: &Path) {
    use std::io::Write as _;
    let mut file = std::fs::File::create(file).unwrap();
    for size in [65_536, 4_096, 1] {
        let part = vec![0x55; size];
        while file.write_all(&part).is_ok() {}
    }
}

#[tokio::test]
async fn a_full_disk_is_said_so_loses_nothing_and_service_resumes_when_there_is_space() {
    let Some(disk) = SmallDisk::mount() else { return };
    let (data, filler) = (disk.path().join("data"), disk.path().join("filler"));
    std::fs::create_dir(&data).unwrap();
    let clock = Arc::new(ManualClock::default());
    let (hub, _) = open(&data, &clock, |builder| builder).await;
    let admin = Context::admin();
    let agent = hub.agents().create(&admin, "home".into()).await.unwrap().agent_id;
    let space = hub.spaces().create(&admin, agent, "kitchen".to_owned()).await.unwrap().space_id;
    let anna = hub.people().create(&admin, agent, "Anna".to_owned()).await.unwrap().person_id;
    let owner = Context::operator(agent, anna, Role::Owner);
    let said =
        |id: u128| event(id, space, clock.now(), json!({ "text": "words ".repeat(200), "role": "user" }));
    let mut acknowledged = 0;
    for round in 1..=3_u128 {
        fill(&filler);
        let error = loop {
            match hub.events().append(&owner, said(acknowledged + 1)).await {
                Ok(outcomes) => {
                    assert_eq!(outcomes[0].status, EventStatus::Stored);
                    acknowledged += 1;
                    assert!(acknowledged < 10_000, "the disk never fills");
                }
                Err(error) => break error,
            }
        };
        assert_eq!((error.code(), error.is_retryable()), ("disk_full", true), "{error:?}");
        // What is there can be read, and is whole.
        assert!(hub.audit().verify(&admin).await.unwrap().holds());
        let status = hub.agents().status(&admin, agent).await.unwrap();
        assert_eq!(status.counts["events"], i64::try_from(acknowledged).unwrap());
        std::fs::remove_file(&filler).unwrap();
        let outcomes = hub.events().append(&owner, said(acknowledged + 1)).await.unwrap();
        assert_eq!(outcomes[0].status, EventStatus::Stored, "round {round}");
        acknowledged += 1;
        assert_eq!(hub.events().append(&owner, said(1)).await.unwrap()[0].status, EventStatus::Duplicate);
    }
    hub.shutdown().await;
    let report = hub_core::audit::verify_folder(&data).await.unwrap();
    assert!(report.holds(), "{:?}", report.problems);
    let mut rows = raw(&data.join("hub.db"), "SELECT count(*) FROM events", vec![]).await;
    assert_eq!(rows[0].take::<i64>(0).unwrap(), i64::try_from(acknowledged).unwrap());
}

#[tokio::test]
async fn a_second_hub_on_one_folder_is_told_who_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let first = HubBuilder::in_folder(folder.path()).holder("process 7, hub serve").open().await.unwrap();
    let error = Hub::open(folder.path()).await.unwrap_err();
    assert_eq!(error.code(), "folder_in_use");
    assert!(error.to_string().contains("process 7, hub serve"), "{error}");
    assert!(first.ready().await.is_ok());
    first.shutdown().await;
    Hub::open(folder.path()).await.unwrap().shutdown().await;
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused_and_left_as_it_is() {
    let world = World::new().await;
    world.hub.shutdown().await;
    world
        .sql(
            "INSERT INTO schema_migrations (version, name, checksum, applied_at) SELECT max(version) + 1, 'future', $1, 1 \
             FROM schema_migrations",
            vec![hub_core::store::Value::Blob(vec![0; 32])],
        )
        .await;
    let before = world.everything().await;
    let error = Hub::open(world.folder.path()).await.unwrap_err();
    assert_eq!((error.code(), error.is_retryable()), ("newer_schema", false));
    assert_eq!(world.everything().await, before);
    // The refusal does not keep the folder.
    let again = Hub::open(world.folder.path()).await.unwrap_err();
    assert_eq!(again.code(), "newer_schema");
}
