//! I6: every change is in the log once, in the commit of the change.

use crate::world::{World, tool};
use hub_core::hub::WorkerRole;
use hub_core::hub::agents::AgentPatch;
use hub_core::hub::consents::NewGrant;
use hub_core::hub::devices::{DevicePatch, NewDevice};
use hub_core::hub::memory::NewNote;
use hub_core::hub::people::PersonPatch;
use hub_core::hub::presence::NewPresence;
use hub_core::hub::spaces::SpacePatch;
use hub_core::hub::tokens::NewToken;
use hub_core::ids::EventId;
use hub_core::testkit::{Fault, Step};
use hub_core::vocabulary::{ActionState, ConsentKind, PresenceState, Role, Scope};
use hub_core::{Context, Error};
use serde_json::json;
use uuid::Uuid;

/// Asks twice: with a commit that fails, which must leave everything as it was, and in earnest,
/// which must append exactly these entries.
macro_rules! changes {
    ($world:ident, $kinds:expr, $ask:expr) => {{
        let before = $world.everything().await;
        $world.database.at(Step::Commit, 1, Fault::Fail);
        let refused: Error = $ask.await.err().expect(stringify!($ask));
        assert_eq!(refused.code(), "store_unavailable", "{}", stringify!($ask));
        assert_eq!($world.everything().await, before, "{}", stringify!($ask));
        let logged = $world.log().await.len();
        let answer = $ask.await.unwrap();
        let log = $world.log().await;
        let kinds: Vec<_> = log[logged..].iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, $kinds, "{}", stringify!($ask));
        answer
    }};
}

#[tokio::test]
async fn each_change_is_logged_once_and_a_commit_that_fails_leaves_neither_row_nor_entry() {
    let world = World::new().await;
    let (hub, owner, agent, space) = (&world.hub, world.owner(), world.agent_id, world.space_id);
    let rename = || SpacePatch { name: Some("study".to_owned()), ..SpacePatch::default() };
    changes!(world, ["space.renamed"], hub.spaces().update(&owner, space, rename()));
    let flip = |on| SpacePatch { privacy_mode: Some(on), ..SpacePatch::default() };
    changes!(world, ["privacy.on"], hub.spaces().update(&owner, space, flip(true)));
    let same = world.log().await.len();
    hub.spaces().update(&owner, space, flip(true)).await.unwrap();
    assert_eq!(world.log().await.len(), same, "what changes nothing is no entry");
    changes!(world, ["privacy.off"], hub.spaces().update(&owner, space, flip(false)));
    world.pass(std::time::Duration::from_secs(1));
    let attic = changes!(world, ["space.created"], hub.spaces().create(&owner, agent, "attic".to_owned()));
    changes!(world, ["space.deleted"], hub.spaces().delete(&owner, attic.space_id));

    let carl = changes!(world, ["person.created"], hub.people().create(&owner, agent, "Carl".to_owned()));
    let patch = || PersonPatch { name: Some("Karl".to_owned()) };
    changes!(world, ["person.renamed"], hub.people().update(&owner, carl.person_id, patch()));
    let phone = || NewDevice { name: "phone".to_owned(), scopes: vec![Scope::EventsWrite] };
    let device =
        changes!(world, ["device.created"], hub.devices().create(&owner, agent, phone())).0.device_id;
    let patch = || DevicePatch { name: Some("tablet".to_owned()), ..DevicePatch::default() };
    changes!(world, ["device.changed"], hub.devices().update(&owner, device, patch()));
    changes!(world, ["device.rotated"], hub.devices().rotate(&owner, device));
    changes!(world, ["device.revoked"], hub.devices().revoke(&owner, device));
    let new = || NewToken::Operator { person_id: world.ben, role: Role::Member };
    let token = changes!(world, ["token.created"], hub.tokens().create(&owner, agent, new())).0.token_id;
    changes!(world, ["token.revoked"], hub.tokens().revoke(&owner, token));
    let voice = || NewGrant { kind: ConsentKind::Voice, expires_at: None };
    let grant = changes!(world, ["consent.granted"], hub.consent().grant(&owner, world.anna, voice()));
    let words = || world.spoken(1, "Aloud", "voice");
    changes!(world, ["event.stored"], hub.events().append(&owner, words()));
    let ended = ["consent.revoked", "consent.erased"];
    changes!(world, ended, hub.consent().revoke(&owner, grant.consent_id));
    changes!(world, ["consent.denied"], hub.events().append(&owner, world.spoken(2, "Aloud", "voice")));
    let here = || NewPresence { person_id: None, state: PresenceState::Present };
    changes!(world, ["presence.changed"], hub.presence().report(&owner, space, here()));
    changes!(
        world,
        ["event.stored"; 2],
        hub.events().append(&owner, vec![world.said(3, "a"), world.said(4, "b")])
    );
    changes!(world, ["event.forgotten"], hub.events().forget(&owner, EventId(Uuid::from_u128(3))));
    let note = || NewNote { space_id: space, content: "Milk".to_owned(), person_id: None };
    let memory = changes!(world, ["memory.noted"], hub.memory().note(&owner, agent, note())).memory_id;
    let corrected =
        changes!(world, ["memory.corrected"], hub.memory().edit(&owner, memory, "Oats".to_owned()));
    changes!(world, ["memory.forgotten"], hub.memory().forget(&owner, corrected.memory_id));
    let schema = || json!({ "type": "object" });
    let name = || "custom.door".to_owned();
    changes!(world, ["event_type.registered"], hub.events().put_type(&owner, agent, name(), schema()));
    let patch = || AgentPatch { name: Some("house".to_owned()), ..AgentPatch::default() };
    changes!(world, ["agent.changed"], hub.agents().update(&Context::admin(), agent, patch()));
    changes!(world, ["person.deleted"], hub.people().delete(&owner, carl.person_id));
    assert!(hub.audit().verify(&Context::admin()).await.unwrap().holds());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_transition_of_an_action_is_logged_once_in_its_commit() {
    let (door, _) = tool("door.open", "1.0.0", false, None);
    let world = World::build(|builder| builder.tool(door)).await;
    let (actions, owner) = (world.hub.actions(), world.owner());
    let ask = || json!({ "door": "garden" });
    let one = changes!(world, ["action.proposed"], world.propose_as(&owner, "door.open", ask()));
    let approve = || actions.approve(&owner, one.action_id, one.binding_digest);
    changes!(world, ["action.approved"], approve());
    let two = world.propose("door.open", ask()).await;
    changes!(world, ["action.rejected"], actions.reject(&owner, two.action_id, Some("No".to_owned())));
    let three = world.propose("door.open", ask()).await;
    changes!(world, ["action.cancelled"], actions.cancel(&owner, three.action_id));
    let logged = world.log().await.len();
    let workers = world.hub.start_workers(vec![WorkerRole::Tools]);
    world.reaches(one.action_id, ActionState::Done).await;
    workers.shutdown().await;
    let log = world.log().await;
    let kinds: Vec<_> = log[logged..].iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["action.started", "action.done"]);
    assert!(world.hub.audit().verify(&Context::admin()).await.unwrap().holds());
}

#[tokio::test]
async fn content_is_never_in_the_log() {
    let world = World::new().await;
    let planted = "Aberystwyth";
    world.append(world.said(1, planted)).await;
    let note = NewNote { space_id: world.space_id, content: planted.to_owned(), person_id: None };
    world.hub.memory().note(&world.owner(), world.agent_id, note).await.unwrap();
    let action = world.propose("memory.note", json!({ "text": planted })).await;
    world.hub.actions().reject(&world.owner(), action.action_id, Some(planted.to_owned())).await.unwrap();
    world.hub.people().create(&world.owner(), world.agent_id, planted.to_owned()).await.unwrap();
    world.hub.spaces().create(&world.owner(), world.agent_id, planted.to_owned()).await.unwrap();
    for entry in world.log().await {
        assert!(!entry.to_string().contains(planted), "{entry}");
    }
}
