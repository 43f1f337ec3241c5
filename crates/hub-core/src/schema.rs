//! JSON Schema for what callers send: arguments of tools, payloads of custom events. A schema
//! refers to itself and to the published metaschemas only; nothing is loaded from files or a network.

mod cost;

use crate::canonical::canonical;
use crate::text::without_nul;
use crate::{Error, Result};
use boon::{Compiler, Draft, ErrorKind, SchemaIndex, Schemas, UrlLoader, ValidationError};
use hub_protocol::limits;
use serde_json::Value;
use std::fmt;

/// Where a compiled schema stands; it names nothing outside the program.
const LOCATION: &str = "hub:///schema.json";
/// Characters of the path to a value that an error names.
const PATH_CHARS: usize = 200;

/// A compiled schema. Drafts 4 to 2020-12 by `$schema`, 2020-12 without it; `format` is checked.
pub(crate) struct JsonSchema {
    schemas: Schemas,
    index: SchemaIndex,
}

/// Where a value departs from its schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mismatch {
    /// JSON pointer (RFC 6901) to the value at fault; empty for the whole.
    pub(crate) pointer: String,
    /// What the schema demands there, without the value itself.
    pub(crate) demand: String,
}

struct Nothing;

impl UrlLoader for Nothing {
    fn load(&self, _: &str) -> std::result::Result<Value, Box<dyn std::error::Error>> {
        Err("a schema may refer to itself only".into())
    }
}

impl JsonSchema {
    /// Compiles a schema of at most [`limits::SCHEMA_BYTES`] bytes and [`limits::JSON_DEPTH`] levels.
    ///
    /// # Errors
    /// `invalid`, code `malformed_schema`, when it is not a schema or refers to anything outside
    /// itself; `limit` when it is too large, too deep or could take too long to check.
    pub(crate) fn compile(schema: &Value) -> Result<Self> {
        check_json(schema, "schema")?;
        let size = canonical(schema).map_err(|error| error.field("schema"))?.len();
        if size > limits::SCHEMA_BYTES {
            let limit = format!("{} bytes", limits::SCHEMA_BYTES);
            return Err(Error::limit("schema_too_large", "the schema is too large", limit).field("schema"));
        }
        cost::check(schema)?;
        let mut compiler = Compiler::new();
        compiler.set_default_draft(Draft::V2020_12);
        compiler.enable_format_assertions();
        compiler.use_loader(Box::new(Nothing));
        let mut schemas = Schemas::new();
        compiler.add_resource(LOCATION, schema.clone()).map_err(|cause| malformed(&cause))?;
        let index = compiler.compile(LOCATION, &mut schemas).map_err(|cause| malformed(&cause))?;
        Ok(Self { schemas, index })
    }

    /// The first departure of the value from the schema.
    ///
    /// # Errors
    /// The mismatch.
    pub(crate) fn compare(&self, value: &Value) -> std::result::Result<(), Mismatch> {
        self.schemas.validate(value, self.index).map_err(|error| mismatch(&error))
    }

    /// Refuses a value that departs from the schema; `field` is what the value is called in the
    /// request, and the error names the part of it at fault, such as `payload/items/0`.
    ///
    /// # Errors
    /// `invalid`, code `schema_mismatch`.
    pub(crate) fn check(&self, value: &Value, field: &str) -> Result<()> {
        self.compare(value).map_err(|mismatch| mismatch.into_error("schema_mismatch", field))
    }
}

impl fmt::Debug for JsonSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonSchema").finish_non_exhaustive()
    }
}

impl Mismatch {
    /// The error that names the part at fault under `field`.
    #[must_use]
    pub(crate) fn into_error(self, code: &'static str, field: &str) -> Error {
        let path: String = field.chars().chain(self.pointer.chars()).take(PATH_CHARS).collect();
        Error::invalid(code, format!("the schema is not met: {}", self.demand)).field(path)
    }
}

fn malformed(cause: &boon::CompileError) -> Error {
    // The cause can be shared between threads as text only.
    Error::invalid("malformed_schema", "not a JSON Schema that stands alone")
        .field("schema")
        .because(cause.to_string())
}

/// Follows the chain of causes to the first that says something of the value.
fn mismatch(error: &ValidationError<'_, '_>) -> Mismatch {
    let mut leaf = error;
    while let (
        ErrorKind::Group | ErrorKind::Schema { .. } | ErrorKind::Reference { .. } | ErrorKind::AllOf,
        Some(cause),
    ) = (&leaf.kind, leaf.causes.first())
    {
        leaf = cause;
    }
    Mismatch { pointer: leaf.instance_location.to_string(), demand: demand(&leaf.kind) }
}

/// Says what is demanded in words of the schema; what the caller sent is not repeated.
fn demand(kind: &ErrorKind<'_, '_>) -> String {
    match kind {
        ErrorKind::Type { got, want } => {
            let words: Vec<String> = want.iter().map(|kind| kind.to_string()).collect();
            format!("{} is wanted, not {got}", words.join(" or "))
        }
        ErrorKind::Required { want } => format!("required and absent: {}", want.join(" ")),
        ErrorKind::AdditionalProperties { got } => format!("{} members that it does not name", got.len()),
        ErrorKind::Enum { want } => {
            let words: Vec<String> = want.iter().map(Value::to_string).collect();
            format!("one of {}", words.join(" "))
        }
        ErrorKind::Const { want } => format!("{want} is wanted"),
        ErrorKind::Format { want, .. } => format!("the format {want} is wanted"),
        ErrorKind::Pattern { want, .. } => format!("the pattern {want} is wanted"),
        ErrorKind::MinLength { got, want } => format!("{got} characters, at least {want} are wanted"),
        ErrorKind::MaxLength { got, want } => format!("{got} characters, at most {want} are wanted"),
        ErrorKind::MinItems { got, want } => format!("{got} items, at least {want} are wanted"),
        ErrorKind::MaxItems { got, want } => format!("{got} items, at most {want} are wanted"),
        ErrorKind::MinProperties { got, want } => format!("{got} members, at least {want} are wanted"),
        ErrorKind::MaxProperties { got, want } => format!("{got} members, at most {want} are wanted"),
        ErrorKind::Minimum { want, .. } => format!("at least {want} is wanted"),
        ErrorKind::Maximum { want, .. } => format!("at most {want} is wanted"),
        ErrorKind::AnyOf | ErrorKind::OneOf(_) => "none, or too many, of its alternatives fit".to_owned(),
        ErrorKind::FalseSchema => "nothing is allowed here".to_owned(),
        _ => "it does not fit".to_owned(),
    }
}

/// Refuses a value that nests deeper than [`limits::JSON_DEPTH`] levels, an empty list is one, and
/// text in it, names of members too, with the character NUL.
///
/// # Errors
/// `limit`, code `json_depth`, or `invalid`, code `nul_character`, naming `field`.
pub(crate) fn check_json(value: &Value, field: &str) -> Result<()> {
    let mut waiting = vec![(value, 0_usize)];
    while let Some((value, above)) = waiting.pop() {
        let depth = above + 1;
        match value {
            Value::Array(_) | Value::Object(_) if depth > limits::JSON_DEPTH => {
                let limit = format!("{} levels", limits::JSON_DEPTH);
                return Err(Error::limit("json_depth", "the JSON nests too deeply", limit).field(field));
            }
            Value::Array(items) => waiting.extend(items.iter().map(|item| (item, depth))),
            Value::Object(members) => {
                members.keys().try_for_each(|name| without_nul(name, field))?;
                waiting.extend(members.values().map(|member| (member, depth)));
            }
            Value::String(text) => without_nul(text, field)?,
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
