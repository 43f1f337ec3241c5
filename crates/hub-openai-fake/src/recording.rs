//! Scripts from recorded traffic: files of vcr's form, as the tests of Python clients keep them.

use crate::script::{Answer, Malformed, Reply, Script};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct File {
    interactions: Vec<Interaction>,
}

#[derive(Deserialize)]
struct Interaction {
    request: Request,
    response: Response,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    #[serde(default)]
    parsed_body: Value,
    uri: String,
}

#[derive(Deserialize)]
struct Response {
    parsed_body: Option<Value>,
    body: Option<Text>,
}

#[derive(Deserialize)]
struct Text {
    string: String,
}

/// What was asked, and what was answered.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The request's method and URL.
    pub request: (String, String),
    /// Its body.
    pub asked: Value,
    /// The answer.
    pub answer: Answer,
}

/// Reads recorded traffic.
///
/// # Errors
/// [`Malformed`] where it is not of vcr's form.
pub fn read(text: &str) -> Result<Vec<Exchange>, Malformed> {
    let file: File = serde_saphyr::from_str(text).map_err(|cause| Malformed(cause.to_string()))?;
    file.interactions.into_iter().map(exchange).collect()
}

fn exchange(recorded: Interaction) -> Result<Exchange, Malformed> {
    let reply = match (recorded.response.parsed_body, recorded.response.body) {
        (Some(body), _) => Reply::Body(body),
        (None, Some(text)) => Reply::Raw(text.string),
        (None, None) => return Err(Malformed("an answer has no body".to_owned())),
    };
    let Request { method, parsed_body, uri } = recorded.request;
    Ok(Exchange { request: (method, uri), asked: parsed_body, answer: Answer::of(reply) })
}

/// A script that gives the recorded answers in their order.
///
/// # Errors
/// As [`read`].
pub fn script(text: &str) -> Result<Script, Malformed> {
    Ok(Script::of(read(text)?.into_iter().map(|exchange| exchange.answer)))
}
