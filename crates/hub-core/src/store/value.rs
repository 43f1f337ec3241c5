//! What goes into a statement and what comes out of it: the few types that every database has.

use crate::{Error, Result};
use uuid::Uuid;

/// One value of a parameter or a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Absent.
    Null,
    /// A 64-bit integer; times are microseconds since 1970.
    Int(i64),
    /// A 64-bit float.
    Real(f64),
    /// UTF-8 text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(value)
    }
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(value: [u8; N]) -> Self {
        Self::Blob(value.to_vec())
    }
}

impl From<Uuid> for Value {
    fn from(value: Uuid) -> Self {
        Self::Blob(value.as_bytes().to_vec())
    }
}

impl From<crate::clock::Timestamp> for Value {
    fn from(value: crate::clock::Timestamp) -> Self {
        Self::Int(value.0)
    }
}

impl From<crate::trace::TraceContext> for Value {
    fn from(value: crate::trace::TraceContext) -> Self {
        value.to_bytes().into()
    }
}

impl From<crate::audit::Digest> for Value {
    fn from(value: crate::audit::Digest) -> Self {
        Self::Blob(value.0.to_vec())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! id_values {
    ($($name:ident),+) => {$(
        impl From<crate::ids::$name> for Value {
            fn from(value: crate::ids::$name) -> Self { value.0.into() }
        }

        impl FromValue for crate::ids::$name {
            fn from_value(value: Value) -> Option<Self> { Uuid::from_value(value).map(Self) }
        }
    )+};
}

id_values!(
    AgentId,
    SpaceId,
    DeviceId,
    PersonId,
    ConsentId,
    TokenId,
    EventId,
    MemoryId,
    ActionId,
    WindowId,
    DeadLetterId,
    MessageId,
    ArtifactId
);

/// What a column can be read as.
pub trait FromValue: Sized {
    /// The value as this type, if it is one.
    fn from_value(value: Value) -> Option<Self>;
}

impl FromValue for Value {
    fn from_value(value: Value) -> Option<Self> {
        Some(value)
    }
}

impl FromValue for i64 {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Int(value) => Some(value),
            _ => None,
        }
    }
}

impl FromValue for bool {
    fn from_value(value: Value) -> Option<Self> {
        i64::from_value(value).map(|value| value != 0)
    }
}

impl FromValue for f64 {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Real(value) => Some(value),
            #[allow(
                clippy::cast_precision_loss,
                reason = "SQLite stores whole floats as integers; ours are small"
            )]
            Value::Int(value) => Some(value as Self),
            _ => None,
        }
    }
}

impl FromValue for String {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Text(value) => Some(value),
            _ => None,
        }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Blob(value) => Some(value),
            _ => None,
        }
    }
}

impl<const N: usize> FromValue for [u8; N] {
    fn from_value(value: Value) -> Option<Self> {
        Vec::from_value(value)?.try_into().ok()
    }
}

impl FromValue for Uuid {
    fn from_value(value: Value) -> Option<Self> {
        <[u8; 16]>::from_value(value).map(Self::from_bytes)
    }
}

impl FromValue for crate::clock::Timestamp {
    fn from_value(value: Value) -> Option<Self> {
        i64::from_value(value).map(Self)
    }
}

impl FromValue for crate::audit::Digest {
    fn from_value(value: Value) -> Option<Self> {
        <[u8; 32]>::from_value(value).map(Self)
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

/// One row of an answer. Columns are taken by position, each at most once.
#[derive(Debug, Clone, PartialEq)]
pub struct Row(Vec<Value>);

/// A column that does not hold what the program expects: the database was changed from outside.
#[derive(Debug, thiserror::Error)]
#[error("column {0} of a row is absent or of another type")]
pub(super) struct UnexpectedColumn(usize);

impl Row {
    /// A row of these columns.
    #[must_use]
    pub fn new(columns: Vec<Value>) -> Self {
        Self(columns)
    }

    /// Takes the column at `index`, counted from 0.
    ///
    /// # Errors
    /// `internal` when the column is absent or of another type.
    pub fn take<T: FromValue>(&mut self, index: usize) -> Result<T> {
        self.0
            .get_mut(index)
            .map(|value| std::mem::replace(value, Value::Null))
            .and_then(T::from_value)
            .ok_or_else(|| Error::internal(UnexpectedColumn(index)))
    }

    /// Takes a column that holds a word of a closed set.
    ///
    /// # Errors
    /// `internal` when the column holds anything else.
    pub fn word<T: std::str::FromStr>(&mut self, index: usize) -> Result<T> {
        self.take::<String>(index)?.parse().map_err(|_| Error::internal(UnexpectedColumn(index)))
    }

    /// Takes a column that holds JSON.
    ///
    /// # Errors
    /// `internal` when the column holds anything else.
    pub fn json<T: serde::de::DeserializeOwned>(&mut self, index: usize) -> Result<T> {
        serde_json::from_str(&self.take::<String>(index)?).map_err(Error::internal)
    }
}
