//! Who and where.

use crate::request::{Call, shown};
use hub_core::hub::agents::{AgentPatch, NewAgent};
use hub_core::hub::consents::NewGrant;
use hub_core::hub::devices::{DevicePatch, NewDevice};
use hub_core::hub::people::PersonPatch;
use hub_core::hub::spaces::SpacePatch;
use hub_core::ids::{AgentId, ConsentId, DeviceId, PersonId, SpaceId};
use hub_core::protocol::agents::{CreateAgent, PatchAgent};
use hub_core::protocol::consents::GrantConsent;
use hub_core::protocol::devices::{CreateDevice, DeviceCreated, DeviceRotated, PatchDevice};
use hub_core::protocol::people::{CreatePerson, PatchPerson};
use hub_core::protocol::spaces::{CreateSpace, PatchSpace};
use hub_core::{Hub, Result, wire};
use serde_json::json;

pub(super) async fn create_agent(hub: Hub, mut call: Call) -> Result<String> {
    let body: CreateAgent = call.body()?;
    call.end()?;
    let new = NewAgent { name: body.name, language: body.language, planner: body.planner };
    shown(&wire::agent(hub.agents().create(&call.context, new).await?))
}

pub(super) async fn get_agent(hub: Hub, mut call: Call) -> Result<String> {
    let id: AgentId = call.id("agent_id")?;
    call.end()?;
    shown(&wire::agent(hub.agents().get(&call.context, id).await?))
}

pub(super) async fn list_agents(hub: Hub, mut call: Call) -> Result<String> {
    let page = call.page();
    call.end()?;
    shown(&wire::page(hub.agents().list(&call.context, page).await?, wire::agent))
}

pub(super) async fn update_agent(hub: Hub, mut call: Call) -> Result<String> {
    let id: AgentId = call.id("agent_id")?;
    let body: PatchAgent = call.body()?;
    call.end()?;
    let patch = AgentPatch { name: body.name, language: body.language, planner: body.planner };
    shown(&wire::agent(hub.agents().update(&call.context, id, patch).await?))
}

pub(super) async fn delete_agent(hub: Hub, mut call: Call) -> Result<String> {
    let id: AgentId = call.id("agent_id")?;
    call.end()?;
    hub.agents().delete(&call.context, id).await?;
    shown(&())
}

pub(super) async fn status(hub: Hub, mut call: Call) -> Result<String> {
    let id: AgentId = call.id("agent_id")?;
    call.end()?;
    shown(&wire::status(hub.agents().status(&call.context, id).await?)?)
}

pub(super) async fn drained(hub: Hub, mut call: Call) -> Result<String> {
    let id: AgentId = call.id("agent_id")?;
    call.end()?;
    hub.drained(id).await?;
    shown(&())
}

pub(super) async fn version(_hub: Hub, call: Call) -> Result<String> {
    call.end()?;
    shown(&json!({ "version": hub_core::VERSION }))
}

pub(super) async fn create_space(hub: Hub, mut call: Call) -> Result<String> {
    let agent: AgentId = call.id("agent_id")?;
    let body: CreateSpace = call.body()?;
    call.end()?;
    let mut space = hub.spaces().create(&call.context, agent, body.name).await?;
    if body.privacy_mode {
        let private = SpacePatch { privacy_mode: Some(true), ..SpacePatch::default() };
        space = hub.spaces().update(&call.context, space.space_id, private).await?;
    }
    shown(&wire::space(space))
}

pub(super) async fn get_space(hub: Hub, mut call: Call) -> Result<String> {
    let id: SpaceId = call.id("space_id")?;
    call.end()?;
    shown(&wire::space(hub.spaces().get(&call.context, id).await?))
}

pub(super) async fn list_spaces(hub: Hub, mut call: Call) -> Result<String> {
    let (agent, page): (AgentId, _) = (call.id("agent_id")?, call.page());
    call.end()?;
    shown(&wire::page(hub.spaces().list(&call.context, agent, page).await?, wire::space))
}

pub(super) async fn update_space(hub: Hub, mut call: Call) -> Result<String> {
    let id: SpaceId = call.id("space_id")?;
    let body: PatchSpace = call.body()?;
    call.end()?;
    let patch = SpacePatch { name: body.name, privacy_mode: body.privacy_mode };
    shown(&wire::space(hub.spaces().update(&call.context, id, patch).await?))
}

pub(super) async fn delete_space(hub: Hub, mut call: Call) -> Result<String> {
    let id: SpaceId = call.id("space_id")?;
    call.end()?;
    hub.spaces().delete(&call.context, id).await?;
    shown(&())
}

pub(super) async fn create_person(hub: Hub, mut call: Call) -> Result<String> {
    let agent: AgentId = call.id("agent_id")?;
    let body: CreatePerson = call.body()?;
    call.end()?;
    shown(&wire::person(hub.people().create(&call.context, agent, body.name).await?))
}

pub(super) async fn get_person(hub: Hub, mut call: Call) -> Result<String> {
    let id: PersonId = call.id("person_id")?;
    call.end()?;
    shown(&wire::person(hub.people().get(&call.context, id).await?))
}

pub(super) async fn list_people(hub: Hub, mut call: Call) -> Result<String> {
    let (agent, page): (AgentId, _) = (call.id("agent_id")?, call.page());
    call.end()?;
    shown(&wire::page(hub.people().list(&call.context, agent, page).await?, wire::person))
}

pub(super) async fn update_person(hub: Hub, mut call: Call) -> Result<String> {
    let id: PersonId = call.id("person_id")?;
    let body: PatchPerson = call.body()?;
    call.end()?;
    let patch = PersonPatch { name: body.name };
    shown(&wire::person(hub.people().update(&call.context, id, patch).await?))
}

pub(super) async fn delete_person(hub: Hub, mut call: Call) -> Result<String> {
    let id: PersonId = call.id("person_id")?;
    call.end()?;
    hub.people().delete(&call.context, id).await?;
    shown(&())
}

pub(super) async fn create_device(hub: Hub, mut call: Call) -> Result<String> {
    let agent: AgentId = call.id("agent_id")?;
    let body: CreateDevice = call.body()?;
    call.end()?;
    let new = NewDevice { name: body.name, scopes: body.scopes };
    let (device, token) = hub.devices().create(&call.context, agent, new).await?;
    shown(&DeviceCreated {
        device_id: device.device_id.0,
        agent_id: device.agent_id.0,
        name: device.name,
        scopes: device.scopes,
        created_at: device.created_at.to_string(),
        token: wire::secret(&token),
    })
}

pub(super) async fn get_device(hub: Hub, mut call: Call) -> Result<String> {
    let id: DeviceId = call.id("device_id")?;
    call.end()?;
    shown(&wire::device(hub.devices().get(&call.context, id).await?))
}

pub(super) async fn list_devices(hub: Hub, mut call: Call) -> Result<String> {
    let (agent, page): (AgentId, _) = (call.id("agent_id")?, call.page());
    call.end()?;
    shown(&wire::page(hub.devices().list(&call.context, agent, page).await?, wire::device))
}

pub(super) async fn update_device(hub: Hub, mut call: Call) -> Result<String> {
    let id: DeviceId = call.id("device_id")?;
    let body: PatchDevice = call.body()?;
    call.end()?;
    let patch = DevicePatch { name: body.name, scopes: body.scopes };
    shown(&wire::device(hub.devices().update(&call.context, id, patch).await?))
}

pub(super) async fn rotate_device(hub: Hub, mut call: Call) -> Result<String> {
    let id: DeviceId = call.id("device_id")?;
    call.end()?;
    let (device, token) = hub.devices().rotate(&call.context, id).await?;
    shown(&DeviceRotated { device_id: device.device_id.0, token: wire::secret(&token) })
}

pub(super) async fn revoke_device(hub: Hub, mut call: Call) -> Result<String> {
    let id: DeviceId = call.id("device_id")?;
    call.end()?;
    shown(&wire::device(hub.devices().revoke(&call.context, id).await?))
}

pub(super) async fn grant(hub: Hub, mut call: Call) -> Result<String> {
    let person: PersonId = call.id("person_id")?;
    let body: GrantConsent = call.body()?;
    call.end()?;
    let expires_at = wire::optional_time(body.expires_at.as_ref(), "expires_at")?;
    let new = NewGrant { kind: body.kind, expires_at };
    let grant = hub.consent().grant(&call.context, person, new).await?;
    shown(&wire::consent(super::events::own(&call.context)?, grant))
}

pub(super) async fn list_grants(hub: Hub, mut call: Call) -> Result<String> {
    let (person, page): (PersonId, _) = (call.id("person_id")?, call.page());
    call.end()?;
    let agent = hub.people().get(&call.context, person).await?.agent_id;
    let page = hub.consent().list(&call.context, person, page).await?;
    shown(&wire::page(page, |grant| wire::consent(agent, grant)))
}

pub(super) async fn revoke_grant(hub: Hub, mut call: Call) -> Result<String> {
    let id: ConsentId = call.id("consent_id")?;
    call.end()?;
    hub.consent().revoke(&call.context, id).await?;
    shown(&())
}
