//! An artifact is forgotten with what refers to it, and with what it belongs to.

use crate::world::{World, code, noise};
use hub_core::Context;
use hub_core::ids::EventId;
use hub_core::vocabulary::EventStatus;
use uuid::Uuid;

on_both! {
    forgetting_an_artifact_forgets_what_refers_to_it
    forgetting_the_last_event_that_refers_to_it_forgets_the_artifact
    whatever_it_belongs_to_takes_it_along
}

async fn forgetting_an_artifact_forgets_what_refers_to_it(world: World) {
    let bytes = noise(1, 30_000);
    let kept = world.keep(&[], &bytes).await.artifact_id;
    for event in [1, 2] {
        assert_eq!(world.refer(event, kept).await.0, EventStatus::Stored);
    }
    assert!(world.holds(b"a picture of the garden") || cfg!(feature = "postgres"));
    world.hub.artifacts().forget(&world.owner(), kept).await.unwrap();
    assert!(!world.holds(&bytes[..64]));
    assert_eq!(code(world.hub.artifacts().get(&world.owner(), kept).await), "unknown_artifact");
    assert_eq!(code(world.hub.artifacts().forget(&world.owner(), kept).await), "unknown_artifact");
    let events = world.hub.events().list(&world.owner(), world.space, Default::default()).await.unwrap();
    assert!(events.items.is_empty());
    assert_eq!(world.logged("event.forgotten").await.len(), 2);
    assert_eq!(world.logged("artifact.forgotten").await.len(), 1);
    // The ids of the events stay known.
    assert_eq!(world.refer(1, kept).await.0, EventStatus::Duplicate);
    assert!(world.hub.audit().verify(&Context::admin()).await.unwrap().holds());
}

async fn forgetting_the_last_event_that_refers_to_it_forgets_the_artifact(world: World) {
    let kept = world.keep(&[], &noise(2, 30_000)).await.artifact_id;
    for event in [1, 2] {
        world.refer(event, kept).await;
    }
    let forget = async |event| {
        world.hub.events().forget(&world.owner(), EventId(Uuid::from_u128(event))).await.unwrap();
    };
    forget(1).await;
    assert_eq!(world.listed().await, [kept]);
    forget(2).await;
    assert!(world.listed().await.is_empty());
    assert!(world.blobs().is_empty());
}

async fn whatever_it_belongs_to_takes_it_along(world: World) {
    let hub = &world.hub;
    let of_ben = world.keep(&[world.ben], &noise(3, 9_000)).await.artifact_id;
    let of_nobody = world.keep(&[], &noise(4, 9_000)).await.artifact_id;
    world.refer(1, of_ben).await;
    hub.people().delete(&world.owner(), world.ben).await.unwrap();
    assert_eq!(world.listed().await, [of_nobody]);
    assert_eq!(world.blobs().len(), 1);

    hub.spaces().delete(&world.owner(), world.space).await.unwrap();
    assert!(world.listed().await.is_empty());
    assert!(world.blobs().is_empty());

    let admin = Context::admin();
    let space = hub.spaces().create(&admin, world.agent, "study".to_owned()).await.unwrap().space_id;
    let there = hub_core::artifacts::NewArtifact::new(space);
    world.hand_in(there, &noise(5, 9_000)).await.unwrap();
    assert_eq!(world.blobs().len(), 1);
    hub.agents().delete(&admin, world.agent).await.unwrap();
    assert!(world.blobs().is_empty());
}
