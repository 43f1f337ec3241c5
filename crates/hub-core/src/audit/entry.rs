//! The canonical entry. Its bytes are what is hashed and are frozen by
//! `testdata/audit/entries-v1.json`: a change to them is a new version.
//!
//! An entry is canonical JSON (RFC 8785) with these members, in this order:
//!
//! | Member | Value |
//! |---|---|
//! | `actor` | `{"id"?, "kind"}`: who caused it, a kind of principal |
//! | `agent_id` | UUID |
//! | `at` | microseconds since 1970-01-01 UTC when it was recorded |
//! | `digests` | name → salted digest of content; the content is never here |
//! | `facts` | name → state, word, number or identifier; never text of people |
//! | `kind` | dotted words, such as `event.stored` |
//! | `previous` | hash of the entry before; zeros for the first |
//! | `seq` | its place in the agent's log, from 1 |
//! | `subject` | `{"id", "type"}`: what it happened to; absent when to the agent itself |
//! | `version` | 1 |
//!
//! Its hash is SHA-256 over the version as one byte, then the entry.

mod write;

use super::digest::Digest;
use crate::clock::Timestamp;
use crate::ids::AgentId;
use crate::{Error, Result};
use hub_protocol::vocabulary::PrincipalKind;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use uuid::Uuid;

/// Version of the entry's form; the first of the hashed bytes.
pub const VERSION: u8 = 1;
/// The greatest number in an entry, 2^53 − 1: beyond it JSON numbers lose precision (RFC 8785,
/// section 3.2.2.3). As a time in microseconds it lies in the year 2255.
pub const NUMBER_MAX: i64 = (1 << 53) - 1;
/// UTF-8 bytes of one identifier or word in an entry.
pub const WORD_BYTES: usize = 512;
/// Members of `facts`, members of `digests`, and words of one fact.
pub const MEMBERS: usize = 64;
/// What the first entry of a log names as the hash before it.
pub const NO_PREVIOUS: [u8; 32] = [0; 32];

/// Who caused an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The kind of principal.
    pub kind: PrincipalKind,
    /// Its identifier or name; an admin has none.
    pub id: Option<String>,
}

impl Actor {
    /// A principal that has an identifier or a name.
    #[must_use]
    pub fn new(kind: PrincipalKind, id: impl fmt::Display) -> Self {
        Self { kind, id: Some(id.to_string()) }
    }

    /// The administrator, who has no identifier.
    #[must_use]
    pub const fn admin() -> Self {
        Self { kind: PrincipalKind::Admin, id: None }
    }
}

/// Something that is not content: a state, a word of a closed set, a number, an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A word or an identifier.
    Word(String),
    /// Several of them, in the order given.
    Words(Vec<String>),
    /// A number, at most [`NUMBER_MAX`] either way.
    Number(i64),
    /// Yes or no.
    Flag(bool),
}

macro_rules! facts {
    ($($from:ty => |$value:ident| $fact:expr;)+) => {$(
        impl From<$from> for Fact {
            fn from($value: $from) -> Self { $fact }
        }
    )+};
}

facts! {
    &str => |value| Self::Word(value.to_owned());
    String => |value| Self::Word(value);
    Uuid => |value| Self::Word(value.to_string());
    Digest => |value| Self::Word(value.to_string());
    Vec<String> => |value| Self::Words(value);
    Timestamp => |value| Self::Number(value.0);
    i64 => |value| Self::Number(value);
    i32 => |value| Self::Number(value.into());
    u32 => |value| Self::Number(value.into());
    // What does not fit becomes a number that sealing refuses.
    u64 => |value| Self::Number(i64::try_from(value).unwrap_or(i64::MAX));
    usize => |value| Self::Number(i64::try_from(value).unwrap_or(i64::MAX));
    bool => |value| Self::Flag(value);
}

/// What is to be recorded, before it has a place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryDraft {
    at: Timestamp,
    kind: &'static str,
    actor: Actor,
    subject: Option<(&'static str, String)>,
    facts: BTreeMap<&'static str, Fact>,
    digests: BTreeMap<&'static str, Digest>,
}

impl EntryDraft {
    /// A draft of this kind, such as `event.stored`, recorded at `at`.
    #[must_use]
    pub fn new(at: Timestamp, kind: &'static str, actor: impl Into<Actor>) -> Self {
        Self {
            at,
            kind,
            actor: actor.into(),
            subject: None,
            facts: BTreeMap::new(),
            digests: BTreeMap::new(),
        }
    }

    /// Names what it happened to, such as `event` and its identifier.
    #[must_use]
    pub fn subject(mut self, subject_type: &'static str, id: impl fmt::Display) -> Self {
        self.subject = Some((subject_type, id.to_string()));
        self
    }

    /// Adds a fact that is not content; a second one of the same name replaces the first.
    #[must_use]
    pub fn fact(mut self, name: &'static str, fact: impl Into<Fact>) -> Self {
        self.facts.insert(name, fact.into());
        self
    }

    /// Adds the salted digest of content; a second one of the same name replaces the first.
    #[must_use]
    pub fn digest(mut self, name: &'static str, digest: Digest) -> Self {
        self.digests.insert(name, digest);
        self
    }
}

/// An entry that has its place in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place, from 1.
    pub seq: i64,
    /// The canonical text.
    pub text: String,
    /// SHA-256 over the version byte and the text.
    pub hash: [u8; 32],
}

/// Gives a draft its place in the agent's log, after the entry whose hash is `previous`
/// ([`NO_PREVIOUS`] for the first).
///
/// # Errors
/// `limit` when a number passes [`NUMBER_MAX`], a word [`WORD_BYTES`] or a map [`MEMBERS`];
/// `internal` when a kind, a type or a name of a member is not made of the letters it should be.
pub fn seal(draft: &EntryDraft, agent_id: AgentId, seq: i64, previous: &[u8; 32]) -> Result<Entry> {
    check(draft, seq)?;
    let text = write::canonical(draft, agent_id, seq, previous)?;
    let hash = hash(text.as_bytes());
    Ok(Entry { seq, text, hash })
}

/// The hash of an entry's canonical bytes.
#[must_use]
pub fn hash(canonical: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update([VERSION]).chain_update(canonical).finalize().into()
}

fn check(draft: &EntryDraft, seq: i64) -> Result<()> {
    number("seq", seq)?;
    if seq < 1 {
        return Err(Error::internal("audit entries are numbered from 1"));
    }
    number("at", draft.at.0)?;
    if !draft.kind.contains('.') || !draft.kind.split('.').all(is_name) {
        return Err(Error::internal("the kind of an audit entry is not dotted words"));
    }
    word("actor", draft.actor.id.as_deref().unwrap_or_default())?;
    if let Some((subject_type, id)) = &draft.subject {
        name(subject_type)?;
        word("subject", id)?;
    }
    members("digests", draft.digests.len())?;
    members("facts", draft.facts.len())?;
    draft.digests.keys().try_for_each(|key| name(key))?;
    for (key, fact) in &draft.facts {
        name(key)?;
        match fact {
            Fact::Word(value) => word(key, value)?,
            Fact::Words(values) => {
                members(key, values.len())?;
                values.iter().try_for_each(|value| word(key, value))?;
            }
            Fact::Number(value) => number(key, *value)?,
            Fact::Flag(_) => {}
        }
    }
    Ok(())
}

fn number(field: &str, value: i64) -> Result<()> {
    if (-NUMBER_MAX..=NUMBER_MAX).contains(&value) {
        return Ok(());
    }
    Err(Error::limit("audit_number", "a number is too large for the audit log", NUMBER_MAX).field(field))
}

fn word(field: &str, value: &str) -> Result<()> {
    if value.len() <= WORD_BYTES {
        return Ok(());
    }
    let limit = format!("{WORD_BYTES} bytes");
    Err(Error::limit("audit_word", "a word is too long for the audit log", limit).field(field))
}

fn members(field: &str, count: usize) -> Result<()> {
    if count <= MEMBERS {
        return Ok(());
    }
    let limit = format!("{MEMBERS} members");
    Err(Error::limit("audit_members", "too many members for an audit entry", limit).field(field))
}

fn name(text: &str) -> Result<()> {
    if is_name(text) { Ok(()) } else { Err(Error::internal("a name in an audit entry is not `[a-z0-9_]+`")) }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

#[cfg(test)]
mod tests;
