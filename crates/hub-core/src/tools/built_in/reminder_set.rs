//! `reminder.set`: sets a reminder. It comes due as a `reminder_due` event, also when the hub was
//! down at that time.

use super::{arguments, manifest};
use crate::Result;
use crate::clock::Timestamp;
use crate::context::scoped_by_hub;
use crate::ids::{EventId, PersonId};
use crate::store::{Store, boxed, declare};
use crate::tools::{Tool, ToolCall, ToolManifest};
use hub_protocol::vocabulary::Effect;
use serde_json::{Value, json};

#[derive(Debug)]
pub(super) struct ReminderSet {
    store: Store,
    manifest: ToolManifest,
}

#[derive(serde::Deserialize)]
struct Arguments {
    text: String,
    at: String,
    person_id: Option<PersonId>,
}

declare! {
    SET = "INSERT INTO reminders (agent_id, action_id, space_id, person_id, text, fire_at, event_id) \
           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (agent_id, action_id) DO NOTHING";
}

impl ReminderSet {
    pub(super) fn new(store: Store) -> Result<Self> {
        let schema = json!({
            "type": "object",
            "required": ["text", "at"],
            "properties": {
                "text": { "type": "string", "minLength": 1, "maxLength": 4000 },
                "at": { "type": "string", "format": "date-time", "maxLength": 40 },
                "person_id": { "type": "string", "format": "uuid" }
            },
            "additionalProperties": false
        });
        let description = "Reminds at a time, in the space where it was asked for.";
        let manifest = manifest("reminder.set", description, Effect::External, Vec::new(), schema);
        Ok(Self { store, manifest })
    }
}

#[async_trait::async_trait]
impl Tool for ReminderSet {
    fn manifest(&self) -> &ToolManifest {
        &self.manifest
    }

    async fn run(&self, call: ToolCall) -> Result<Value> {
        let reminder: Arguments = arguments(call.arguments)?;
        let at = Timestamp::parse(&reminder.at).map_err(|error| error.field("arguments.at"))?;
        let agent = scoped_by_hub(call.agent_id);
        self.store
            .write(agent, move |tx| {
                boxed(async move {
                    let event_id = EventId(tx.new_id()?);
                    let parameters = vec![
                        agent.agent_id().into(),
                        call.action_id.into(),
                        call.space_id.into(),
                        reminder.person_id.into(),
                        reminder.text.into(),
                        at.into(),
                        event_id.into(),
                    ];
                    tx.run(&SET, parameters);
                    Ok(())
                })
            })
            .await?;
        Ok(json!({ "fires_at": at.to_string() }))
    }
}
