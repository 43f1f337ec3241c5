use hub_core::fuzzing::canonical;
use hub_protocol::decode::decode;
use serde_json::{Map, Value};

/// Canonical JSON (RFC 8785): what has a canonical text is read from it again, and then has the same text.
pub fn canonical_json(bytes: &[u8]) {
    let Ok(members) = decode::<Map<String, Value>>(bytes) else { return };
    let value = Value::Object(members);
    let Ok(text) = canonical(&value) else { return };
    let again: Value = serde_json::from_str(&text).expect("canonical JSON is JSON");
    assert_eq!(canonical(&again).expect("what was written precisely is precise"), text);
}
