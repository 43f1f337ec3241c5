//! An event as it is read back.

use crate::clock::Timestamp;
use crate::ids::{DeviceId, EventId, PersonId, SpaceId};
use serde_json::{Map, Value};

/// A stored event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Made by its sender.
    pub event_id: EventId,
    /// Place in the agent's order of storing.
    pub seq: i64,
    /// Where it happened.
    pub space_id: SpaceId,
    /// What kind of event.
    pub event_type: String,
    /// When it happened, by its sender.
    pub occurred_at: Timestamp,
    /// When the hub stored it.
    pub received_at: Timestamp,
    /// Who did or said it.
    pub person_id: Option<PersonId>,
    /// The satellite that sent it.
    pub device_id: Option<DeviceId>,
    /// What happened.
    pub payload: Map<String, Value>,
}
