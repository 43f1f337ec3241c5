use crate::world::{World, code};
use hub_core::Context;
use hub_core::hub::WorkerRole;
use hub_core::hub::consents::NewGrant;
use hub_core::hub::memory::NewNote;
use hub_core::hub::people::PersonPatch;
use hub_core::hub::presence::NewPresence;
use hub_core::hub::tokens::NewToken;
use hub_core::page::PageRequest;
use hub_core::vocabulary::{ConsentKind, EventStatus, PresenceState, Role};

#[tokio::test]
async fn people_are_made_renamed_and_seen() {
    let world = World::open().await;
    let people = world.hub.people();
    let patch = PersonPatch { name: Some("Anna Maria".to_owned()) };
    let renamed = people.update(&world.owner(), world.anna, patch).await.unwrap();
    assert_eq!(renamed.name, "Anna Maria");
    let page = PageRequest { limit: Some(1), cursor: None };
    let first = people.list(&world.member(), world.agent_id, page).await.unwrap();
    assert_eq!(first.items, [renamed]);
    let page = PageRequest { limit: Some(1), cursor: first.next_cursor };
    let second = people.list(&Context::admin(), world.agent_id, page).await.unwrap();
    assert_eq!((second.items[0].person_id, second.next_cursor), (world.ben, None));
    assert_eq!(code(people.create(&world.member(), world.agent_id, "Eve".to_owned()).await), "not_allowed");
    assert_eq!(code(people.create(&world.owner(), world.agent_id, " ".to_owned()).await), "invalid_name");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_person_leaves_nothing_but_ids() {
    let world = World::with_workers(vec![WorkerRole::Index]).await;
    let (hub, owner) = (&world.hub, world.owner());
    let new = NewToken::Operator { person_id: world.ben, role: Role::Member };
    let (_, secret) = hub.tokens().create(&owner, world.agent_id, new).await.unwrap();
    let ben = hub.tokens().authenticate(secret.expose()).await.unwrap();
    let voice = NewGrant { kind: ConsentKind::Voice, expires_at: None };
    let grant = hub.consent().grant(&ben, world.ben, voice).await.unwrap();
    let here = NewPresence { person_id: None, state: PresenceState::Present };
    hub.presence().report(&ben, world.space_id, here).await.unwrap();
    let spoken = world.said(1, world.ben, "The ladder is in the shed", "voice");
    let typed = world.said(2, world.ben, "The paint is in the cellar", "text");
    let annas = world.said(3, world.anna, "The brushes are in the attic", "text");
    for (speaker, event) in [(&ben, spoken), (&ben, typed.clone()), (&owner, annas)] {
        assert_eq!(world.append(speaker, event).await.0, EventStatus::Stored);
    }
    let note = NewNote {
        space_id: world.space_id,
        content: "Ben is afraid of heights".to_owned(),
        person_id: Some(world.ben),
    };
    hub.memory().note(&owner, world.agent_id, note).await.unwrap();
    world.counts("memories_episodic", 3).await;
    world.counts("memories_semantic", 1).await;

    hub.people().delete(&Context::admin(), world.ben).await.unwrap();
    assert_eq!(code(hub.tokens().authenticate(secret.expose()).await), "unknown_token");
    assert_eq!(world.event_ids().await, [3]);
    world.counts("memories_episodic", 1).await;
    world.counts("memories_semantic", 0).await;
    assert_eq!(hub.presence().list(&owner, world.space_id).await.unwrap(), []);
    assert_eq!(code(hub.people().get(&owner, world.ben).await), "unknown_person");
    assert_eq!(code(hub.people().delete(&owner, world.ben).await), "unknown_person");
    assert_eq!(world.append(&ben, typed).await.0, EventStatus::Duplicate);
    assert_eq!(world.log("consent.revoked").await[0]["subject"]["id"], grant.consent_id.to_string());
    assert_eq!(world.log("person.deleted").await[0]["subject"]["id"], world.ben.to_string());
    assert!(hub.audit().verify(&Context::admin()).await.is_ok());
}
