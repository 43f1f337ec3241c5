//! What is private, and what was cut, leaves no byte.

use crate::world::{World, code, files, noise};
use hub_core::artifacts::NewArtifact;
use hub_core::clock::Clock as _;
use hub_core::testkit::{Fault, Gate, Step};
use std::time::Duration;

on_both! {
    an_upload_that_begins_in_privacy_leaves_no_byte
    privacy_that_comes_while_bytes_arrive_takes_them_away
    privacy_that_came_and_went_is_not_missed
    privacy_that_comes_before_the_commit_wins
    what_was_made_in_privacy_is_not_handed_in_later
    an_upload_that_is_cut_leaves_no_byte
}

async fn an_upload_that_begins_in_privacy_leaves_no_byte(world: World) {
    world.privacy(true).await;
    let bytes = noise(1, 50_000);
    assert_eq!(code(world.hand_in(world.new_artifact(&[]), &bytes).await), "space_private");
    // Not even the folder was made.
    assert!(!world.folder.path().join("artifacts").exists());
    assert!(!world.holds(&bytes[..64]));
    assert!(world.listed().await.is_empty());
}

async fn privacy_that_comes_while_bytes_arrive_takes_them_away(world: World) {
    let bytes = noise(2, 400_000);
    let mut upload = world.hub.artifacts().begin(&world.owner(), world.new_artifact(&[])).await.unwrap();
    upload.write(bytes[..200_000].to_vec().into()).await.unwrap();
    assert_eq!(world.blobs().len(), 1, "bytes lie where they are on their way in");
    world.privacy(true).await;
    // Within a second it is looked again, whether bytes come or not.
    world.clock.advance(Duration::from_secs(1));
    let problem = upload.write(bytes[200_000..].to_vec().into()).await.unwrap_err();
    assert_eq!(problem.code(), "space_private");
    upload.abort().await;
    assert!(world.blobs().is_empty());
    assert!(!world.holds(&bytes[..64]));

    world.privacy(false).await;
    world.clock.advance(Duration::from_secs(1));
    let mut silent = world.hub.artifacts().begin(&world.owner(), world.new_artifact(&[])).await.unwrap();
    silent.write(bytes.clone().into()).await.unwrap();
    world.privacy(true).await;
    assert_eq!(code(silent.check().await), "space_private");
    drop(silent);
    world.empties().await;
}

async fn privacy_that_came_and_went_is_not_missed(world: World) {
    let bytes = noise(3, 50_000);
    let mut upload = world.hub.artifacts().begin(&world.owner(), world.new_artifact(&[])).await.unwrap();
    upload.write(bytes.clone().into()).await.unwrap();
    world.clock.advance(Duration::from_millis(100));
    world.privacy(true).await;
    world.clock.advance(Duration::from_millis(100));
    world.privacy(false).await;
    world.clock.advance(Duration::from_millis(100));
    assert_eq!(code(upload.finish().await), "space_private");
    world.empties().await;
    assert!(!world.holds(&bytes[..64]));
}

async fn privacy_that_comes_before_the_commit_wins(world: World) {
    let bytes = noise(4, 50_000);
    let mut upload = world.hub.artifacts().begin(&world.owner(), world.new_artifact(&[])).await.unwrap();
    upload.write(bytes.clone().into()).await.unwrap();
    world.privacy(true).await;
    assert_eq!(code(upload.finish().await), "space_private");
    assert!(world.blobs().is_empty(), "gone when it is answered");

    // The flip stands in the same commit, before the artifact.
    world.privacy(false).await;
    world.clock.advance(Duration::from_secs(1));
    let mut upload = world.hub.artifacts().begin(&world.owner(), world.new_artifact(&[])).await.unwrap();
    upload.write(bytes.clone().into()).await.unwrap();
    let gate = Gate::default();
    world.database.at(Step::Commit, 1, Fault::Hold(gate.clone()));
    let (hub, agent) = (world.hub.clone(), world.agent);
    let busy = tokio::spawn(async move {
        hub.people().create(&hub_core::Context::admin(), agent, "Filler".to_owned()).await.unwrap();
    });
    gate.reached().await;
    let (flip, answer) = tokio::join!(world.privacy(true), async {
        let finishing = upload.finish();
        tokio::pin!(finishing);
        tokio::select! {
            answer = &mut finishing => answer,
            () = async {
                tokio::time::sleep(Duration::from_millis(200)).await;
                gate.open();
                std::future::pending::<()>().await;
            } => unreachable!(),
        }
    });
    busy.await.unwrap();
    let () = flip;
    assert_eq!(code(answer), "space_private");
    assert!(world.blobs().is_empty());
    assert!(world.listed().await.is_empty());
}

async fn what_was_made_in_privacy_is_not_handed_in_later(world: World) {
    world.privacy(true).await;
    world.clock.advance(Duration::from_secs(60));
    let inside = world.clock.now().before(Duration::from_secs(30));
    world.privacy(false).await;
    world.clock.advance(Duration::from_secs(600));
    let made = |occurred_at, ended_at| NewArtifact {
        occurred_at: Some(occurred_at),
        ended_at: Some(ended_at),
        ..world.new_artifact(&[])
    };
    let hour = Duration::from_secs(3_600);
    assert_eq!(code(world.hand_in(made(inside, inside), b"spooled").await), "space_private");
    assert_eq!(
        code(world.hand_in(made(inside.before(hour), world.clock.now()), b"spooled").await),
        "space_private"
    );
    let before = inside.before(hour);
    assert_eq!(world.hand_in(made(before, before), b"spooled").await.unwrap().occurred_at, before);
    let unsure = NewArtifact { sent_at: Some(world.clock.now().before(hour)), ..made(before, before) };
    assert_eq!(code(world.hand_in(unsure, b"spooled").await), "space_private");
    assert_eq!(world.blobs().len(), 1);
}

async fn an_upload_that_is_cut_leaves_no_byte(world: World) {
    for length in [0, 100, 9_000, 500_000] {
        let bytes = noise(5, length + 2);
        let mut upload = world.hub.artifacts().begin(&world.owner(), world.new_artifact(&[])).await.unwrap();
        upload.write(bytes.clone().into()).await.unwrap();
        drop(upload);
        world.empties().await;
        if length > 0 {
            assert!(!world.holds(&bytes[..64]));
        }
    }
    let left = files(&world.folder.path().join("artifacts"));
    assert!(left.iter().all(|file| file.ends_with("home")), "{left:?}");
    assert!(world.logged("artifact.stored").await.is_empty());
}
