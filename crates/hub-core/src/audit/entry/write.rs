//! Writes an entry's canonical text directly. Ingest makes tens of thousands of entries a second;
//! a generic canonicalizer sorts what is sorted already. A property in the tests holds both to the
//! same bytes.
//!
//! Names of members are ASCII (checked before), so the byte order of the maps is the UTF-16 order
//! that RFC 8785 demands.

use super::{EntryDraft, Fact, VERSION};
use crate::audit::digest::Digest;
use crate::ids::AgentId;
use crate::{Error, Result};
use std::fmt::Write as _;

/// Room for an entry with a subject, two facts and one digest.
const USUAL_BYTES: usize = 640;

pub(super) fn canonical(
    draft: &EntryDraft,
    agent_id: AgentId,
    seq: i64,
    previous: &[u8; 32],
) -> Result<String> {
    let mut text = String::with_capacity(USUAL_BYTES);
    text.push_str("{\"actor\":{");
    if let Some(id) = &draft.actor.id {
        text.push_str("\"id\":");
        string(&mut text, id)?;
        text.push(',');
    }
    text.push_str("\"kind\":\"");
    text.push_str(draft.actor.kind.as_str());
    text.push_str("\"},\"agent_id\":\"");
    text.push_str(agent_id.0.as_hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer()));
    text.push_str("\",\"at\":");
    number(&mut text, draft.at.0)?;
    text.push_str(",\"digests\":{");
    for (index, (name, digest)) in draft.digests.iter().enumerate() {
        member(&mut text, index, name);
        text.push('"');
        digest.write_to(&mut text);
        text.push('"');
    }
    text.push_str("},\"facts\":{");
    for (index, (name, value)) in draft.facts.iter().enumerate() {
        member(&mut text, index, name);
        fact(&mut text, value)?;
    }
    text.push_str("},\"kind\":\"");
    text.push_str(draft.kind);
    text.push_str("\",\"previous\":\"");
    Digest(*previous).write_to(&mut text);
    text.push_str("\",\"seq\":");
    number(&mut text, seq)?;
    if let Some((subject_type, id)) = &draft.subject {
        text.push_str(",\"subject\":{\"id\":");
        string(&mut text, id)?;
        text.push_str(",\"type\":\"");
        text.push_str(subject_type);
        text.push_str("\"}");
    }
    text.push_str(",\"version\":");
    number(&mut text, i64::from(VERSION))?;
    text.push('}');
    Ok(text)
}

fn member(text: &mut String, index: usize, name: &str) {
    if index > 0 {
        text.push(',');
    }
    text.push('"');
    text.push_str(name);
    text.push_str("\":");
}

fn fact(text: &mut String, fact: &Fact) -> Result<()> {
    match fact {
        Fact::Word(value) => string(text, value),
        Fact::Words(values) => {
            text.push('[');
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                string(text, value)?;
            }
            text.push(']');
            Ok(())
        }
        Fact::Number(value) => number(text, *value),
        Fact::Flag(value) => {
            text.push_str(if *value { "true" } else { "false" });
            Ok(())
        }
    }
}

fn number(text: &mut String, value: i64) -> Result<()> {
    write!(text, "{value}").map_err(Error::internal)
}

/// Identifiers seldom need an escape; what does is written by serde_json, whose escapes are those
/// of RFC 8785, section 3.2.2.2.
fn string(text: &mut String, value: &str) -> Result<()> {
    if value.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        text.push_str(&serde_json::to_string(value).map_err(Error::internal)?);
        return Ok(());
    }
    text.push('"');
    text.push_str(value);
    text.push('"');
    Ok(())
}
