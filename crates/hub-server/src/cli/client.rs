//! REST as the commands use it.

use super::exit::{Exit, Failure, Outcome};
use super::tls;
use hub_protocol::limits::PAGE_ITEMS;
use hub_protocol::page::Page;
use hub_protocol::problem::Problem;
use hub_server::tls::Trust;
use reqwest::{Method, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// How long a hub may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a hub may take to answer.
const ANSWER: Duration = Duration::from_secs(60);

/// A hub at a URL, spoken to with a token.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Client {
    /// A client of a hub that believes these; nothing is sent yet.
    pub(crate) fn new(url: &str, token: &str, trust: &Trust) -> Outcome<Self> {
        let url = url.trim_end_matches('/').to_owned();
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(Failure::usage("url", format!("{url} begins with neither http:// nor https://")));
        }
        let builder = trust.http().map_err(|error| tls::unusable(&error))?;
        let built = builder.connect_timeout(CONNECT).timeout(ANSWER).tcp_nodelay(true).build();
        let http = built.map_err(|cause| Failure::unreachable(&url, root_cause(&cause)))?;
        Ok(Self { http, url, token: token.to_owned() })
    }

    /// The same hub, with another token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// Where the hub is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Reads something.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Outcome<T> {
        self.read(self.send(Method::GET, path, None::<&()>).await?).await
    }

    /// Posts something and reads the answer.
    pub(crate) async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Outcome<T> {
        self.read(self.send(Method::POST, path, Some(body)).await?).await
    }

    /// Asks without reading a body: the status, and the hub's clock where it tells it.
    pub(crate) async fn probe(&self, path: &str) -> Outcome<(StatusCode, Option<String>)> {
        let answer = self.send(Method::GET, path, None::<&()>).await?;
        let date = answer.headers().get("date").and_then(|date| date.to_str().ok()).map(str::to_owned);
        Ok((answer.status(), date))
    }

    /// Walks a list from its beginning until `each` has seen enough of it, as it says by `false`.
    pub(crate) async fn walk<T: DeserializeOwned>(
        &self,
        path: &str,
        mut each: impl FnMut(T) -> bool,
    ) -> Outcome<()> {
        let mut cursor: Option<String> = None;
        loop {
            let sign = if path.contains('?') { '&' } else { '?' };
            let from = cursor.map(|cursor| format!("&cursor={}", escaped(&cursor))).unwrap_or_default();
            let page: Page<T> = self.get(&format!("{path}{sign}limit={PAGE_ITEMS}{from}")).await?;
            for item in page.items {
                if !each(item) {
                    return Ok(());
                }
            }
            match page.next_cursor {
                Some(next) => cursor = Some(next),
                None => return Ok(()),
            }
        }
    }

    async fn send(&self, method: Method, path: &str, body: Option<&impl Serialize>) -> Outcome<Response> {
        let mut request = self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await.map_err(|cause| Failure::unreachable(&self.url, root_cause(&cause)))
    }

    async fn read<T: DeserializeOwned>(&self, answer: Response) -> Outcome<T> {
        let status = answer.status();
        let bytes =
            answer.bytes().await.map_err(|cause| Failure::unreachable(&self.url, root_cause(&cause)))?;
        if status.is_success() {
            return serde_json::from_slice(&bytes).map_err(|cause| {
                let message = format!("{} gave an answer that this program cannot read: {cause}", self.url);
                Failure::new(Exit::Unreachable, "unreadable_answer", message)
                    .next("is it a hub, and of a version that this program knows?")
            });
        }
        Err(refusal(status, &bytes, &self.url))
    }
}

fn refusal(status: StatusCode, body: &[u8], url: &str) -> Failure {
    let failure = match serde_json::from_slice::<Problem>(body) {
        Ok(problem) => Failure::problem(&problem),
        Err(_) => {
            let exit = if status.is_server_error() { Exit::Unreachable } else { Exit::Refused };
            Failure::new(exit, "http", format!("{url} answered {status}"))
        }
    };
    match status {
        StatusCode::UNAUTHORIZED => failure.next(
            "the token is not one of this hub's: is --data the folder of the hub that runs there? `hub doctor` checks",
        ),
        _ => failure,
    }
}

/// A part of a query string or path, with everything escaped that could end it.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The innermost cause: the outer ones repeat the address.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_end_a_part_of_a_url_is_escaped() {
        assert_eq!(escaped("a b&c=ü/..%"), "a%20b%26c%3D%C3%BC%2F..%25");
    }

    #[test]
    fn a_refusal_says_which_field_and_limit() {
        let body = br#"{"type":"t","title":"t","status":422,"detail":"too long","code":"too_long",
            "retryable":false,"field":"text","limit":"64 KiB","request_id":"r1"}"#;
        let failure = refusal(StatusCode::UNPROCESSABLE_ENTITY, body, "http://h");
        assert_eq!(failure.exit, Exit::Refused);
        assert_eq!(failure.message, "too long; field: text; limit: 64 KiB (too_long, request r1)");
        assert_eq!(refusal(StatusCode::BAD_GATEWAY, b"<html>", "http://h").exit, Exit::Unreachable);
    }
}
