//! The tools that every hub has. Each writes only to the hub's own tables, keyed by its action,
//! so that running one again finds what it did before.

pub(crate) mod memory_forget;
mod memory_note;
pub(crate) mod message_send;
pub(crate) mod reminder_set;

use super::{Tool, ToolManifest};
use crate::store::Store;
use crate::{Error, Result};
use hub_protocol::vocabulary::{Effect, Scope};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;

/// The built-in tools over a store.
pub(crate) fn built_in(store: &Store) -> Result<Vec<Arc<dyn Tool>>> {
    Ok(vec![
        Arc::new(memory_note::MemoryNote::new(store.clone())?),
        Arc::new(memory_forget::MemoryForget::new(store.clone())?),
        Arc::new(message_send::MessageSend::new(store.clone())?),
        Arc::new(reminder_set::ReminderSet::new(store.clone())?),
    ])
}

/// A manifest of a built-in tool: version 1, ten seconds, may run twice.
fn manifest(
    name: &str,
    description: &str,
    effect: Effect,
    scopes: Vec<Scope>,
    schema: Value,
) -> ToolManifest {
    ToolManifest {
        name: name.to_owned(),
        version: "1.0.0".to_owned(),
        description: description.to_owned(),
        input_schema: schema,
        effect,
        scopes,
        timeout_seconds: 10,
        idempotent: true,
    }
}

/// Arguments that the schema has let through.
fn arguments<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_json::from_value(value).map_err(|cause| {
        Error::invalid("arguments_schema", "the arguments do not fit the tool").because(cause)
    })
}
