//! What a worker is started with.

use super::{Error, Offer};
use crate::net::Tls;
use crate::server::Keys;
use livekit_protocol::JobType;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What the server calls a worker for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Kind {
    /// Once for each room.
    #[default]
    Room,
    /// Once for each participant who publishes.
    Publisher,
    /// Once for each participant.
    Participant,
}

impl Kind {
    pub(super) fn code(self) -> i32 {
        match self {
            Self::Room => JobType::JtRoom.into(),
            Self::Publisher => JobType::JtPublisher.into(),
            Self::Participant => JobType::JtParticipant.into(),
        }
    }
}

type Wanted = Arc<dyn Fn(&Offer) -> Result<(), String> + Send + Sync>;
type Strain = Arc<dyn Fn() -> f32 + Send + Sync>;

/// What a worker is started with.
#[derive(Clone)]
pub struct Options {
    pub(super) url: String,
    pub(super) keys: Keys,
    pub(super) tls: Tls,
    pub(super) agent_name: String,
    pub(super) kind: Kind,
    pub(super) most_jobs: usize,
    pub(super) identity: String,
    pub(super) name: String,
    pub(super) ping: Duration,
    pub(super) grace: Duration,
    pub(super) wanted: Wanted,
    pub(super) strain: Strain,
}

impl Options {
    /// A worker of the server at that URL, called into every room that is made: see [`Options::agent_name`].
    #[must_use]
    pub fn new(url: &str, keys: Keys, tls: Tls) -> Self {
        Self {
            url: url.to_owned(),
            keys,
            tls,
            agent_name: String::new(),
            kind: Kind::Room,
            most_jobs: 16,
            identity: "agent".to_owned(),
            name: String::new(),
            ping: Duration::from_secs(10),
            grace: Duration::from_secs(10),
            wanted: Arc::new(|_| Ok(())),
            strain: Arc::new(|| 0.0),
        }
    }

    /// The name by which it is called. Without one it is called into every room; with one only where a
    /// dispatch, a token or a room names it.
    #[must_use]
    pub fn agent_name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.agent_name);
        self
    }

    /// What it is called for: each room unless told otherwise.
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// The most jobs at one time: 16 unless told otherwise.
    #[must_use]
    pub fn most_jobs(mut self, count: usize) -> Self {
        self.most_jobs = count;
        self
    }

    /// The beginning of its identity in rooms, `agent` unless told otherwise; the job's id follows.
    #[must_use]
    pub fn identity(mut self, identity: &str) -> Self {
        identity.clone_into(&mut self.identity);
        self
    }

    /// The name that the others in a room see.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// How often the server is pinged, 10 seconds unless told otherwise. Thrice that without a word from
    /// the server, and it is called anew.
    #[must_use]
    pub fn ping(mut self, interval: Duration) -> Self {
        self.ping = interval;
        self
    }

    /// How long a job that was asked to end may take, 10 seconds unless told otherwise; then its handler
    /// is dropped.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Which offers to take; an error is told to whoever watches the events.
    #[must_use]
    pub fn wanted(mut self, wanted: impl Fn(&Offer) -> Result<(), String> + Send + Sync + 'static) -> Self {
        self.wanted = Arc::new(wanted);
        self
    }

    /// What the process says of itself, 0 to 1, beside the count of its jobs: at 1 it is full.
    #[must_use]
    pub fn strain(mut self, strain: impl Fn() -> f32 + Send + Sync + 'static) -> Self {
        self.strain = Arc::new(strain);
        self
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        let invalid = |field, limit| Err(Error::Invalid { field, limit });
        match self {
            _ if self.most_jobs == 0 => invalid("the most jobs", "are at least 1"),
            _ if self.identity.is_empty() || self.identity.len() > 128 => {
                invalid("the identity", "has 1 to 128 bytes")
            }
            _ if self.ping < Duration::from_millis(100) => invalid("the ping", "is at least 100 ms"),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut options = formatter.debug_struct("Options");
        options.field("url", &self.url).field("keys", &self.keys).field("agent_name", &self.agent_name);
        options.field("kind", &self.kind).field("most_jobs", &self.most_jobs).finish_non_exhaustive()
    }
}
