//! Recordings rest on the consent of everyone who is in them, at their beginning, at their end, and
//! whenever they are read.

use crate::world::{World, code, noise, sound, until};
use hub_core::hub::WorkerRole;
use hub_core::vocabulary::EventStatus;
use std::time::Duration;

on_both! {
    a_recording_without_consent_leaves_no_byte
    consent_that_ends_while_bytes_arrive_takes_them_away
    revoking_consent_erases_the_recording
    consent_that_expires_hides_the_recording_at_once
}

async fn a_recording_without_consent_leaves_no_byte(world: World) {
    let bytes = sound(1, 50_000);
    world.consent(world.anna, None).await;
    for (people, problem) in [
        (vec![], "person_required"),
        (vec![world.ben], "no_consent"),
        (vec![world.anna, world.ben], "no_consent"),
    ] {
        assert_eq!(code(world.hand_in(world.new_artifact(&people), &bytes).await), problem);
        assert!(!world.folder.path().join("artifacts").exists());
        assert!(!world.holds(&bytes[64..128]));
    }
    let denials = world.logged("consent.denied").await;
    assert_eq!(denials.len(), 2);
    assert_eq!(denials[0]["subject"]["type"], "artifact");
    // Called sound it is sound, before its first byte is looked at.
    let called = hub_core::artifacts::NewArtifact {
        media_type: Some("audio/pcm".to_owned()),
        ..world.new_artifact(&[])
    };
    assert_eq!(code(world.hub.artifacts().begin(&world.owner(), called).await), "person_required");
    // Called something else it is sound all the same.
    let called = hub_core::artifacts::NewArtifact {
        media_type: Some("image/png".to_owned()),
        ..world.new_artifact(&[])
    };
    assert_eq!(code(world.hand_in(called, &bytes).await), "person_required");

    let kept = world.keep(&[world.anna, world.anna], &bytes).await;
    assert_eq!((kept.media_type.as_str(), kept.person_ids), ("audio/x-wav", vec![world.anna]));
    assert_eq!(world.read(kept.artifact_id, None).await.unwrap(), bytes);
}

async fn consent_that_ends_while_bytes_arrive_takes_them_away(world: World) {
    let bytes = sound(2, 50_000);
    let consent = world.consent(world.anna, None).await;
    let begin = async || {
        let mut upload =
            world.hub.artifacts().begin(&world.owner(), world.new_artifact(&[world.anna])).await.unwrap();
        upload.write(bytes.clone().into()).await.unwrap();
        upload
    };
    let (mut seen, unseen) = (begin().await, begin().await);
    world.hub.consent().revoke(&world.owner(), consent).await.unwrap();
    assert_eq!(code(seen.check().await), "no_consent");
    seen.abort().await;
    assert_eq!(code(unseen.finish().await), "no_consent");
    assert!(world.blobs().is_empty());
    assert!(!world.holds(&bytes[64..128]));
    assert_eq!(world.logged("consent.denied").await.len(), 2);
}

async fn revoking_consent_erases_the_recording(world: World) {
    let bytes = sound(3, 50_000);
    let (of_anna, of_ben) = (world.consent(world.anna, None).await, world.consent(world.ben, None).await);
    let both = world.keep(&[world.anna, world.ben], &bytes).await.artifact_id;
    let alone = world.keep(&[world.anna], &sound(4, 50_000)).await.artifact_id;
    let photo = world.keep(&[world.ben], &noise(5, 9_000)).await.artifact_id;
    assert_eq!(world.refer(1, both).await.0, EventStatus::Stored);
    world.hub.consent().revoke(&world.owner(), of_ben).await.unwrap();
    assert_eq!(world.listed().await, [alone, photo]);
    assert!(!world.holds(&bytes[64..128]), "gone when the revocation is answered");
    let events = world.hub.events().list(&world.owner(), world.space, Default::default()).await.unwrap();
    assert!(events.items.is_empty(), "what refers to it is forgotten with it");
    world.hub.consent().revoke(&world.owner(), of_anna).await.unwrap();
    assert_eq!(world.listed().await, [photo]);
    assert_eq!(world.logged("artifact.forgotten").await.len(), 2);
    assert!(world.hub.audit().verify(&hub_core::Context::admin()).await.unwrap().holds());
}

async fn consent_that_expires_hides_the_recording_at_once(mut world: World) {
    world.consent(world.anna, Some(Duration::from_secs(60))).await;
    let bytes = sound(6, 700_000);
    let kept = world.keep(&[world.anna], &bytes).await.artifact_id;
    let mut open = world.hub.artifacts().open(&world.owner(), kept, None).await.unwrap();
    open.next().await.unwrap();
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(code(world.read(kept, None).await), "unknown_artifact");
    assert!(world.listed().await.is_empty());
    // Whoever is in the middle of it gets no more.
    assert_eq!(code(open.next().await), "unknown_artifact");
    world.restart(&[WorkerRole::Timers]).await;
    until("an erased recording", async || {
        world.clock.advance(Duration::from_millis(250));
        world.blobs().is_empty()
    })
    .await;
    assert_eq!(world.logged("artifact.forgotten").await.len(), 1);
}
