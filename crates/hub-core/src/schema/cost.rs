//! How much work a schema can make of one value. Alternatives that refer to alternatives double
//! with every step, and a check may run while the writer waits: such a schema is refused when it
//! is registered, not found out when a value hangs the hub.
//!
//! The cost is an upper bound of the subschemas that are evaluated along one path from the whole
//! value to a leaf, at most [`limits::JSON_DEPTH`] levels down. To make it computable, references
//! are JSON pointers into the schema, or published metaschemas.

use crate::{Error, Result};
use hub_protocol::limits;
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// Evaluations along one path.
pub(super) const COST_MAX: u64 = 10_000;
/// Subschemas inside each other while references are followed; keeps the stack small here and in
/// the validator.
const NESTING_MAX: usize = 512;
/// What a reference to a published metaschema counts as.
const METASCHEMA_COST: u64 = 100;

/// Applied to the same value.
const HERE: &[&str] = &["not", "if", "then", "else"];
const HERE_LISTS: &[&str] = &["allOf", "anyOf", "oneOf"];
const HERE_MAPS: &[&str] = &["dependentSchemas", "dependencies"];
/// Applied to values inside it.
const INSIDE: &[&str] = &[
    "additionalItems",
    "additionalProperties",
    "contains",
    "items",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
];
/// Followed by rules that a pointer does not express.
const REFUSED: &[&str] = &["$dynamicRef", "$recursiveRef"];

/// Refuses a schema whose cost passes [`COST_MAX`].
pub(super) fn check(schema: &Value) -> Result<()> {
    let mut walk = Walk { root: schema, known: HashMap::new(), open: HashSet::new() };
    if walk.cost(schema, limits::JSON_DEPTH, 0)? > COST_MAX {
        return Err(too_complex(format!("{COST_MAX} evaluations along one path")));
    }
    Ok(())
}

fn too_complex(limit: String) -> Error {
    Error::limit("schema_too_complex", "checking a value against the schema could take too long", limit)
        .field("schema")
}

fn malformed(message: &str) -> Error {
    Error::invalid("malformed_schema", message).field("schema")
}

/// A subschema, by its address in the schema, and the levels of the value that are left.
type Place = (usize, usize);

struct Walk<'a> {
    root: &'a Value,
    known: HashMap<Place, u64>,
    open: HashSet<Place>,
}

impl<'a> Walk<'a> {
    fn cost(&mut self, schema: &'a Value, levels: usize, nesting: usize) -> Result<u64> {
        let Value::Object(keywords) = schema else { return Ok(1) };
        if nesting > NESTING_MAX {
            return Err(too_complex(format!("{NESTING_MAX} subschemas inside each other")));
        }
        let place = (std::ptr::from_ref(schema).addr(), levels);
        if let Some(cost) = self.known.get(&place) {
            return Ok(*cost);
        }
        if !self.open.insert(place) {
            // A circle without going down; the validator ends it.
            return Ok(1);
        }
        if REFUSED.iter().any(|word| keywords.contains_key(*word)) {
            return Err(malformed("a schema refers by $ref and a JSON pointer only"));
        }
        if nesting > 0 && ["$id", "id"].iter().any(|word| keywords.get(*word).is_some_and(Value::is_string)) {
            return Err(malformed("a part of a schema has no identifier of its own"));
        }
        let mut cost = 1_u64.saturating_add(self.here(keywords, levels, nesting + 1)?);
        if levels > 0 {
            cost = cost.saturating_add(self.inside(keywords, levels - 1, nesting + 1)?);
        }
        self.open.remove(&place);
        self.known.insert(place, cost);
        Ok(cost)
    }

    fn here(&mut self, keywords: &'a Map<String, Value>, levels: usize, nesting: usize) -> Result<u64> {
        let mut cost = 0_u64;
        let single = HERE.iter().filter_map(|word| keywords.get(*word));
        let lists = HERE_LISTS.iter().filter_map(|word| keywords.get(*word)?.as_array()).flatten();
        let maps =
            HERE_MAPS.iter().filter_map(|word| keywords.get(*word)?.as_object()).flat_map(|map| map.values());
        for schema in single.chain(lists).chain(maps) {
            cost = cost.saturating_add(self.cost(schema, levels, nesting)?);
        }
        if let Some(Value::String(reference)) = keywords.get("$ref") {
            let target = match self.target(reference)? {
                Some(schema) => self.cost(schema, levels, nesting)?,
                None => METASCHEMA_COST,
            };
            cost = cost.saturating_add(target);
        }
        Ok(cost)
    }

    /// One member of a value meets one of `properties`, one item one of `prefixItems`.
    fn inside(&mut self, keywords: &'a Map<String, Value>, levels: usize, nesting: usize) -> Result<u64> {
        let mut cost = 0_u64;
        let mut dearest = 0_u64;
        let properties = keywords.get("properties").and_then(Value::as_object).into_iter();
        for schema in properties.flat_map(|map| map.values()) {
            dearest = dearest.max(self.cost(schema, levels, nesting)?);
        }
        for word in ["prefixItems", "items"] {
            for schema in keywords.get(word).and_then(Value::as_array).into_iter().flatten() {
                dearest = dearest.max(self.cost(schema, levels, nesting)?);
            }
        }
        let single = INSIDE.iter().filter_map(|word| keywords.get(*word));
        let patterns = keywords.get("patternProperties").and_then(Value::as_object).into_iter();
        for schema in single.chain(patterns.flat_map(|map| map.values())) {
            cost = cost.saturating_add(self.cost(schema, levels, nesting)?);
        }
        Ok(cost.saturating_add(dearest))
    }

    /// What a reference points to; `None` for a published metaschema.
    fn target(&self, reference: &str) -> Result<Option<&'a Value>> {
        if ["https://json-schema.org/", "http://json-schema.org/"]
            .iter()
            .any(|site| reference.starts_with(site))
        {
            return Ok(None);
        }
        let pointer = reference.strip_prefix('#').and_then(percent_decoded);
        let target = pointer.and_then(|pointer| self.root.pointer(&pointer));
        target
            .map(Some)
            .ok_or_else(|| malformed("a schema refers to itself only, by a JSON pointer to what is there"))
    }
}

/// A URI fragment as text (RFC 3986, section 2.1).
fn percent_decoded(fragment: &str) -> Option<String> {
    let mut parts = fragment.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend_from_slice(part.get(2..)?.as_bytes());
    }
    String::from_utf8(bytes).ok()
}
