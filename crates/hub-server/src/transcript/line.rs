//! A line that is an event.

use super::{Unreadable, derived_id};
use hub_protocol::events::NewEvent;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// A line as an event, with what it leaves out: `digest` is of the file, `number` the line's place among its
/// lines, from 0. With `everywhere`, the space counts before the line's own.
///
/// # Errors
/// [`Unreadable`] for a line without a sound event.
pub fn event(
    digest: &[u8; 32],
    number: usize,
    line: &Map<String, Value>,
    space_id: Uuid,
    everywhere: bool,
) -> Result<NewEvent, Unreadable> {
    let mut line = line.clone();
    if everywhere || !line.contains_key("space_id") {
        line.insert("space_id".to_owned(), json!(space_id));
    }
    if !line.contains_key("event_id") {
        line.insert("event_id".to_owned(), json!(derived_id(digest, 0, number, &space_id)));
    }
    serde_json::from_value(Value::Object(line)).map_err(|cause| {
        Unreadable::whole(format!("event {} of the file cannot be read: {cause}", number.saturating_add(1)))
    })
}
