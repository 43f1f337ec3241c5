//! What a tool says of itself. A manifest is checked once, when the tool is registered.

mod version;

pub use version::Version;

use super::schema::ArgumentSchema;
use crate::audit::Digest;
use crate::canonical::canonical;
use crate::{Error, Result};
use hub_protocol::vocabulary::{Effect, Scope};
use serde_json::Value;

/// Characters of a tool's name.
pub const TOOL_NAME_CHARS: usize = 64;
/// UTF-8 bytes of a tool's description.
pub const DESCRIPTION_BYTES: usize = 4 * 1024;
/// Seconds that a run may be given.
pub const TIMEOUT_SECONDS_MAX: u32 = 3_600;

/// What a tool is called, takes, does and needs.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolManifest {
    /// Its name, such as `message.send`: 1 to [`TOOL_NAME_CHARS`] of `a-z 0-9 _ .`.
    pub name: String,
    /// Its version, such as `1.2.0` ([`Version`]).
    pub version: String,
    /// What it does, in a sentence; at most [`DESCRIPTION_BYTES`] bytes.
    pub description: String,
    /// JSON Schema of its arguments; at most [`hub_protocol::limits::SCHEMA_BYTES`] bytes.
    pub input_schema: Value,
    /// What it does to the world.
    pub effect: Effect,
    /// What it needs; each once.
    pub scopes: Vec<Scope>,
    /// How long one run may take, in seconds, 1 to [`TIMEOUT_SECONDS_MAX`].
    pub timeout_seconds: u32,
    /// Whether running it twice does no more than once.
    pub idempotent: bool,
}

impl ToolManifest {
    /// Checks every field and compiles the schema.
    ///
    /// # Errors
    /// `invalid`, code `malformed_tool` or `malformed_schema`, naming the field; `limit` when a
    /// field is too large.
    pub fn compile(&self) -> Result<ArgumentSchema> {
        let malformed = |field: &str, message: &str| Error::invalid("malformed_tool", message).field(field);
        let letters = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.');
        if !(1..=TOOL_NAME_CHARS).contains(&self.name.len()) || !self.name.bytes().all(letters) {
            let problem = malformed("name", "a tool's name is made of a-z, 0-9, _ and .");
            return Err(problem.at_limit(format!("1 to {TOOL_NAME_CHARS} characters")));
        }
        self.version()?;
        if self.description.trim().is_empty() {
            return Err(malformed("description", "a tool says what it does"));
        }
        if self.description.len() > DESCRIPTION_BYTES {
            let limit = format!("{DESCRIPTION_BYTES} bytes");
            return Err(Error::limit("description_too_long", "the description is too long", limit)
                .field("description"));
        }
        if !self.input_schema.is_object() {
            return Err(malformed("input_schema", "the schema of arguments is a JSON object"));
        }
        if self
            .scopes
            .iter()
            .enumerate()
            .any(|(index, scope)| self.scopes.iter().skip(index + 1).any(|s| s == scope))
        {
            return Err(malformed("scopes", "a scope is named twice"));
        }
        if !(1..=TIMEOUT_SECONDS_MAX).contains(&self.timeout_seconds) {
            let problem = malformed("timeout_seconds", "a run is given too little or too much time");
            return Err(problem.at_limit(format!("1 to {TIMEOUT_SECONDS_MAX} seconds")));
        }
        ArgumentSchema::compile(&self.input_schema).map_err(|error| error.field("input_schema"))
    }

    /// The version, by which newer and older compare.
    ///
    /// # Errors
    /// `invalid`, code `malformed_tool`, when it is not one.
    pub fn version(&self) -> Result<Version> {
        self.version.parse()
    }

    /// SHA-256 over the schema of arguments in canonical form (RFC 8785).
    ///
    /// # Errors
    /// `invalid` when the schema has no canonical form.
    pub fn schema_digest(&self) -> Result<Digest> {
        Ok(Digest::of(canonical(&self.input_schema)?.as_bytes()))
    }
}

#[cfg(test)]
mod tests;
