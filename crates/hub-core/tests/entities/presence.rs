use crate::world::{World, code};
use hub_core::hub::devices::NewDevice;
use hub_core::hub::presence::{NewPresence, Subject};
use hub_core::hub::spaces::SpacePatch;
use hub_core::hub::tokens::NewToken;
use hub_core::vocabulary::{PresenceState, Scope};
use hub_core::{Context, Settings};
use std::time::Duration;

const HERE: NewPresence = NewPresence { person_id: None, state: PresenceState::Present };

#[tokio::test]
async fn a_person_reports_on_nobody_else() {
    let world = World::open().await;
    let presence = world.hub.presence();
    let reported = presence.report(&world.member(), world.space_id, HERE).await.unwrap();
    assert_eq!(reported.subject, Subject::Person(world.ben));
    let of_anna = NewPresence { person_id: Some(world.anna), ..HERE };
    assert_eq!(code(presence.report(&world.member(), world.space_id, of_anna).await), "not_yourself");
    assert_eq!(code(presence.report(&Context::admin(), world.space_id, HERE).await), "not_allowed");
    assert_eq!(presence.list(&world.owner(), world.space_id).await.unwrap(), [reported]);
    assert_eq!(code(presence.list(&Context::admin(), world.space_id).await), "not_allowed");
}

#[tokio::test]
async fn a_device_reports_on_people_and_on_itself_within_its_scope() {
    let world = World::open().await;
    let (hub, owner) = (&world.hub, world.owner());
    let new = NewDevice { name: "door".to_owned(), scopes: vec![Scope::PresenceWrite] };
    let (device, secret) = hub.devices().create(&owner, world.agent_id, new).await.unwrap();
    let door = hub.tokens().authenticate(secret.expose()).await.unwrap();
    let itself = hub.presence().report(&door, world.space_id, HERE).await.unwrap();
    assert_eq!(itself.subject, Subject::Device(device.device_id));
    let of_ben = NewPresence { person_id: Some(world.ben), ..HERE };
    let of_ben = hub.presence().report(&door, world.space_id, of_ben).await.unwrap();
    assert_eq!(of_ben.subject, Subject::Person(world.ben));
    assert_eq!(hub.presence().list(&owner, world.space_id).await.unwrap().len(), 2);
    assert_eq!(code(hub.presence().list(&door, world.space_id).await), "missing_scope");
    let mute = Context::device(world.agent_id, device.device_id, vec![Scope::PresenceRead]);
    assert_eq!(code(hub.presence().report(&mute, world.space_id, HERE).await), "missing_scope");

    let new = NewToken::Delegate {
        name: "camera".to_owned(),
        scopes: vec![Scope::PresenceWrite],
        spaces: vec![world.space_id],
        expires_at: world.later(60),
    };
    let (_, secret) = hub.tokens().create(&owner, world.agent_id, new).await.unwrap();
    let delegate = hub.tokens().authenticate(secret.expose()).await.unwrap();
    assert_eq!(code(hub.presence().report(&delegate, world.space_id, HERE).await), "missing_field");
}

#[tokio::test]
async fn a_report_counts_for_a_while_and_remembers_since_when() {
    let settings = Settings { presence_seconds: 60, ..Settings::default() };
    let world = World::build(|builder| builder.workers(vec![]).settings(settings)).await;
    let (presence, ben) = (world.hub.presence(), world.member());
    let first = presence.report(&ben, world.space_id, HERE).await.unwrap();
    world.clock.pass(Duration::from_secs(30));
    let second = presence.report(&ben, world.space_id, HERE).await.unwrap();
    assert_eq!((second.since, second.observed_at > first.observed_at), (first.since, true));
    assert_eq!(world.log("presence.changed").await.len(), 1);
    world.clock.pass(Duration::from_secs(59));
    assert_eq!(presence.list(&ben, world.space_id).await.unwrap(), [second]);
    world.clock.pass(Duration::from_secs(1));
    assert_eq!(presence.list(&ben, world.space_id).await.unwrap(), []);
    let third = presence.report(&ben, world.space_id, HERE).await.unwrap();
    assert_eq!(third.since, third.observed_at);
    let away = NewPresence { state: PresenceState::Away, ..HERE };
    world.clock.pass(Duration::from_secs(1));
    let fourth = presence.report(&ben, world.space_id, away).await.unwrap();
    assert_eq!((fourth.state, fourth.since), (PresenceState::Away, fourth.observed_at));
    assert_eq!(world.log("presence.changed").await.len(), 3);
}

#[tokio::test]
async fn nothing_is_reported_of_a_private_space() {
    let world = World::open().await;
    let private = SpacePatch { privacy_mode: Some(true), ..SpacePatch::default() };
    world.hub.spaces().update(&world.owner(), world.space_id, private).await.unwrap();
    let answer = world.hub.presence().report(&world.member(), world.space_id, HERE).await;
    assert_eq!(code(answer), "space_private");
    assert_eq!(world.hub.presence().list(&world.owner(), world.space_id).await.unwrap(), []);
}
