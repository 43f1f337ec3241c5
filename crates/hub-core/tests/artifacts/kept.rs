//! What is handed in is kept as it is, once, and read by its own agent alone.

use crate::world::{World, code, hand_in, noise, read, sound, until};
use hub_core::artifacts::{ByteRange, FolderBlobs, NewArtifact};
use hub_core::audit::Digest;
use hub_core::ids::{ArtifactId, DeviceId, TokenId};
use hub_core::testkit::{Fault, Step};
use hub_core::vocabulary::{EventStatus, Role, Scope};
use hub_core::{Context, HubBuilder, Principal};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

on_both! {
    bytes_come_back_whole_and_in_parts
    the_same_bytes_are_kept_once
    another_agent_reads_and_shares_nothing
    callers_are_held_to_scopes_and_spaces
    bounds_are_told
    an_event_refers_to_an_artifact_of_its_space
    hubs_on_one_database_need_one_folder
    bytes_that_changed_are_not_handed_out
    a_commit_that_fails_leaves_no_blob
}

async fn bytes_come_back_whole_and_in_parts(world: World) {
    for length in [0, 1, 8_191, 8_192, 8_193, 262_144, 1_000_003] {
        let bytes = if length < 2 { vec![b'x'; length] } else { noise(1, length) };
        let kept = world.keep(&[], &bytes).await;
        assert_eq!((kept.size, kept.digest), (length as u64, Digest::of(&bytes)));
        assert_eq!(world.read(kept.artifact_id, None).await.unwrap(), bytes, "{length}");
        assert_eq!(world.hub.artifacts().get(&world.owner(), kept.artifact_id).await.unwrap(), kept);
    }
    let bytes = noise(2, 700_000);
    let id = world.keep(&[], &bytes).await.artifact_id;
    for (range, wanted) in [
        (ByteRange::From(0, Some(0)), 0..1),
        (ByteRange::From(262_143, Some(262_144)), 262_143..262_145),
        (ByteRange::From(699_999, None), 699_999..700_000),
        (ByteRange::Last(300_000), 400_000..700_000),
    ] {
        assert_eq!(world.read(id, Some(range)).await.unwrap(), bytes[wanted], "{range:?}");
    }
    assert_eq!(code(world.read(id, Some(ByteRange::From(700_000, None))).await), "range_outside");
    assert_eq!(world.read(world.keep(&[], b"").await.artifact_id, None).await.unwrap(), b"");

    let entry = world.logged("artifact.stored").await.pop().unwrap();
    assert_eq!(entry["facts"]["size"], 0);
    assert!(entry["digests"]["content"].as_str().unwrap().starts_with("sha256:"));
    let plain = Digest::of(&bytes).to_string();
    assert!(!world.logged("artifact.stored").await.iter().any(|entry| entry.to_string().contains(&plain)));
    assert!(world.hub.audit().verify(&Context::admin()).await.unwrap().holds());
}

async fn the_same_bytes_are_kept_once(world: World) {
    let bytes = noise(3, 20_000);
    let (first, second) = (world.keep(&[], &bytes).await, world.keep(&[], &bytes).await);
    assert_ne!(first.artifact_id, second.artifact_id);
    assert_eq!(world.blobs().len(), 1);
    world.hub.artifacts().forget(&world.owner(), first.artifact_id).await.unwrap();
    assert_eq!(code(world.read(first.artifact_id, None).await), "unknown_artifact");
    assert_eq!(world.read(second.artifact_id, None).await.unwrap(), bytes);
    world.hub.artifacts().forget(&world.owner(), second.artifact_id).await.unwrap();
    assert!(world.blobs().is_empty());
}

async fn another_agent_reads_and_shares_nothing(world: World) {
    let admin = Context::admin();
    let other = world.hub.agents().create(&admin, "other".into()).await.unwrap().agent_id;
    let space = world.hub.spaces().create(&admin, other, "hall".to_owned()).await.unwrap().space_id;
    let eve = world.hub.people().create(&admin, other, "Eve".to_owned()).await.unwrap().person_id;
    let stranger = Context::operator(other, eve, Role::Owner);
    let bytes = noise(4, 20_000);
    let mine = world.keep(&[], &bytes).await;
    let hub = &world.hub;
    for answer in [
        code(hub.artifacts().get(&stranger, mine.artifact_id).await),
        code(read(hub, &stranger, mine.artifact_id, None).await),
        code(hub.artifacts().forget(&stranger, mine.artifact_id).await),
    ] {
        assert_eq!(answer, "unknown_artifact");
    }
    assert_eq!(code(hub.artifacts().list(&stranger, world.agent, Default::default()).await), "unknown_agent");
    assert_eq!(code(hand_in(hub, &stranger, world.new_artifact(&[]), &bytes).await), "unknown_space");
    // The same bytes are kept for each, so that what one forgets the other keeps.
    let theirs = hand_in(hub, &stranger, NewArtifact::new(space), &bytes).await.unwrap();
    assert_eq!(world.blobs().len(), 2);
    hub.artifacts().forget(&stranger, theirs.artifact_id).await.unwrap();
    assert_eq!(world.read(mine.artifact_id, None).await.unwrap(), bytes);
    // A reference from there finds nothing here.
    let named = NewArtifact { person_ids: vec![world.anna], ..NewArtifact::new(space) };
    assert_eq!(code(hand_in(hub, &stranger, named, b"x").await), "unknown_person");
}

async fn callers_are_held_to_scopes_and_spaces(world: World) {
    let hub = &world.hub;
    let kept = world.keep(&[], b"a shopping list").await.artifact_id;
    let device =
        |scopes: &[Scope]| Context::device(world.agent, DeviceId(Uuid::from_u128(7)), scopes.to_vec());
    let (reads, writes) = (device(&[Scope::ArtifactsRead]), device(&[Scope::ArtifactsWrite]));
    assert_eq!(read(hub, &reads, kept, None).await.unwrap(), b"a shopping list");
    assert_eq!(code(read(hub, &writes, kept, None).await), "missing_scope");
    assert_eq!(code(hand_in(hub, &reads, world.new_artifact(&[]), b"x").await), "missing_scope");
    let by_device = hand_in(hub, &writes, world.new_artifact(&[]), b"x").await.unwrap();
    assert_eq!(by_device.device_id, Some(DeviceId(Uuid::from_u128(7))));
    assert_eq!(code(hub.artifacts().forget(&writes, kept).await), "missing_scope");
    assert_eq!(code(hub.artifacts().get(&Context::admin(), kept).await), "not_allowed");
    let elsewhere = Context::new(Principal::Delegate {
        agent_id: world.agent,
        token_id: TokenId(Uuid::from_u128(8)),
        scopes: Scope::ALL.to_vec(),
        spaces: vec![],
        expires_at: hub_core::clock::Timestamp(i64::MAX),
    });
    assert_eq!(code(read(hub, &elsewhere, kept, None).await), "unknown_artifact");
    assert!(
        hub.artifacts().list(&elsewhere, world.agent, Default::default()).await.unwrap().items.is_empty()
    );
    assert_eq!(world.listed().await.len(), 2);
}

async fn bounds_are_told(world: World) {
    let folder = tempfile::tempdir().unwrap();
    let settings = hub_core::Settings {
        artifact_bytes: 20_000,
        artifacts_agent_bytes: 30_000,
        artifact_uploads: 1,
        ..Default::default()
    };
    let hub = HubBuilder::in_folder(folder.path())
        .executor(world.executor().await)
        .artifacts(Arc::new(FolderBlobs::new(&world.folder.path().join("artifacts"))))
        .settings(settings)
        .workers(vec![])
        .open()
        .await
        .unwrap();
    let owner = world.owner();
    let new = || world.new_artifact(&[]);
    let problem = hand_in(&hub, &owner, new(), &noise(5, 20_001)).await.unwrap_err();
    assert_eq!((problem.code(), problem.limit_text()), ("artifact_too_large", Some("20000 bytes")));
    world.empties().await;
    hand_in(&hub, &owner, new(), &noise(5, 20_000)).await.unwrap();
    let problem = hand_in(&hub, &owner, new(), &noise(6, 10_001)).await.unwrap_err();
    assert_eq!((problem.code(), problem.limit_text()), ("artifacts_full", Some("30000 bytes")));
    let one = hub.artifacts().begin(&owner, new()).await.unwrap();
    assert_eq!(code(hub.artifacts().begin(&owner, new()).await), "too_many_uploads");
    one.abort().await;
    hub.artifacts().begin(&owner, new()).await.unwrap().abort().await;
    assert_eq!(world.blobs().len(), 1);
    let many = NewArtifact {
        person_ids: (0..65).map(|n| hub_core::ids::PersonId(Uuid::from_u128(n))).collect(),
        ..new()
    };
    assert_eq!(code(hub.artifacts().begin(&owner, many).await), "too_many_people");
    hub.shutdown().await;
}

async fn an_event_refers_to_an_artifact_of_its_space(world: World) {
    let kept = world.keep(&[], b"a map").await.artifact_id;
    assert_eq!(world.refer(1, kept).await.0, EventStatus::Stored);
    let (status, problem) = world.refer(2, ArtifactId(Uuid::from_u128(99))).await;
    assert_eq!((status, problem.unwrap().code()), (EventStatus::Refused, "unknown_artifact"));
    let hall = world.hub.spaces().create(&Context::admin(), world.agent, "hall".to_owned()).await.unwrap();
    let there = world.hand_in(NewArtifact::new(hall.space_id), b"a map").await.unwrap();
    assert_eq!(world.refer(3, there.artifact_id).await.1.unwrap().code(), "unknown_artifact");
}

async fn hubs_on_one_database_need_one_folder(world: World) {
    let kept = world.keep(&[], b"a map").await.artifact_id;
    let open = async |artifacts: &std::path::Path| {
        let folder = tempfile::tempdir().unwrap();
        let builder = HubBuilder::in_folder(folder.path())
            .executor(world.executor().await)
            .artifacts(Arc::new(FolderBlobs::new(artifacts)))
            .workers(vec![]);
        (builder.open().await.unwrap(), folder)
    };
    let owner = world.owner();
    let (shares, _folder) = open(&world.folder.path().join("artifacts")).await;
    assert_eq!(read(&shares, &owner, kept, None).await.unwrap(), b"a map");
    let elsewhere = tempfile::tempdir().unwrap();
    let (alone, _folder) = open(elsewhere.path()).await;
    assert_eq!(code(read(&alone, &owner, kept, None).await), "artifacts_elsewhere");
    assert_eq!(code(hand_in(&alone, &owner, world.new_artifact(&[]), b"y").await), "artifacts_elsewhere");
    shares.shutdown().await;
    alone.shutdown().await;
}

async fn bytes_that_changed_are_not_handed_out(world: World) {
    let bytes = noise(7, 600_000);
    let kept = world.keep(&[], &bytes).await.artifact_id;
    let blob = world.blobs().remove(0);
    let mut changed = bytes.clone();
    changed[599_999] ^= 1;
    std::fs::write(&blob, &changed).unwrap();
    let mut download = world.hub.artifacts().open(&world.owner(), kept, None).await.unwrap();
    let mut handed_out = 0;
    let problem = loop {
        match download.next().await {
            Ok(piece) => handed_out += piece.unwrap().len(),
            Err(error) => break error,
        }
    };
    assert_eq!(problem.code(), "blob_corrupt");
    assert!(handed_out < bytes.len(), "its last bytes were kept back");
    std::fs::write(&blob, &changed[..599_999]).unwrap();
    assert_eq!(code(world.read(kept, None).await), "blob_corrupt");
    std::fs::remove_file(&blob).unwrap();
    assert_eq!(code(world.read(kept, None).await), "blob_missing");
    // Handed in again, the bytes are there again.
    world.keep(&[], &bytes).await;
    assert_eq!(world.read(kept, None).await.unwrap(), bytes);
}

async fn a_commit_that_fails_leaves_no_blob(world: World) {
    world.consent(world.anna, None).await;
    world.keep(&[], b"the first settles where blobs lie").await;
    let before = world.blobs();
    world.database.at(Step::Commit, 1, Fault::Fail);
    let bytes = sound(8, 30_000);
    let answer = world.hand_in(world.new_artifact(&[world.anna]), &bytes).await;
    assert_eq!(answer.unwrap_err().kind(), hub_core::vocabulary::ErrorKind::Unavailable);
    until("no blob", async || world.blobs() == before).await;
    assert!(!world.holds(&bytes[100..200]));
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.listed().await.len(), 1);

    // A commit that happened, though nobody was told, has its blob.
    world.database.at(Step::Commit, 1, Fault::Lose);
    world.hand_in(world.new_artifact(&[world.anna]), &bytes).await.unwrap_err();
    let listed = world.listed().await;
    assert_eq!(world.read(listed[1], None).await.unwrap(), bytes);
}
