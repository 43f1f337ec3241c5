//! A client: what it knows of what it asked, and how it asks.

use crate::hub::ADMIN;
use crate::seeded::Seeded;
use crate::shared::{Agent, Held, Shared, Space, violated};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// After so long without an answer a hub hangs; a stopped one goes on well before.
const PATIENCE: Duration = Duration::from_secs(30);
/// Until when somebody who asks again and again must have an outcome, once every fault is over.
pub(crate) const SETTLED_WITHIN: Duration = Duration::from_secs(60);

pub(crate) struct Client {
    pub(crate) number: usize,
    pub(crate) random: Seeded,
    pub(crate) shared: Arc<Shared>,
    http: reqwest::Client,
    pub(crate) spaces: Vec<Arc<Space>>,
    pub(crate) said: Vec<Said>,
    pub(crate) deeds: Vec<Deed>,
    pub(crate) devices: Vec<Device>,
    pub(crate) made: Vec<Made>,
    pub(crate) voice: Voice,
    /// Agents that it has made.
    pub(crate) agents: usize,
    next: u64,
}

/// What came of a request.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Said(u16, Value),
    /// No answer, or one that says that no outcome is known.
    Unknown,
}

/// An event that was sent, once or more often.
pub(crate) struct Said {
    pub(crate) id: Uuid,
    pub(crate) space: Arc<Space>,
    /// What was sent under the id: the word by which it is found, and the whole event.
    pub(crate) variants: Vec<(String, Value)>,
    pub(crate) by: By,
    pub(crate) voice: bool,
    /// It says that it happened while the space was private for certain.
    pub(crate) late: bool,
    /// It states a fact that the planner finds.
    pub(crate) fact: bool,
    pub(crate) fate: Fate,
    /// A request with it has an unknown outcome.
    pub(crate) perhaps: bool,
    /// One had, and somebody has asked again since.
    pub(crate) once_unknown: bool,
    pub(crate) gone: Gone,
}

/// Who sends an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    Owner,
    /// The client's own person.
    Member,
    /// A device of the client's, by its place.
    Device(usize),
}

/// What is known of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nobody has said.
    Open,
    /// Stored, with the content of this variant.
    Stored(usize),
    /// Private or refused: nothing was kept.
    Kept,
}

/// Whether something has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gone {
    No,
    /// It was asked for, and nobody has said.
    Perhaps,
    Yes,
}

/// A proposed action.
pub(crate) struct Deed {
    pub(crate) id: Uuid,
    pub(crate) space: Arc<Space>,
    pub(crate) body: Value,
    pub(crate) again: bool,
    pub(crate) proposed: Fate,
    pub(crate) perhaps: bool,
    pub(crate) digest: String,
    pub(crate) approval: Asked,
    pub(crate) rejection: Asked,
    pub(crate) cancellation: Asked,
}

/// How far something came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Asked {
    Not,
    Sent,
    Acknowledged,
}

pub(crate) struct Device {
    pub(crate) id: String,
    pub(crate) agent: usize,
    pub(crate) token: String,
    pub(crate) revoked: Gone,
    /// By which hub, and when: the others may take a second to know.
    pub(crate) revoked_at: Option<(usize, Instant)>,
}

/// Something with a name of its own that was to be made.
pub(crate) struct Made {
    pub(crate) table: &'static str,
    pub(crate) name: String,
    pub(crate) acknowledged: bool,
}

/// The client's own person, who consents and speaks.
pub(crate) struct Voice {
    pub(crate) agent: Arc<Agent>,
    pub(crate) person: String,
    pub(crate) token: String,
    /// Grants that live, as far as is known.
    pub(crate) grants: Vec<String>,
    /// A grant or a revocation has an unknown outcome.
    pub(crate) unsure: bool,
}

impl Client {
    pub(crate) fn new(
        number: usize,
        random: Seeded,
        shared: Arc<Shared>,
        spaces: Vec<Arc<Space>>,
        voice: Voice,
    ) -> Self {
        let http =
            hub_server::tls::Trust::default().http().unwrap().no_proxy().timeout(PATIENCE).build().unwrap();
        let (said, deeds, devices, made) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { number, random, shared, http, spaces, said, deeds, devices, made, voice, agents: 0, next: 0 }
    }

    /// Asks until the round is over.
    pub(crate) async fn round(&mut self) {
        while !self.shared.rest.load(Ordering::SeqCst) {
            if let Err(violation) = self.act().await {
                self.shared.fail(violation);
            }
            let pause = self.random.below(6);
            if pause > 3 {
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
        }
    }

    /// One request, or a few that belong together.
    async fn act(&mut self) -> Held {
        match self.random.below(100) {
            0..20 => self.say().await,
            20..29 => self.say_many().await,
            29..36 => self.say_again().await,
            36..40 => self.say_otherwise().await,
            40..44 => self.race().await,
            44..48 => self.say_late().await,
            48..54 => self.flip().await,
            54..61 => self.speak().await,
            61..65 => self.consent().await,
            65..70 => self.forget().await,
            70..78 => self.propose().await,
            78..89 => self.decide().await,
            89..94 => self.device().await,
            94..96 => self.make().await,
            _ => self.look().await,
        }
    }

    /// Asks one hub, whichever is up from a drawn one on.
    pub(crate) async fn ask(
        &mut self,
        kind: &'static str,
        token: &str,
        (method, path): (&str, &str),
        body: Option<&Value>,
    ) -> Held<(usize, Answer)> {
        let first = self.random.index(self.shared.hubs.len());
        let (hub, url) = self.up(first).await?;
        let answer = self.ask_at(kind, token, (method, &format!("{url}{path}")), body).await?;
        Ok((hub, answer))
    }

    /// A hub that is up, the next one from `first` on; waits when there is none.
    pub(crate) async fn up(&self, first: usize) -> Held<(usize, String)> {
        let hubs = &self.shared.hubs;
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            for place in (first..first + hubs.len()).map(|place| place % hubs.len()) {
                if let Some(url) = hubs[place].url() {
                    return Ok((place, url));
                }
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        violated("a hub comes up again", format!("none did within {PATIENCE:?}"))
    }

    pub(crate) async fn ask_at(
        &self,
        kind: &'static str,
        token: &str,
        (method, url): (&str, &str),
        body: Option<&Value>,
    ) -> Held<Answer> {
        let mut request = self.http.request(method.parse().unwrap(), url).bearer_auth(token);
        if let Some(body) = body {
            request = request.json(body);
        }
        let sent = Instant::now();
        let answer = match request.send().await {
            Err(error) if error.is_timeout() => {
                return violated(
                    "every request has an end",
                    format!("{method} {url} had none after {:?}", sent.elapsed()),
                );
            }
            Err(_) => Answer::Unknown,
            Ok(response) => {
                let status = response.status().as_u16();
                match response.bytes().await {
                    Err(_) => Answer::Unknown,
                    Ok(bytes) => Answer::Said(status, serde_json::from_slice(&bytes).unwrap_or(Value::Null)),
                }
            }
        };
        self.count(kind, &answer);
        match answer {
            Answer::Said(503, _) => Ok(Answer::Unknown),
            Answer::Said(status @ 500.., body) => violated(
                "a fault is `unavailable`, not `internal`",
                format!("{method} {url}: {status} {body}"),
            ),
            Answer::Said(429, body) => violated("no limit is met", format!("{method} {url}: {body}")),
            answer => Ok(answer),
        }
    }

    fn count(&self, kind: &'static str, answer: &Answer) {
        let mut counts = self.shared.counts.lock().unwrap();
        *counts.requests.entry(kind).or_default() += 1;
        match answer {
            Answer::Said(..400, _) => counts.acknowledged += 1,
            Answer::Said(..500, _) => counts.refused += 1,
            _ => counts.unknown += 1,
        }
    }

    /// As the administrator, who makes things.
    pub(crate) async fn create(&mut self, path: &str, body: Value) -> Held<Option<Value>> {
        self.create_as(ADMIN, path, body).await
    }

    /// Makes something; nothing when the outcome is unknown.
    pub(crate) async fn create_as(&mut self, token: &str, path: &str, body: Value) -> Held<Option<Value>> {
        match self.ask("create", token, ("POST", path), Some(&body)).await?.1 {
            Answer::Said(201, made) => Ok(Some(made)),
            Answer::Unknown => Ok(None),
            other => violated("things can be made", format!("{path}: {other:?}")),
        }
    }

    /// A space, of one agent where one is named.
    pub(crate) fn any_space(&mut self, agent: Option<usize>) -> Arc<Space> {
        let fits = |space: &&Arc<Space>| agent.is_none_or(|agent| space.agent.number == agent);
        let fitting: Vec<&Arc<Space>> = self.spaces.iter().filter(fits).collect();
        fitting[self.random.index(fitting.len())].clone()
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

/// A field of an answer, as text.
pub(crate) fn text(body: &Value, field: &str) -> String {
    body[field].as_str().unwrap_or_else(|| panic!("no {field} in {body}")).to_owned()
}
