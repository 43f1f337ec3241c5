//! `http.request` itself.

use crate::arguments::{Arguments, Sent, headers, schema, without};
use crate::exchange::{Answer, Exchange};
use crate::ports::{Resolver, Secrets};
use crate::rule::{Rule, covering, rules, target};
use crate::settings::Settings;
use async_trait::async_trait;
use bytes::Bytes;
use hub_core::tools::{Tool, ToolCall, ToolManifest};
use hub_core::vocabulary::Effect;
use hub_core::{Error, Result};
use hyper::header::{
    CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER, USER_AGENT,
};
use hyper::{Method, StatusCode};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use url::Url;
use uuid::Uuid;

/// Headers of an answer that an agent is told.
const TOLD: [HeaderName; 4] = [CONTENT_TYPE, ETAG, LOCATION, RETRY_AFTER];
/// The same for every attempt at one action, for services that keep from doing it twice.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Most bytes of a body, so that its result is kept whole.
const ANSWER_BYTES: usize = 48 * 1024;
/// Seconds that a run outlives its request by.
const MARGIN_SECONDS: u32 = 5;

/// The tool. A request is made when a rule of its agent covers it; what a person approves is the request
/// with the names of its secrets, never the secrets.
#[derive(Debug)]
pub struct HttpRequest {
    manifest: ToolManifest,
    rules: BTreeMap<Uuid, Vec<Rule>>,
    secrets: Arc<dyn Secrets>,
    exchange: Exchange,
    limit: Duration,
    redirects: u32,
}

impl HttpRequest {
    /// The tool with these rules.
    ///
    /// # Errors
    /// `invalid` with `malformed_rule`.
    pub fn new(settings: &Settings, resolver: Arc<dyn Resolver>, secrets: Arc<dyn Secrets>) -> Result<Self> {
        let seconds = settings.seconds.clamp(1, 300);
        let manifest = ToolManifest {
            name: "http.request".to_owned(),
            version: "1.0.0".to_owned(),
            description: "Asks a service on the web that the agent's rules name. A header may be a secret by its name: \
                          {\"$secret\": \"NAME\", \"prefix\": \"Bearer \"}."
                .to_owned(),
            input_schema: schema(),
            effect: Effect::External,
            scopes: Vec::new(),
            timeout_seconds: seconds + MARGIN_SECONDS,
            // A service may do it twice when it is asked twice.
            idempotent: false,
        };
        Ok(Self {
            manifest,
            rules: rules(settings)?,
            secrets,
            exchange: Exchange::new(resolver, settings.answer_bytes.min(ANSWER_BYTES))?,
            limit: Duration::from_secs(u64::from(seconds)),
            redirects: settings.redirects.min(10),
        })
    }

    async fn ask(&self, call: &ToolCall, arguments: &Arguments) -> Result<Value> {
        let rules = self.rules.get(&call.agent_id.0).map_or(&[][..], Vec::as_slice);
        let method: Method =
            arguments.method.parse().map_err(|_| Error::invalid("arguments_schema", "not a method"))?;
        let mut url = target(&arguments.url)?;
        let first = covering(rules, method.as_str(), &url).ok_or_else(|| {
            Error::denied("http_not_allowed", "no rule of this agent covers this request")
                .field("arguments.url")
        })?;
        let (mut sent_headers, sent) = headers(arguments, first, self.secrets.as_ref())?;
        let key = HeaderValue::try_from(&call.idempotency_key).map_err(Error::internal)?;
        sent_headers.insert(IDEMPOTENCY_KEY, key);
        sent_headers.entry(USER_AGENT).or_insert(HeaderValue::from_static("hub"));
        let body = Bytes::from(arguments.body.clone().unwrap_or_default());
        let (mut rule, mut left) = (first, self.redirects);
        loop {
            let answer =
                self.exchange.send(rule, method.clone(), &url, sent_headers.clone(), body.clone()).await?;
            let Some(next) = redirect(&method, &url, &answer)? else {
                return Ok(result(&url, &answer, &sent));
            };
            rule = covering(rules, method.as_str(), &next).ok_or_else(|| {
                Error::denied("redirect_not_allowed", "the service sends elsewhere, and no rule covers that")
            })?;
            if left == 0 {
                let limit = format!("{} redirects", self.redirects);
                return Err(Error::limit(
                    "too_many_redirects",
                    "the service sends from place to place",
                    limit,
                ));
            }
            left -= 1;
            if next.origin() != url.origin() {
                // What was meant for one place is not for another.
                sent_headers.retain_plain();
            }
            url = next;
        }
    }
}

/// Keeps of the headers what may go to another place.
trait Plain {
    fn retain_plain(&mut self);
}

impl Plain for HeaderMap {
    fn retain_plain(&mut self) {
        let private: Vec<HeaderName> = self
            .iter()
            .filter(|(name, value)| {
                value.is_sensitive() || matches!(name.as_str(), "authorization" | "cookie")
            })
            .map(|(name, _)| name.clone())
            .collect();
        for name in private {
            self.remove(name);
        }
    }
}

/// Where an answer sends a request that only reads. Others are not repeated elsewhere: their answer says
/// where that would be.
fn redirect(method: &Method, from: &Url, answer: &Answer) -> Result<Option<Url>> {
    let sends = matches!(
        answer.status,
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    );
    let location = answer.headers.get(LOCATION).and_then(|value| value.to_str().ok());
    match location.filter(|_| sends && matches!(*method, Method::GET | Method::HEAD)) {
        None => Ok(None),
        Some(location) => {
            let refused =
                || Error::denied("redirect_not_allowed", "the service sends to what is no place on the web");
            let next = from.join(location).map_err(|_| refused())?;
            target(next.as_str()).map(Some).map_err(|_| refused())
        }
    }
}

/// A request that changes something was perhaps made, and no answer came.
fn unknown() -> Error {
    Error::unavailable(
        "outcome_unknown",
        "the service did not answer; whether it did what was asked is not known",
    )
}

fn result(url: &Url, answer: &Answer, sent: &[Sent]) -> Value {
    let mut headers = Map::new();
    for name in TOLD {
        if let Some(value) = answer.headers.get(&name).and_then(|value| value.to_str().ok()) {
            headers.insert(name.to_string(), without(value, false, sent).into());
        }
    }
    json!({
        "status": answer.status.as_u16(),
        "url": without(url.as_str(), false, sent),
        "headers": headers,
        "body": without(&String::from_utf8_lossy(&answer.body).replace('\0', "\u{fffd}"), answer.truncated, sent),
        "truncated": answer.truncated,
    })
}

#[async_trait]
impl Tool for HttpRequest {
    fn manifest(&self) -> &ToolManifest {
        &self.manifest
    }

    async fn run(&self, call: ToolCall) -> Result<Value> {
        let arguments: Arguments = serde_json::from_value(call.arguments.clone()).map_err(|_| {
            // What a parser found may be what somebody wrote there by mistake: a secret.
            Error::invalid("arguments_schema", "the arguments do not fit the tool")
        })?;
        let changes = !matches!(arguments.method.as_str(), "GET" | "HEAD");
        match tokio::time::timeout(self.limit, self.ask(&call, &arguments)).await {
            Ok(Err(error)) if changes && error.code() == "http_unanswered" => Err(unknown().because(error)),
            Ok(answered) => answered,
            Err(_) if changes => Err(unknown()),
            Err(_) => {
                let limit = format!("{} s", self.limit.as_secs());
                Err(Error::unavailable("http_timeout", "the service took too long").at_limit(limit))
            }
        }
    }
}
