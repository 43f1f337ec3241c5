//! The compiled schema of a tool's arguments.

use crate::schema::{JsonSchema, check_json};
use crate::{Error, Result};
use serde_json::Value;

/// Checks arguments before they are bound and before they run.
#[derive(Debug)]
pub struct ArgumentSchema(JsonSchema);

impl ArgumentSchema {
    /// Compiles the schema of a manifest.
    ///
    /// # Errors
    /// `invalid`, code `malformed_schema`, when it is not a schema or refers to anything outside
    /// itself; `limit` when it is larger than [`hub_protocol::limits::SCHEMA_BYTES`] or nests too deeply.
    pub fn compile(schema: &Value) -> Result<Self> {
        JsonSchema::compile(schema).map(Self)
    }

    /// Refuses arguments that the tool does not take.
    ///
    /// # Errors
    /// `invalid`, code `arguments_schema`, when they are not an object or depart from the schema;
    /// its field is `arguments` and the JSON pointer to the part at fault, such as
    /// `arguments/to/0`. `limit` when they nest too deeply.
    pub fn check(&self, arguments: &Value) -> Result<()> {
        if !arguments.is_object() {
            return Err(Error::invalid("arguments_schema", "arguments are a JSON object").field("arguments"));
        }
        check_json(arguments, "arguments")?;
        self.0.compare(arguments).map_err(|mismatch| mismatch.into_error("arguments_schema", "arguments"))
    }
}
