//! Canonical JSON (RFC 8785): the one text of a value, which is hashed, stored and compared.

use crate::{Error, Result};
use serde::Serialize;
use serde_json::{Number, Value};

/// The greatest integer that canonical JSON keeps apart from its neighbours, 2^53 − 1: RFC 8785
/// writes every number as an IEEE 754 double.
pub(crate) const INTEGER_MAX: u64 = (1 << 53) - 1;

/// The same as a double.
const INTEGER_MAX_DOUBLE: f64 = 9_007_199_254_740_991.0;

/// From here on a double is written with an exponent (RFC 8785, section 3.2.2.3), and read as a double again.
const EXPONENT_FROM: f64 = 1e21;

/// The canonical text of a value. Read again and written again it is the same text.
///
/// # Errors
/// `invalid`, code `number_precision`, when a number is written as an integer beyond [`INTEGER_MAX`] either way: it
/// would have the text, and the digest, of another one, and could not be read back. Send such a number as text.
pub(crate) fn canonical(value: &Value) -> Result<String> {
    written(value, vec![value])
}

/// The canonical text of an object that is held as its members.
///
/// # Errors
/// As [`canonical`].
pub(crate) fn canonical_object(members: &serde_json::Map<String, Value>) -> Result<String> {
    written(members, members.values().collect())
}

fn written(value: &impl Serialize, parts: Vec<&Value>) -> Result<String> {
    if are_precise(parts) {
        return serde_json_canonicalizer::to_string(value).map_err(Error::internal);
    }
    let problem =
        Error::invalid("number_precision", "an integer is too large to be written precisely; send text");
    Err(problem.at_limit(INTEGER_MAX))
}

/// Looks at every number with a list of its own, so that depth costs no stack.
fn are_precise(mut waiting: Vec<&Value>) -> bool {
    while let Some(value) = waiting.pop() {
        match value {
            Value::Number(number) if !is_precise(number) => return false,
            Value::Array(items) => waiting.extend(items),
            Value::Object(members) => waiting.extend(members.values()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    true
}

fn is_precise(number: &Number) -> bool {
    if let Some(size) = number.as_i64().map(i64::unsigned_abs).or_else(|| number.as_u64()) {
        return size <= INTEGER_MAX;
    }
    // `1e17` is written as an integer too.
    number.as_f64().is_some_and(|double| {
        let size = double.abs();
        size <= INTEGER_MAX_DOUBLE || size >= EXPONENT_FROM
    })
}

#[cfg(test)]
mod tests;
