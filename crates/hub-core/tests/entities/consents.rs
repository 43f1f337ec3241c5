use crate::world::{World, code};
use hub_core::Context;
use hub_core::hub::consents::NewGrant;
use hub_core::page::PageRequest;
use hub_core::vocabulary::{ConsentKind, EventStatus, Role, Scope};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

const VOICE: NewGrant = NewGrant { kind: ConsentKind::Voice, expires_at: None };

#[tokio::test]
async fn only_the_person_or_an_owner_grants_and_revokes() {
    let world = World::open().await;
    let consent = world.hub.consent();
    let device = Context::device(world.agent_id, Uuid::nil().into(), Scope::ALL.to_vec());
    for stranger in [Context::admin(), device, Context::worker(world.agent_id, "timers")] {
        let answer = consent.grant(&stranger, world.ben, VOICE).await;
        assert_eq!(code(answer), "not_allowed");
    }
    assert_eq!(code(consent.grant(&world.member(), world.anna, VOICE).await), "not_your_consent");

    let by_ben = consent.grant(&world.member(), world.ben, VOICE).await.unwrap();
    let guest = Context::operator(world.agent_id, world.ben, Role::Guest);
    consent.grant(&guest, world.ben, VOICE).await.unwrap();
    let by_owner = consent.grant(&world.owner(), world.anna, VOICE).await.unwrap();
    assert_eq!(code(consent.revoke(&world.member(), by_owner.consent_id).await), "not_your_consent");
    assert_eq!(code(consent.revoke(&Context::admin(), by_owner.consent_id).await), "not_allowed");
    let revoked = consent.revoke(&world.owner(), by_ben.consent_id).await.unwrap();
    assert!(revoked.revoked_at.is_some());
    assert_eq!(consent.revoke(&world.owner(), by_ben.consent_id).await.unwrap(), revoked);
    assert_eq!(world.log("consent.granted").await.len(), 3);
    assert_eq!(world.log("consent.revoked").await.len(), 1);
}

#[tokio::test]
async fn grants_are_read_by_their_person_an_owner_and_an_admin() {
    let world = World::open().await;
    let consent = world.hub.consent();
    let grant = consent.grant(&world.member(), world.ben, VOICE).await.unwrap();
    for reader in [world.member(), world.owner(), Context::admin()] {
        let page = consent.list(&reader, world.ben, PageRequest::default()).await.unwrap();
        assert_eq!(page.items, std::slice::from_ref(&grant));
    }
    let page = PageRequest::default();
    assert_eq!(code(consent.list(&world.member(), world.anna, page).await), "not_your_consent");
}

#[tokio::test]
async fn an_expiry_must_lie_ahead_and_ends_the_grant() {
    let world = World::open().await;
    let consent = world.hub.consent();
    let now = NewGrant { kind: ConsentKind::Voice, expires_at: Some(world.later(0)) };
    assert_eq!(code(consent.grant(&world.member(), world.ben, now).await), "expired_already");
    let soon = NewGrant { kind: ConsentKind::Voice, expires_at: Some(world.later(10)) };
    consent.grant(&world.member(), world.ben, soon).await.unwrap();
    let spoken = world.said(1, world.ben, "Hello", "voice");
    assert_eq!(world.append(&world.member(), spoken).await.0, EventStatus::Stored);
    world.clock.pass(Duration::from_secs(10));
    let spoken = world.said(2, world.ben, "Hello again", "voice");
    assert_eq!(world.append(&world.member(), spoken).await.0, EventStatus::Refused);
    // A time beyond the numbers of the log is a time all the same.
    let far = hub_core::clock::Timestamp::parse("9999-01-01T00:00:00Z").unwrap();
    let far = NewGrant { kind: ConsentKind::Voice, expires_at: Some(far) };
    assert!(consent.grant(&world.member(), world.ben, far).await.is_ok());
}

#[tokio::test]
async fn revoking_erases_what_rests_on_the_grant_and_nothing_else() {
    let world = World::open().await;
    let (consent, ben) = (world.hub.consent(), world.member());
    let voice = consent.grant(&ben, world.ben, VOICE).await.unwrap();
    let face = NewGrant { kind: ConsentKind::Face, expires_at: None };
    let face = consent.grant(&ben, world.ben, face).await.unwrap();
    let seen = world.event(3, world.ben, "observation", json!({ "kind": "person", "modality": "face" }));
    let spoken = world.said(1, world.ben, "Aloud", "voice");
    for event in [spoken.clone(), world.said(2, world.ben, "Typed", "text"), seen] {
        let (status, problem) = world.append(&ben, event).await;
        assert_eq!(status, EventStatus::Stored, "{problem:?}");
    }
    consent.revoke(&ben, voice.consent_id).await.unwrap();
    assert_eq!(world.event_ids().await, [2, 3]);
    consent.revoke(&ben, face.consent_id).await.unwrap();
    assert_eq!(world.event_ids().await, [2]);
    assert_eq!(world.append(&ben, spoken).await.0, EventStatus::Duplicate);
    let again = world.said(4, world.ben, "Aloud again", "voice");
    assert_eq!(world.append(&ben, again).await.0, EventStatus::Refused);
}
