//! The event types of an agent's own, in `hub.events()`.

use super::Events;
use crate::audit::EntryDraft;
use crate::canonical::canonical;
use crate::clock::Timestamp;
use crate::context::{Context, Need, Scoped};
use crate::events::kind::is_custom;
use crate::ids::AgentId;
use crate::page::{Page, PageRequest};
use crate::schema::JsonSchema;
use crate::store::{Row, Tx, boxed, declare};
use crate::{Error, Result};
use serde_json::Value;

/// A type of events that an agent defines itself.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomType {
    /// `custom.` and then 1 to 90 of `a-z 0-9 _ .`.
    pub name: String,
    /// What payloads of this type must match.
    pub schema: Value,
    /// When the schema was set.
    pub updated_at: Timestamp,
}

declare! {
    PUT = "INSERT INTO event_types (agent_id, type, schema, updated_at) VALUES ($1, $2, $3, $4) \
           ON CONFLICT (agent_id, type) DO UPDATE SET schema = excluded.schema, updated_at = excluded.updated_at";
    ONE = "SELECT type, schema, updated_at FROM event_types WHERE agent_id = $1 AND type = $2";
    PAGE = "SELECT type, schema, updated_at FROM event_types WHERE agent_id = $1 AND type > $2 ORDER BY type LIMIT $3";
}

fn read(mut row: Row) -> Result<CustomType> {
    Ok(CustomType { name: row.take(0)?, schema: row.json(1)?, updated_at: row.take(2)? })
}

async fn load(tx: &mut Tx, agent: Scoped, name: &str) -> Result<CustomType> {
    let row = tx.row(&ONE, vec![agent.agent_id().into(), name.into()]).await?;
    read(row.ok_or_else(|| Error::not_found("unknown_event_type", "no such type of event"))?)
}

impl Events {
    /// Registers a type of events, or replaces its schema for the events that come from then on.
    /// An admin or an owner may.
    ///
    /// # Errors
    /// `invalid` for a name that is not `custom.…`, or a schema that is not one
    /// (`malformed_schema`); `limit` for a schema that is too large, too deep, or could take too
    /// long to check; `not_found` for an unknown agent.
    pub async fn put_type(
        &self,
        context: &Context,
        agent_id: AgentId,
        name: String,
        schema: Value,
    ) -> Result<CustomType> {
        let agent = self.hub.allow(context, agent_id, Need::Arrange)?;
        if !is_custom(&name) {
            let message = "a type of your own is `custom.` and then 1 to 90 of a-z 0-9 _ .";
            return Err(Error::invalid("invalid_event_type", message).field("type"));
        }
        JsonSchema::compile(&schema)?;
        let stored = canonical(&schema).map_err(|error| error.field("schema"))?;
        let context = context.clone();
        self.hub
            .store
            .write(agent, move |tx| {
                boxed(async move {
                    super::agents::load(tx, agent).await?;
                    let now = tx.now();
                    let parameters = vec![agent_id.into(), name.as_str().into(), stored.into(), now.into()];
                    tx.run(&PUT, parameters);
                    let entry = EntryDraft::new(now, "event_type.registered", &context.principal)
                        .subject("event_type", &name);
                    tx.audit(agent, entry).await?;
                    load(tx, agent, &name).await
                })
            })
            .await
    }

    /// One type of an agent's own.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_type(&self, context: &Context, agent_id: AgentId, name: &str) -> Result<CustomType> {
        let agent = self.hub.allow(context, agent_id, Need::See)?;
        let name = name.to_owned();
        self.hub.store.read(agent, move |tx| boxed(async move { load(tx, agent, &name).await })).await
    }

    /// The types of an agent's own, by name.
    ///
    /// # Errors
    /// `not_found` for an unknown agent; `limit` for too large a page.
    pub async fn list_types(
        &self,
        context: &Context,
        agent_id: AgentId,
        page: PageRequest,
    ) -> Result<Page<CustomType>> {
        let agent = self.hub.allow(context, agent_id, Need::See)?;
        let (after, rows) = (page.cursor.clone().unwrap_or_default(), page.rows()?);
        self.hub
            .store
            .read(agent, move |tx| {
                boxed(async move {
                    super::agents::load(tx, agent).await?;
                    let rows = tx.rows(&PAGE, vec![agent_id.into(), after.into(), rows.into()]).await?;
                    let types = rows.into_iter().map(read).collect::<Result<Vec<_>>>()?;
                    Page::of(types, &page, |custom| custom.name.clone())
                })
            })
            .await
    }
}
