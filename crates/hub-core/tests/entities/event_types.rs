use crate::world::{World, code};
use hub_core::Context;
use hub_core::page::PageRequest;
use hub_core::vocabulary::EventStatus;
use serde_json::json;

#[tokio::test]
async fn events_of_a_registered_type_are_held_to_its_schema() {
    let world = World::open().await;
    let (events, owner) = (world.hub.events(), world.owner());
    let name = "custom.bell".to_owned();
    let rung = |id, payload| world.event(id, world.anna, "custom.bell", payload);
    assert_eq!(world.append(&owner, rung(1, json!({ "door": 1 }))).await.0, EventStatus::Refused);
    let schema =
        json!({ "type": "object", "required": ["door"], "properties": { "door": { "type": "integer" } } });
    let put = events.put_type(&owner, world.agent_id, name.clone(), schema.clone()).await.unwrap();
    assert_eq!((put.name.as_str(), &put.schema), ("custom.bell", &schema));
    assert_eq!(world.append(&owner, rung(2, json!({ "door": 1 }))).await.0, EventStatus::Stored);
    assert_eq!(world.append(&owner, rung(3, json!({ "door": "front" }))).await.0, EventStatus::Refused);
    assert_eq!(events.get_type(&world.member(), world.agent_id, "custom.bell").await.unwrap(), put);

    let looser = json!({ "type": "object" });
    let put = events.put_type(&Context::admin(), world.agent_id, name, looser).await.unwrap();
    assert_eq!(world.append(&owner, rung(4, json!({ "door": "front" }))).await.0, EventStatus::Stored);
    let listed = events.list_types(&world.member(), world.agent_id, PageRequest::default()).await.unwrap();
    assert_eq!(listed.items, [put]);
    assert_eq!(world.log("event_type.registered").await.len(), 2);
}

#[tokio::test]
async fn a_type_needs_a_name_of_its_own_and_a_schema() {
    let world = World::open().await;
    let put = |context: Context, name: &str, schema| {
        let (events, agent_id, name) = (world.hub.events(), world.agent_id, name.to_owned());
        async move { events.put_type(&context, agent_id, name, schema).await }
    };
    for name in ["bell", "custom.", "custom.Bell", "transcript_chunk"] {
        assert_eq!(code(put(world.owner(), name, json!({})).await), "invalid_event_type", "{name}");
    }
    assert_eq!(code(put(world.owner(), "custom.a", json!({ "type": "thing" })).await), "malformed_schema");
    let large = json!({ "description": "x".repeat(hub_core::protocol::limits::SCHEMA_BYTES) });
    assert_eq!(code(put(world.owner(), "custom.a", large).await), "schema_too_large");
    assert_eq!(code(put(world.member(), "custom.a", json!({})).await), "not_allowed");
    let unknown = world.hub.events().get_type(&world.owner(), world.agent_id, "custom.a").await;
    assert_eq!(code(unknown), "unknown_event_type");
}
