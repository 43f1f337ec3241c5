//! `hub.devices()`.

use super::Devices;
use super::tokens::rows::{self as tokens, Draft};
use crate::audit::EntryDraft;
use crate::clock::Timestamp;
use crate::context::{Context, Need, Scoped};
use crate::ids::{AgentId, DeviceId};
use crate::page::{Page, PageRequest};
use crate::sensitive::Secret;
use crate::store::{Row, Tx, across, boxed, declare};
use crate::text::name;
use crate::{Error, Result};
use hub_protocol::vocabulary::Scope;

/// The identity of a satellite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Which.
    pub device_id: DeviceId,
    /// Whose.
    pub agent_id: AgentId,
    /// Its name.
    pub name: String,
    /// What it may do, in the order of the vocabulary.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// A device to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDevice {
    /// 1 to 200 characters.
    pub name: String,
    /// What it may do; none is nothing.
    pub scopes: Vec<Scope>,
}

/// What to change of a device; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DevicePatch {
    /// 1 to 200 characters.
    pub name: Option<String>,
    /// All that it may do from now on.
    pub scopes: Option<Vec<Scope>>,
}

declare! {
    INSERT = "INSERT INTO devices (agent_id, device_id, name, scopes, created_at) VALUES ($1, $2, $3, $4, $5)";
    ONE = "SELECT device_id, agent_id, name, scopes, created_at, revoked_at FROM devices \
           WHERE agent_id = $1 AND device_id = $2";
    PAGE = "SELECT device_id, agent_id, name, scopes, created_at, revoked_at FROM devices \
            WHERE agent_id = $1 AND device_id > $2 ORDER BY device_id LIMIT $3";
    UPDATE = "UPDATE devices SET name = coalesce($3, name), scopes = coalesce($4, scopes) \
              WHERE agent_id = $1 AND device_id = $2";
    REVOKE = "UPDATE devices SET revoked_at = $3 WHERE agent_id = $1 AND device_id = $2 AND revoked_at IS NULL";
}

fn unknown() -> Error {
    Error::not_found("unknown_device", "no such device")
}

fn read(mut row: Row) -> Result<Device> {
    Ok(Device {
        device_id: row.take(0)?,
        agent_id: row.take(1)?,
        name: row.take(2)?,
        scopes: row.json(3)?,
        created_at: row.take(4)?,
        revoked_at: row.take(5)?,
    })
}

/// The device, which must be there; it may be revoked.
pub(crate) async fn load(tx: &mut Tx, agent: Scoped, device_id: DeviceId) -> Result<Device> {
    read(tx.row(&ONE, vec![agent.agent_id().into(), device_id.into()]).await?.ok_or_else(unknown)?)
}

/// The device, which must be there and in service.
async fn in_service(tx: &mut Tx, agent: Scoped, device_id: DeviceId) -> Result<Device> {
    let device = load(tx, agent, device_id).await?;
    if device.revoked_at.is_some() {
        return Err(Error::conflict("device_revoked", "the device was revoked; make a new one"));
    }
    Ok(device)
}

fn ordered(mut scopes: Vec<Scope>) -> Vec<Scope> {
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

fn words(scopes: &[Scope]) -> Vec<String> {
    scopes.iter().map(ToString::to_string).collect()
}

impl Devices {
    /// Makes a device and its token. An admin or an owner may. The secret is answered once and
    /// never again.
    ///
    /// # Errors
    /// `invalid` for a name out of bounds; `not_found` for an unknown agent.
    pub async fn create(
        &self,
        context: &Context,
        agent_id: AgentId,
        new: NewDevice,
    ) -> Result<(Device, Secret)> {
        let agent = self.hub.allow(context, agent_id, Need::Arrange)?;
        let (name, context) = (name(&new.name, "name")?, context.clone());
        let scopes = ordered(new.scopes);
        self.hub
            .store
            .write(agent, move |tx| {
                boxed(async move {
                    super::agents::load(tx, agent).await?;
                    let device_id = DeviceId(tx.new_id()?);
                    let now = tx.now();
                    let parameters = vec![
                        agent_id.into(),
                        device_id.into(),
                        name.into(),
                        tokens::json(&scopes)?,
                        now.into(),
                    ];
                    tx.run(&INSERT, parameters);
                    let (_, secret) = tokens::insert(tx, agent, Draft::of_device(device_id)).await?;
                    let entry = EntryDraft::new(now, "device.created", &context.principal)
                        .subject("device", device_id)
                        .fact("scopes", words(&scopes));
                    tx.audit(agent, entry).await?;
                    Ok((load(tx, agent, device_id).await?, secret))
                })
            })
            .await
    }

    /// One device.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get(&self, context: &Context, device_id: DeviceId) -> Result<Device> {
        let agent =
            self.hub.allow_thing(context, Need::See, across::OWNER_OF_DEVICE, device_id.0, unknown).await?;
        self.hub.store.read(agent, move |tx| boxed(load(tx, agent, device_id))).await
    }

    /// The devices of an agent, revoked ones too.
    ///
    /// # Errors
    /// `not_found` for an unknown agent; `invalid` or `limit` for a malformed page.
    pub async fn list(
        &self,
        context: &Context,
        agent_id: AgentId,
        page: PageRequest,
    ) -> Result<Page<Device>> {
        let agent = self.hub.allow(context, agent_id, Need::See)?;
        let (after, rows) = (page.after_id()?, page.rows()?);
        self.hub
            .store
            .read(agent, move |tx| {
                boxed(async move {
                    super::agents::load(tx, agent).await?;
                    let rows = tx.rows(&PAGE, vec![agent_id.into(), after.into(), rows.into()]).await?;
                    let devices = rows.into_iter().map(read).collect::<Result<Vec<_>>>()?;
                    Page::of(devices, &page, |device| device.device_id.to_string())
                })
            })
            .await
    }

    /// Renames a device, or sets what it may do. An admin or an owner may.
    ///
    /// # Errors
    /// `not_found`; `invalid` for a name out of bounds; `conflict` when the device was revoked.
    pub async fn update(&self, context: &Context, device_id: DeviceId, patch: DevicePatch) -> Result<Device> {
        let agent = self.arrange(context, device_id).await?;
        let (context, name) = (context.clone(), patch.name.map(|text| name(&text, "name")).transpose()?);
        let scopes = patch.scopes.map(ordered);
        let answer = self
            .hub
            .store
            .write(agent, move |tx| {
                boxed(async move {
                    in_service(tx, agent, device_id).await?;
                    let stored = scopes.as_deref().map(tokens::json).transpose()?;
                    let parameters =
                        vec![agent.agent_id().into(), device_id.into(), name.into(), stored.into()];
                    tx.run(&UPDATE, parameters);
                    let mut entry = EntryDraft::new(tx.now(), "device.changed", &context.principal)
                        .subject("device", device_id);
                    if let Some(scopes) = scopes {
                        entry = entry.fact("scopes", words(&scopes));
                    }
                    tx.audit(agent, entry).await?;
                    load(tx, agent, device_id).await
                })
            })
            .await;
        self.hub.forget_tokens();
        answer
    }

    /// Gives a device a new token; the old one stops working at once. An admin or an owner may.
    ///
    /// # Errors
    /// `not_found`; `conflict` when the device was revoked.
    pub async fn rotate(&self, context: &Context, device_id: DeviceId) -> Result<(Device, Secret)> {
        let agent = self.arrange(context, device_id).await?;
        let context = context.clone();
        let answer = self
            .hub
            .store
            .write(agent, move |tx| {
                boxed(async move {
                    let device = in_service(tx, agent, device_id).await?;
                    let now = tx.now();
                    let parameters = vec![agent.agent_id().into(), device_id.into(), now.into()];
                    tx.run(&tokens::REVOKE_OF_DEVICE, parameters);
                    let (_, secret) = tokens::insert(tx, agent, Draft::of_device(device_id)).await?;
                    let entry = EntryDraft::new(now, "device.rotated", &context.principal)
                        .subject("device", device_id);
                    tx.audit(agent, entry).await?;
                    Ok((device, secret))
                })
            })
            .await;
        self.hub.forget_tokens();
        answer
    }

    /// Takes a device out of service, with its token. An admin or an owner may; twice is no error.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn revoke(&self, context: &Context, device_id: DeviceId) -> Result<Device> {
        let agent = self.arrange(context, device_id).await?;
        let context = context.clone();
        let answer = self
            .hub
            .store
            .write(agent, move |tx| {
                boxed(async move {
                    let device = load(tx, agent, device_id).await?;
                    if device.revoked_at.is_some() {
                        return Ok(device);
                    }
                    let now = tx.now();
                    let parameters = vec![agent.agent_id().into(), device_id.into(), now.into()];
                    tx.run(&REVOKE, parameters.clone());
                    tx.run(&tokens::REVOKE_OF_DEVICE, parameters);
                    let entry = EntryDraft::new(now, "device.revoked", &context.principal)
                        .subject("device", device_id);
                    tx.audit(agent, entry).await?;
                    load(tx, agent, device_id).await
                })
            })
            .await;
        self.hub.forget_tokens();
        answer
    }

    async fn arrange(&self, context: &Context, device_id: DeviceId) -> Result<Scoped> {
        self.hub.allow_thing(context, Need::Arrange, across::OWNER_OF_DEVICE, device_id.0, unknown).await
    }
}
