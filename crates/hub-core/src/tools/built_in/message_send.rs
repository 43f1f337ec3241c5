//! `message.send`: puts a message into the inbox of a space or of a device.

use super::{arguments, manifest};
use crate::context::{Scoped, scoped_by_hub};
use crate::ids::{DeviceId, MessageId, SpaceId};
use crate::store::{Store, Tx, boxed, declare};
use crate::tools::{Tool, ToolCall, ToolManifest};
use crate::{Error, Result};
use hub_protocol::vocabulary::Effect;
use serde_json::{Value, json};

#[derive(Debug)]
pub(super) struct MessageSend {
    store: Store,
    manifest: ToolManifest,
}

#[derive(serde::Deserialize)]
struct Arguments {
    text: String,
    to: Recipient,
    #[serde(rename = "for")]
    recipient: Option<String>,
}

#[derive(serde::Deserialize)]
struct Recipient {
    space_id: Option<SpaceId>,
    device_id: Option<DeviceId>,
}

declare! {
    SPACE = "SELECT privacy_mode FROM spaces WHERE agent_id = $1 AND space_id = $2 AND deleted_at IS NULL";
    DEVICE = "SELECT 1 FROM devices WHERE agent_id = $1 AND device_id = $2 AND revoked_at IS NULL";
    SENT = "SELECT message_id FROM messages WHERE agent_id = $1 AND action_id = $2";
    SEND = "INSERT INTO messages (agent_id, message_id, action_id, space_id, device_id, recipient, text, created_at) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
}

impl MessageSend {
    pub(super) fn new(store: Store) -> Result<Self> {
        let to = |name: &str| {
            json!({
                "type": "object",
                "required": [name],
                "properties": { name: { "type": "string", "format": "uuid" } },
                "additionalProperties": false
            })
        };
        let schema = json!({
            "type": "object",
            "required": ["text", "to"],
            "properties": {
                "text": { "type": "string", "minLength": 1, "maxLength": 4000 },
                "to": { "oneOf": [to("space_id"), to("device_id")] },
                "for": { "type": "string", "minLength": 1, "maxLength": 200 }
            },
            "additionalProperties": false
        });
        let description = "Puts a message into the inbox of a space or of a device.";
        let manifest = manifest("message.send", description, Effect::External, Vec::new(), schema);
        Ok(Self { store, manifest })
    }
}

#[async_trait::async_trait]
impl Tool for MessageSend {
    fn manifest(&self) -> &ToolManifest {
        &self.manifest
    }

    async fn run(&self, call: ToolCall) -> Result<Value> {
        let agent = scoped_by_hub(call.agent_id);
        let message: Arguments = arguments(call.arguments.clone())?;
        let id = self.store.write(agent, move |tx| boxed(send(tx, agent, call, message))).await?;
        Ok(json!({ "message_id": id }))
    }
}

async fn send(tx: &mut Tx, agent: Scoped, call: ToolCall, message: Arguments) -> Result<MessageId> {
    let own = agent.agent_id();
    if let Some(mut row) = tx.row(&SENT, vec![own.into(), call.action_id.into()]).await? {
        return row.take(0);
    }
    let space_id = message.to.space_id.unwrap_or(call.space_id);
    let space = tx.row(&SPACE, vec![own.into(), space_id.into()]).await?;
    let unknown = || Error::not_found("unknown_space", "no such space").field("arguments.to.space_id");
    if space.ok_or_else(unknown)?.take::<bool>(0)? {
        return Err(Error::denied("space_private", "the space is private: nothing is kept there"));
    }
    if let Some(device) = message.to.device_id
        && tx.row(&DEVICE, vec![own.into(), device.into()]).await?.is_none()
    {
        return Err(Error::not_found("unknown_device", "no such device").field("arguments.to.device_id"));
    }
    let id = MessageId(tx.new_id()?);
    let parameters = vec![
        own.into(),
        id.into(),
        call.action_id.into(),
        space_id.into(),
        message.to.device_id.into(),
        message.recipient.into(),
        message.text.into(),
        tx.now().into(),
    ];
    tx.run(&SEND, parameters);
    Ok(id)
}
