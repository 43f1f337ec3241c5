//! Tokens: one room, one identity, a short life, and only the sources that were asked for.

use super::{Error, Keys};
use livekit_api::access_token::{AccessToken, VideoGrants};
use livekit_protocol::RoomAgentDispatch;
use std::collections::HashMap;
use std::time::Duration;

/// How long a token is good for joining unless told otherwise; who is in the room stays.
const LIFETIME: Duration = Duration::from_secs(10 * 60);
const LONGEST_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
/// The server's own limit of an identity's and a room's name.
const MOST_NAME_BYTES: usize = 256;

/// What a participant may do in one room. Until more is asked for, it listens and does nothing else.
#[derive(Debug, Clone)]
pub struct Join {
    room: String,
    identity: String,
    name: String,
    metadata: String,
    attributes: HashMap<String, String>,
    lifetime: Duration,
    sources: Vec<&'static str>,
    data: bool,
    listen: bool,
    hidden: bool,
    own_metadata: bool,
    agent: bool,
    agents: Vec<RoomAgentDispatch>,
}

impl Join {
    /// A participant of that identity in that room, who listens.
    #[must_use]
    pub fn new(room: &str, identity: &str) -> Self {
        Self {
            room: room.to_owned(),
            identity: identity.to_owned(),
            name: String::new(),
            metadata: String::new(),
            attributes: HashMap::new(),
            lifetime: LIFETIME,
            sources: Vec::new(),
            data: false,
            listen: true,
            hidden: false,
            own_metadata: false,
            agent: false,
            agents: Vec::new(),
        }
    }

    /// It may publish a microphone.
    #[must_use]
    pub fn microphone(self) -> Self {
        self.source("microphone")
    }

    /// It may publish a camera.
    #[must_use]
    pub fn camera(self) -> Self {
        self.source("camera")
    }

    /// It may publish its screen, with sound.
    #[must_use]
    pub fn screen_share(self) -> Self {
        self.source("screen_share").source("screen_share_audio")
    }

    /// It may send data packets, text and byte streams, and calls.
    #[must_use]
    pub fn data(mut self) -> Self {
        self.data = true;
        self
    }

    /// It hears and sees nobody's tracks.
    #[must_use]
    pub fn deaf(mut self) -> Self {
        self.listen = false;
        self
    }

    /// The others do not see it.
    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    /// It may change its own name, metadata and attributes.
    #[must_use]
    pub fn own_metadata(mut self) -> Self {
        self.own_metadata = true;
        self
    }

    /// The others see it as an agent.
    #[must_use]
    pub fn agent(mut self) -> Self {
        self.agent = true;
        self
    }

    /// For how long the token can be used to join: 10 minutes unless told otherwise, 24 hours at most.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// The name that the others see.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Its metadata.
    #[must_use]
    pub fn metadata(mut self, metadata: &str) -> Self {
        metadata.clone_into(&mut self.metadata);
        self
    }

    /// One of its attributes.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: &str) -> Self {
        self.attributes.insert(name.to_owned(), value.to_owned());
        self
    }

    /// An agent that is called into the room when this participant is the first to join it.
    #[must_use]
    pub fn with_agent(mut self, agent_name: &str, metadata: &str) -> Self {
        let (agent_name, metadata) = (agent_name.to_owned(), metadata.to_owned());
        self.agents.push(RoomAgentDispatch { agent_name, metadata, ..RoomAgentDispatch::default() });
        self
    }

    fn source(mut self, source: &'static str) -> Self {
        if !self.sources.contains(&source) {
            self.sources.push(source);
        }
        self
    }

    fn check(&self) -> Result<(), Error> {
        let invalid = |field, limit| Err(Error::Invalid { field, limit });
        let unusable = |name: &str| name.trim().is_empty() || name.len() > MOST_NAME_BYTES;
        match self {
            _ if unusable(&self.room) => invalid("the room", "has 1 to 256 bytes"),
            _ if unusable(&self.identity) => invalid("the identity", "has 1 to 256 bytes"),
            _ if self.lifetime < Duration::from_secs(1) || self.lifetime > LONGEST_LIFETIME => {
                invalid("the lifetime", "is 1 second to 24 hours")
            }
            _ => Ok(()),
        }
    }

    fn grants(&self) -> VideoGrants {
        VideoGrants {
            room_join: true,
            room: self.room.clone(),
            can_publish: Some(!self.sources.is_empty()),
            can_publish_sources: self.sources.iter().map(|source| (*source).to_owned()).collect(),
            can_publish_data: Some(self.data),
            can_subscribe: Some(self.listen),
            can_update_own_metadata: Some(self.own_metadata),
            hidden: self.hidden,
            agent: self.agent,
            ..VideoGrants::default()
        }
    }
}

impl Keys {
    /// A token with which one participant joins one room.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an empty or too long name, or a lifetime beyond its limits.
    pub fn join(&self, join: &Join) -> Result<String, Error> {
        join.check()?;
        let mut token = AccessToken::with_api_key(&self.key, &self.secret)
            .with_identity(&join.identity)
            .with_name(&join.name)
            .with_metadata(&join.metadata)
            .with_attributes(join.attributes.clone())
            .with_grants(join.grants())
            .with_ttl(join.lifetime);
        if join.agent {
            token = token.with_kind("agent");
        }
        if !join.agents.is_empty() {
            let agents = join.agents.clone();
            let room = livekit_protocol::RoomConfiguration { agents, ..Default::default() };
            token = token.with_room_config(room);
        }
        token.to_jwt().map_err(|cause| Error::Token(cause.to_string()))
    }

    /// A token for one request of this server's own, or for the socket of a worker.
    pub(crate) fn own(&self, grants: VideoGrants, lifetime: Duration) -> Result<String, Error> {
        let token = AccessToken::with_api_key(&self.key, &self.secret);
        let token = token.with_grants(grants).with_ttl(lifetime).to_jwt();
        token.map_err(|cause| Error::Token(cause.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys::new("key", "0123456789abcdef0123456789abcdef").unwrap()
    }

    #[test]
    fn a_token_grants_what_was_asked_for_and_nothing_else() {
        let join = Join::new("kitchen", "speaker").microphone().lifetime(Duration::from_secs(60));
        let claims = keys().verifier().verify(&keys().join(&join).unwrap()).unwrap();
        assert_eq!((claims.sub.as_str(), claims.video.room.as_str()), ("speaker", "kitchen"));
        assert_eq!(claims.video.can_publish_sources, ["microphone"]);
        assert!(!claims.video.can_publish_data() && claims.video.can_subscribe());
        assert!(!claims.video.room_admin && !claims.video.room_create && !claims.video.agent);
        assert!(claims.exp - claims.nbf <= 61);
    }

    #[test]
    fn without_a_source_nothing_is_published() {
        let claims = keys().verifier().verify(&keys().join(&Join::new("a", "b").deaf()).unwrap()).unwrap();
        assert!(!claims.video.can_publish() && !claims.video.can_subscribe());
    }

    #[test]
    fn a_name_or_lifetime_beyond_its_limit_is_refused() {
        let day = Duration::from_secs(24 * 60 * 60 + 1);
        let long = "x".repeat(257);
        for join in [
            Join::new("", "a"),
            Join::new("a", " "),
            Join::new("a", &long),
            Join::new("a", "b").lifetime(day),
            Join::new("a", "b").lifetime(Duration::ZERO),
        ] {
            assert!(matches!(keys().join(&join), Err(Error::Invalid { .. })), "{join:?}");
        }
    }
}
