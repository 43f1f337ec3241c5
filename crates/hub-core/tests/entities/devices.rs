use crate::world::{World, code};
use hub_core::Context;
use hub_core::hub::devices::{DevicePatch, NewDevice};
use hub_core::page::PageRequest;
use hub_core::vocabulary::Scope;

fn speaker() -> NewDevice {
    NewDevice {
        name: "speaker".to_owned(),
        scopes: vec![Scope::EventsWrite, Scope::EventsRead, Scope::EventsRead],
    }
}

#[tokio::test]
async fn a_device_authenticates_with_the_scopes_that_it_has_now() {
    let world = World::open().await;
    let (devices, tokens) = (world.hub.devices(), world.hub.tokens());
    let (device, secret) = devices.create(&world.owner(), world.agent_id, speaker()).await.unwrap();
    assert_eq!(device.scopes, [Scope::EventsRead, Scope::EventsWrite]);
    let context = tokens.authenticate(secret.expose()).await.unwrap();
    assert_eq!(context, Context::device(world.agent_id, device.device_id, device.scopes.clone()));

    let patch = DevicePatch { name: Some("radio".to_owned()), scopes: Some(vec![Scope::EventsRead]) };
    let changed = devices.update(&Context::admin(), device.device_id, patch).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.scopes.as_slice()), ("radio", [Scope::EventsRead].as_slice()));
    let context = tokens.authenticate(secret.expose()).await.unwrap();
    assert_eq!(context, Context::device(world.agent_id, device.device_id, vec![Scope::EventsRead]));
    assert_eq!(devices.get(&world.member(), device.device_id).await.unwrap(), changed);
    let listed = devices.list(&context, world.agent_id, PageRequest::default()).await.unwrap();
    assert_eq!(listed.items, [changed]);
    // The token of a device is not a token of people and programs.
    let listed = tokens.list(&world.owner(), world.agent_id, PageRequest::default()).await.unwrap();
    assert_eq!(listed.items, []);
}

#[tokio::test]
async fn rotating_ends_the_old_token_at_once() {
    let world = World::open().await;
    let (devices, tokens) = (world.hub.devices(), world.hub.tokens());
    let (device, old) = devices.create(&world.owner(), world.agent_id, speaker()).await.unwrap();
    assert!(tokens.authenticate(old.expose()).await.is_ok());
    let (same, new) = devices.rotate(&world.owner(), device.device_id).await.unwrap();
    assert_eq!(same, device);
    assert_eq!(code(tokens.authenticate(old.expose()).await), "unknown_token");
    assert!(tokens.authenticate(new.expose()).await.is_ok());
}

#[tokio::test]
async fn a_revoked_device_stays_out() {
    let world = World::open().await;
    let (devices, tokens) = (world.hub.devices(), world.hub.tokens());
    let (device, secret) = devices.create(&world.owner(), world.agent_id, speaker()).await.unwrap();
    assert!(tokens.authenticate(secret.expose()).await.is_ok());
    let revoked = devices.revoke(&world.owner(), device.device_id).await.unwrap();
    assert!(revoked.revoked_at.is_some());
    assert_eq!(code(tokens.authenticate(secret.expose()).await), "unknown_token");
    assert_eq!(devices.revoke(&world.owner(), device.device_id).await.unwrap(), revoked);
    assert_eq!(world.log("device.revoked").await.len(), 1);
    assert_eq!(code(devices.rotate(&world.owner(), device.device_id).await), "device_revoked");
    let update = devices.update(&world.owner(), device.device_id, DevicePatch::default()).await;
    assert_eq!(code(update), "device_revoked");
}

#[tokio::test]
async fn a_device_arranges_nothing() {
    let world = World::open().await;
    let devices = world.hub.devices();
    let (device, secret) = devices.create(&world.owner(), world.agent_id, speaker()).await.unwrap();
    let context = world.hub.tokens().authenticate(secret.expose()).await.unwrap();
    for caller in [context, world.member()] {
        let wider = DevicePatch { name: None, scopes: Some(Scope::ALL.to_vec()) };
        assert_eq!(code(devices.update(&caller, device.device_id, wider).await), "not_allowed");
        assert_eq!(code(devices.rotate(&caller, device.device_id).await), "not_allowed");
        assert_eq!(code(devices.revoke(&caller, device.device_id).await), "not_allowed");
        assert_eq!(code(devices.create(&caller, world.agent_id, speaker()).await), "not_allowed");
    }
}
