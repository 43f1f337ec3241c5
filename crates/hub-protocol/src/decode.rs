//! Bytes of a request become its shape, or an error that names the field.

use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;

/// Characters of a parser's message that are passed on: it may repeat the caller's text.
const MESSAGE_CHARS: usize = 300;

/// Why a request could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError {
    /// `invalid_json` (not JSON at all), `unknown_field`, `invalid_field`, or `too_many_events`.
    pub code: &'static str,
    /// What is wrong, in a sentence.
    pub detail: String,
    /// The field at fault, as a path such as `scopes[1]`.
    pub field: Option<String>,
    /// The bound that was passed, with its unit.
    pub limit: Option<String>,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for DecodeError {}

impl DecodeError {
    pub(crate) fn not_json(detail: impl fmt::Display) -> Self {
        Self { code: "invalid_json", detail: shorten(&detail.to_string()), field: None, limit: None }
    }

    pub(crate) fn at(code: &'static str, field: &str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), field: Some(field.to_owned()), limit: None }
    }
}

/// Reads the JSON body of a request.
///
/// # Errors
///
/// [`DecodeError`] with the field at fault, where one is.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    decode_text(text_of(body)?)
}

/// The body as text.
pub(crate) fn text_of(body: &[u8]) -> Result<&str, DecodeError> {
    std::str::from_utf8(body).map_err(|error| {
        DecodeError::not_json(format_args!("the body is not UTF-8 from byte {} on", error.valid_up_to()))
    })
}

/// Reads plainly first, for speed; only what failed is read again to find the field.
pub(crate) fn decode_text<T: DeserializeOwned>(text: &str) -> Result<T, DecodeError> {
    if !is_object(text) {
        return Err(no_object(text));
    }
    serde_json::from_str(text).map_err(|error| explain::<T>(text, &error))
}

/// Whether it begins as an object. The parser would take an array for one, its items for the fields in their order.
pub(crate) fn is_object(text: &str) -> bool {
    text.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('{')
}

#[cold]
fn no_object(text: &str) -> DecodeError {
    match serde_json::from_str::<Value>(text) {
        Ok(_) => DecodeError { code: "invalid_field", ..DecodeError::not_json("the body is not an object") },
        Err(error) => DecodeError::not_json(error),
    }
}

#[cold]
fn explain<T: DeserializeOwned>(text: &str, error: &serde_json::Error) -> DecodeError {
    // An array where a word should be is a fault of syntax to the parser, too.
    if (error.is_syntax() || error.is_eof()) && serde_json::from_str::<Value>(text).is_err() {
        return DecodeError::not_json(error);
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let path = match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
        Ok(_) => String::new(),
        Err(located) => located.path().to_string(),
    };
    let message = error.to_string();
    let code = if message.starts_with("unknown field") { "unknown_field" } else { "invalid_field" };
    DecodeError { code, field: field_of(&path, &message), detail: shorten(&message), limit: None }
}

/// The path, completed by a field that the parser names only in its message.
fn field_of(path: &str, message: &str) -> Option<String> {
    let named = ["missing field `", "unknown field `", "duplicate field `"]
        .iter()
        .find_map(|start| message.strip_prefix(start)?.split('`').next());
    let whole = match (if path == "." { "" } else { path }, named) {
        ("", named) => named?.to_owned(),
        (path, Some(named)) if path != named && !path.ends_with(&format!(".{named}")) => {
            format!("{path}.{named}")
        }
        (path, _) => path.to_owned(),
    };
    Some(shorten(&whole))
}

fn shorten(message: &str) -> String {
    match message.char_indices().nth(MESSAGE_CHARS) {
        Some((end, _)) => format!("{}…", message.get(..end).unwrap_or_default()),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;
    use crate::actions::ProposeAction;
    use crate::consents::GrantConsent;
    use crate::devices::CreateDevice;
    use crate::tokens::CreateToken;

    fn refused<T: DeserializeOwned + fmt::Debug>(body: &str) -> (&'static str, Option<String>) {
        let error = decode::<T>(body.as_bytes()).unwrap_err();
        (error.code, error.field)
    }

    #[test]
    fn an_array_is_no_object_and_no_word() {
        assert_eq!(refused::<CreateDevice>(r#"["kitchen", ["events:write"]]"#), ("invalid_field", None));
        assert_eq!(refused::<CreateDevice>("  [\"kitchen\","), ("invalid_json", None));
        assert_eq!(
            refused::<GrantConsent>(r#"{"kind": ["voice"]}"#),
            ("invalid_field", Some("kind".to_owned()))
        );
        assert!(decode::<CreateDevice>(b"\r\n\t {\"name\":\"kitchen\"}").is_ok());
    }

    /// Half a character is none: no text of a request can hold one.
    #[test]
    fn lone_surrogates_are_no_json() {
        for half in ["\\ud83d", "\\ude00", "\\ud83d\\ud83d", "\\ude00\\ud83d"] {
            let name = format!(r#"{{"name":"a{half}b"}}"#);
            assert_eq!(refused::<CreateDevice>(&name), ("invalid_json", None), "{name}");
            let deep = format!(r#"{{"a":[{{"b":"{half}"}}]}}"#);
            assert_eq!(refused::<serde_json::Value>(&deep), ("invalid_json", None), "{deep}");
            let key = format!(r#"{{"a":{{"{half}":1}}}}"#);
            assert_eq!(refused::<serde_json::Value>(&key), ("invalid_json", None), "{key}");
        }
        let whole = decode::<CreateDevice>(br#"{"name":"\ud83d\ude00"}"#).unwrap();
        assert_eq!(whole.name, "\u{1f600}");
    }

    #[test]
    fn the_field_at_fault_is_named() {
        let field = |name: &str| Some(name.to_owned());
        assert_eq!(refused::<CreateDevice>(r#"{"name":"a","colour":1}"#), ("unknown_field", field("colour")));
        assert_eq!(refused::<CreateDevice>("{}"), ("invalid_field", field("name")));
        assert_eq!(refused::<CreateDevice>(r#"{"name":7}"#), ("invalid_field", field("name")));
        assert_eq!(refused::<CreateDevice>(r#"{"name":"a","name":"b"}"#), ("invalid_field", field("name")));
        assert_eq!(
            refused::<CreateDevice>(r#"{"name":"a","scopes":["events:read","all"]}"#),
            ("invalid_field", field("scopes[1]"))
        );
        assert_eq!(
            refused::<ProposeAction>(r#"{"space_id":"not-a-uuid","tool":"t","arguments":{}}"#),
            ("invalid_field", field("space_id"))
        );
        assert_eq!(
            refused::<CreateToken>(r#"{"kind":"operator","person_id":"x","role":"owner"}"#),
            ("invalid_field", field("person_id"))
        );
        assert_eq!(
            refused::<CreateToken>(r#"{"kind":"delegate","name":"a"}"#),
            ("invalid_field", field("scopes"))
        );
        assert_eq!(
            refused::<CreateToken>(r#"{"kind":"delegate","role":"owner"}"#),
            ("unknown_field", field("role"))
        );
    }

    #[test]
    fn an_expiry_that_is_null_is_refused_and_an_absent_one_is_not() {
        assert_eq!(
            refused::<GrantConsent>(r#"{"kind":"voice","expires_at":null}"#),
            ("invalid_field", Some("expires_at".to_owned()))
        );
        assert_eq!(decode::<GrantConsent>(br#"{"kind":"voice"}"#).unwrap().expires_at, None);
    }

    #[test]
    fn what_is_not_json_is_said_so() {
        assert_eq!(refused::<CreateDevice>(r#"{"name":"#).0, "invalid_json");
        assert_eq!(decode::<CreateDevice>(b"{\"name\":\"\xff\"}").unwrap_err().code, "invalid_json");
        assert_eq!(refused::<CreateDevice>(r#"{"name":"a"} x"#).0, "invalid_json");
    }

    #[test]
    fn an_error_does_not_repeat_a_long_text() {
        let body = format!(r#"{{"name":"a","scopes":"{}"}}"#, "x".repeat(100_000));
        assert!(decode::<CreateDevice>(body.as_bytes()).unwrap_err().detail.len() < 1_000);
        let body = format!(r#"{{"name":"a","{}":1}}"#, "x".repeat(100_000));
        let error = decode::<CreateDevice>(body.as_bytes()).unwrap_err();
        assert!(error.detail.len() + error.field.unwrap().len() < 2_000);
    }
}
