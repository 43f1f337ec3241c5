//! What an approver was shown, as a request.

use crate::ports::Secrets;
use crate::rule::{METHODS, Rule};
use hub_core::{Error, Result};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// UTF-8 bytes of a request's body.
const BODY_BYTES: usize = 48 * 1024;
/// Headers that are the connection's or the hub's own.
const RESERVED: [&str; 12] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "idempotency-key",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The arguments of a request.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    pub(crate) method: String,
    pub(crate) url: String,
    #[serde(default)]
    headers: BTreeMap<String, HeaderText>,
    pub(crate) body: Option<String>,
}

/// What a header says: text, or the name of a secret.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
enum HeaderText {
    Plain(String),
    Secret(SecretName),
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretName {
    #[serde(rename = "$secret")]
    name: String,
    /// What stands before it, such as `Bearer `.
    #[serde(default)]
    prefix: String,
}

/// The schema of the arguments.
pub(crate) fn schema() -> Value {
    let secret = json!({
        "type": "object",
        "required": ["$secret"],
        "properties": {
            "$secret": { "type": "string", "pattern": "^[A-Z][A-Z0-9_]{0,63}$" },
            "prefix": { "type": "string", "maxLength": 100 }
        },
        "additionalProperties": false
    });
    let text = json!({ "type": "string", "maxLength": 4000 });
    json!({
        "type": "object",
        "required": ["method", "url"],
        "properties": {
            "method": { "enum": METHODS },
            "url": { "type": "string", "minLength": 8, "maxLength": 4000 },
            "headers": {
                "type": "object",
                "maxProperties": 32,
                "propertyNames": { "pattern": "^[A-Za-z0-9-]{1,100}$" },
                "additionalProperties": { "oneOf": [text, secret] }
            },
            "body": { "type": "string", "maxLength": BODY_BYTES }
        },
        "additionalProperties": false
    })
}

/// A secret that goes with a request, for taking it out of the answer.
pub(crate) struct Sent {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// The headers of a request to a place that this rule covers, and the secrets in them.
pub(crate) fn headers(
    arguments: &Arguments,
    rule: &Rule,
    secrets: &dyn Secrets,
) -> Result<(HeaderMap, Vec<Sent>)> {
    let (mut headers, mut sent) = (HeaderMap::new(), Vec::new());
    for (name, text) in &arguments.headers {
        let wrong = |message: &str| {
            Error::invalid("malformed_header", message).field(format!("arguments.headers.{name}"))
        };
        let header: HeaderName = name.parse().map_err(|_| wrong("not the name of a header"))?;
        if RESERVED.contains(&header.as_str()) {
            return Err(wrong("this header is the connection's own"));
        }
        let mut value = match text {
            HeaderText::Plain(text) => text.parse::<HeaderValue>(),
            HeaderText::Secret(wanted) => {
                let value = secret(wanted, rule, secrets)
                    .map_err(|error| error.field(format!("arguments.headers.{name}")))?;
                let parsed = format!("{}{value}", wanted.prefix).parse::<HeaderValue>();
                sent.push(Sent { name: wanted.name.clone(), value });
                parsed
            }
        }
        .map_err(|_| wrong("a header holds no line ends and no control characters"))?;
        value.set_sensitive(matches!(text, HeaderText::Secret(_)));
        if headers.insert(header, value).is_some() {
            return Err(wrong("the header is given twice"));
        }
    }
    Ok((headers, sent))
}

fn secret(wanted: &SecretName, rule: &Rule, secrets: &dyn Secrets) -> Result<String> {
    if !rule.secrets.contains(&wanted.name) {
        return Err(Error::denied("secret_not_allowed", "the rule for this place does not name this secret"));
    }
    secrets
        .secret(&wanted.name)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| Error::not_found("unknown_secret", "this hub has no secret of this name"))
}

/// Takes secrets out of text that came back, also one that was cut in the middle at its end.
pub(crate) fn without(text: &str, cut: bool, sent: &[Sent]) -> String {
    let mut text = text.to_owned();
    for secret in sent {
        text = text.replace(&secret.value, &format!("[secret {}]", secret.name));
        let begins = |length: &usize| secret.value.get(..*length).is_some_and(|part| text.ends_with(part));
        if let Some(length) = (1..secret.value.len()).rev().find(begins).filter(|_| cut) {
            text.truncate(text.len() - length);
        }
    }
    text
}
