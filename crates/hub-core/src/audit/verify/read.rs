//! Rows as they are stored, and what can be read from them.

use crate::audit::digest::Digest;
use crate::audit::entry::{self, VERSION};
use crate::ids::AgentId;
use std::borrow::Cow;
use std::fmt;
use uuid::Uuid;

/// A column's value with the type that it has in the database, which tampering may have changed.
#[derive(Debug, Clone, PartialEq)]
pub enum RawValue {
    /// NULL.
    Null,
    /// An integer.
    Int(i64),
    /// A floating-point number.
    Real(f64),
    /// Text; its bytes need not be UTF-8.
    Text(Vec<u8>),
    /// Bytes.
    Blob(Vec<u8>),
}

/// A row of `audit_entries`.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEntry {
    /// 16 bytes.
    pub agent_id: RawValue,
    /// An integer from 1.
    pub seq: RawValue,
    /// The canonical text.
    pub entry: RawValue,
    /// 32 bytes.
    pub hash: RawValue,
}

/// A row of the heads.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredHead {
    /// 16 bytes.
    pub agent_id: RawValue,
    /// Number of entries.
    pub size: RawValue,
    /// 32 bytes: hash of the last entry.
    pub hash: RawValue,
}

impl RawValue {
    pub(super) fn agent_id(&self) -> Result<AgentId, ()> {
        match self {
            Self::Blob(bytes) => Uuid::from_slice(bytes).map(AgentId).map_err(|_| ()),
            _ => Err(()),
        }
    }

    pub(super) fn integer(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            _ => None,
        }
    }

    pub(super) fn hash(&self) -> Option<[u8; 32]> {
        match self {
            Self::Blob(bytes) => bytes.as_slice().try_into().ok(),
            _ => None,
        }
    }

    fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Text(bytes) | Self::Blob(bytes) => Some(bytes),
            _ => None,
        }
    }
}

impl fmt::Display for RawValue {
    /// Type and size; the value of numbers only, since text may be what somebody planted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("NULL"),
            Self::Int(value) => write!(f, "the integer {value}"),
            Self::Real(value) => write!(f, "the real number {value}"),
            Self::Text(bytes) => write!(f, "a text of {} bytes", bytes.len()),
            Self::Blob(bytes) => write!(f, "a blob of {} bytes", bytes.len()),
        }
    }
}

/// What a row says, column by column.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) agent_column: Option<AgentId>,
    pub(super) seq_column: Option<i64>,
    /// The column `hash`.
    pub(super) stored: Option<[u8; 32]>,
    /// The hash of the column `entry`, text or not.
    pub(super) computed: Option<[u8; 32]>,
    pub(super) entry_is_text: bool,
    pub(super) inner: Option<Inner>,
}

/// What the entry says of its place.
#[derive(Debug)]
pub(super) struct Inner {
    pub(super) agent_id: AgentId,
    pub(super) previous: [u8; 32],
    pub(super) seq: i64,
}

impl Reading {
    /// Whether the entry and the hash beside it belong together.
    pub(super) fn hash_holds(&self) -> bool {
        self.computed.is_some() && self.computed == self.stored
    }

    /// Whose log the row belongs to. An entry with its hash is believed before the column.
    pub(super) fn owner(&self) -> Option<AgentId> {
        let inner = self.inner.as_ref().map(|inner| inner.agent_id);
        if self.hash_holds() { inner.or(self.agent_column) } else { self.agent_column.or(inner) }
    }

    /// The place that the row takes where `expected` comes next.
    pub(super) fn place(&self, expected: i64) -> i64 {
        let inner = self.inner.as_ref().map(|inner| inner.seq);
        if inner == Some(expected) || self.seq_column == Some(expected) {
            return expected;
        }
        let (first, second) =
            if self.hash_holds() { (inner, self.seq_column) } else { (self.seq_column, inner) };
        first.or(second).unwrap_or(expected)
    }
}

pub(super) fn read(row: &StoredEntry) -> Reading {
    let bytes = row.entry.bytes();
    Reading {
        agent_column: row.agent_id.agent_id().ok(),
        seq_column: row.seq.integer(),
        stored: row.hash.hash(),
        computed: bytes.map(entry::hash),
        entry_is_text: matches!(row.entry, RawValue::Text(_)),
        inner: bytes.and_then(inner),
    }
}

#[derive(serde::Deserialize)]
struct Members<'a> {
    agent_id: Uuid,
    #[serde(borrow)]
    previous: Cow<'a, str>,
    seq: i64,
    version: u8,
}

fn inner(bytes: &[u8]) -> Option<Inner> {
    let members: Members<'_> = serde_json::from_slice(bytes).ok()?;
    let previous = members.previous.parse::<Digest>().ok()?.0;
    (members.version == VERSION).then_some(Inner {
        agent_id: AgentId(members.agent_id),
        previous,
        seq: members.seq,
    })
}
