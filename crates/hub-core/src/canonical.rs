//! Canonical JSON (RFC 8785): the one text of a value, which is hashed, stored and compared.

use crate::{Error, Result};
use serde_json::Value;

/// The greatest integer that canonical JSON keeps apart from its neighbours, 2^53 − 1: RFC 8785
/// writes every number as an IEEE 754 double.
pub(crate) const INTEGER_MAX: u64 = (1 << 53) - 1;

/// The canonical text of a value.
///
/// # Errors
/// `invalid`, code `number_precision`, when an integer lies beyond [`INTEGER_MAX`] either way: it
/// would have the text, and the digest, of another one. Send such a number as text.
pub(crate) fn canonical(value: &Value) -> Result<String> {
    if !is_precise(value) {
        let problem =
            Error::invalid("number_precision", "an integer is too large to be written precisely; send text");
        return Err(problem.at_limit(INTEGER_MAX));
    }
    serde_json_canonicalizer::to_string(value).map_err(Error::internal)
}

/// The canonical text of an object that is held as its members.
///
/// # Errors
/// As [`canonical`].
pub(crate) fn canonical_object(members: &serde_json::Map<String, Value>) -> Result<String> {
    if !members.values().all(is_precise) {
        let problem =
            Error::invalid("number_precision", "an integer is too large to be written precisely; send text");
        return Err(problem.at_limit(INTEGER_MAX));
    }
    serde_json_canonicalizer::to_string(members).map_err(Error::internal)
}

/// Looks at every number with a list of its own, so that depth costs no stack.
fn is_precise(value: &Value) -> bool {
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop() {
        match value {
            Value::Number(number) => {
                let size = number.as_i64().map(i64::unsigned_abs).or_else(|| number.as_u64());
                if size.is_some_and(|size| size > INTEGER_MAX) {
                    return false;
                }
            }
            Value::Array(items) => waiting.extend(items),
            Value::Object(members) => waiting.extend(members.values()),
            Value::Null | Value::Bool(_) | Value::String(_) => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn members_are_sorted_by_utf_16_and_numbers_written_as_doubles() {
        let value =
            json!({"\u{20ac}": 1.0, "\u{10000}": 2.5e-7, "\u{fb33}": 1e21, "a": [null, true, "\u{7f}\n"]});
        let text = "{\"a\":[null,true,\"\u{7f}\\n\"],\"\u{20ac}\":1,\"\u{10000}\":2.5e-7,\"\u{fb33}\":1e+21}";
        assert_eq!(canonical(&value).unwrap(), text);
    }

    #[test]
    fn integers_that_would_share_a_text_are_refused() {
        let greatest = i64::try_from(INTEGER_MAX).unwrap();
        for good in [greatest, -greatest] {
            assert_eq!(canonical(&json!([good])).unwrap(), format!("[{good}]"));
        }
        for bad in [json!(greatest + 1), json!(-greatest - 1), json!({"a": [u64::MAX]}), json!(i64::MIN)] {
            assert_eq!(canonical(&bad).unwrap_err().code(), "number_precision");
        }
    }
}
