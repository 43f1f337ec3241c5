//! What belongs to one agent does not exist for another.

use crate::world::{World, code};
use hub_core::Context;
use hub_core::hub::consents::NewGrant;
use hub_core::hub::devices::{DevicePatch, NewDevice};
use hub_core::hub::people::PersonPatch;
use hub_core::hub::presence::NewPresence;
use hub_core::hub::tokens::NewToken;
use hub_core::ids::DeadLetterId;
use hub_core::page::PageRequest;
use hub_core::vocabulary::{ConsentKind, PresenceState, Role};
use uuid::Uuid;

#[tokio::test]
async fn ids_of_another_agent_are_not_found() {
    let world = World::open().await;
    let (hub, owner, page) = (&world.hub, world.owner(), PageRequest::default());
    let admin = Context::admin();
    let stranger = hub.people().create(&admin, world.other_agent, "Carl".to_owned()).await.unwrap().person_id;
    let carl = Context::operator(world.other_agent, stranger, Role::Owner);

    let new = NewDevice { name: "phone".to_owned(), scopes: vec![] };
    let device = hub.devices().create(&owner, world.agent_id, new).await.unwrap().0.device_id;
    assert_eq!(code(hub.devices().get(&carl, device).await), "unknown_device");
    assert_eq!(code(hub.devices().update(&carl, device, DevicePatch::default()).await), "unknown_device");
    assert_eq!(code(hub.devices().rotate(&carl, device).await), "unknown_device");
    assert_eq!(code(hub.devices().revoke(&carl, device).await), "unknown_device");
    assert_eq!(code(hub.devices().list(&carl, world.agent_id, page.clone()).await), "unknown_agent");

    assert_eq!(code(hub.people().get(&carl, world.anna).await), "unknown_person");
    assert_eq!(code(hub.people().update(&carl, world.anna, PersonPatch::default()).await), "unknown_person");
    assert_eq!(code(hub.people().delete(&carl, world.anna).await), "unknown_person");

    let new = NewToken::Operator { person_id: world.ben, role: Role::Member };
    let token = hub.tokens().create(&owner, world.agent_id, new).await.unwrap().0.token_id;
    assert_eq!(code(hub.tokens().revoke(&carl, token).await), "unknown_token_id");
    let new = NewToken::Operator { person_id: world.ben, role: Role::Member };
    assert_eq!(code(hub.tokens().create(&admin, world.other_agent, new).await), "unknown_person");

    let voice = NewGrant { kind: ConsentKind::Voice, expires_at: None };
    let grant = hub.consent().grant(&owner, world.anna, voice.clone()).await.unwrap().consent_id;
    assert_eq!(code(hub.consent().grant(&carl, world.anna, voice).await), "unknown_person");
    assert_eq!(code(hub.consent().revoke(&carl, grant).await), "unknown_consent");
    assert_eq!(code(hub.consent().list(&carl, world.anna, page.clone()).await), "unknown_person");

    let here = NewPresence { person_id: None, state: PresenceState::Present };
    assert_eq!(code(hub.presence().report(&carl, world.space_id, here).await), "unknown_space");
    assert_eq!(code(hub.presence().list(&carl, world.space_id).await), "unknown_space");
    let types = hub.events().list_types(&carl, world.agent_id, page.clone()).await;
    assert_eq!(code(types), "unknown_agent");
    assert_eq!(code(hub.planner().dead_letters(&carl, world.agent_id, page).await), "unknown_agent");
    let letter = DeadLetterId(Uuid::from_u128(1));
    for caller in [carl, admin] {
        assert_eq!(code(hub.planner().replay(&caller, letter).await), "unknown_dead_letter");
    }
}
