//! The token at hand: with it the room is joined anew, and before it expires the caller is asked for another.

use super::Session;
use super::attempts::Outcome;
use crate::error::{Error, Result};
use crate::net;
use crate::room::{PATIENCE, TokenSource};
use livekit_api::access_token::Claims;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long before its end a token is to be replaced; one that is good for little longer, at half of its time.
const BEFORE: Duration = Duration::from_secs(60);
/// How long whoever makes tokens is left alone after there was none.
const PAUSE: Duration = Duration::from_secs(10);

/// A token, and when it ends.
#[derive(Clone)]
pub(super) struct AtHand {
    token: String,
    /// Unknown for what is no token.
    end: Option<Instant>,
    renewal: Option<Instant>,
}

impl AtHand {
    pub(super) fn new(token: String, now: Instant) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let expiry = Claims::from_unverified(&token).ok().and_then(|claims| u64::try_from(claims.exp).ok());
        Self::good_for(token, expiry.map(|at| Duration::from_secs(at).saturating_sub(since)), now)
    }

    fn good_for(token: String, left: Option<Duration>, now: Instant) -> Self {
        let end = left.and_then(|left| now.checked_add(left));
        let renewal = left.and_then(|left| now.checked_add((left / 2).max(left.saturating_sub(BEFORE))));
        Self { token, end, renewal }
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }

    fn is_good(&self, now: Instant) -> bool {
        self.end.is_some_and(|end| now < end)
    }
}

impl Session {
    /// Asks for another token where it is time to, and tells when it will be.
    pub(super) fn renew(&mut self, now: Instant) -> Option<Instant> {
        let tokens = self.options.tokens.as_ref()?;
        let at = self.token.renewal?;
        if now < at {
            return Some(at);
        }
        self.token.renewal = None;
        let (tokens, outcomes) = (tokens.clone(), self.outcomes.clone());
        self.errand(async move {
            let _ended = outcomes.send(Outcome::Renewed(ask(&tokens).await)).await;
        });
        None
    }

    pub(super) fn renewed(&mut self, answer: Result<String>) {
        let now = Instant::now();
        match answer {
            Ok(token) => self.token = AtHand::new(token, now),
            Err(cause) => {
                tracing::info!(%cause, "there is no new token yet");
                self.token.renewal = Some(now + PAUSE);
            }
        }
    }
}

/// A token for a new stay: a new one where somebody makes them, else, and where that fails while the one at hand
/// is still good, the one at hand.
pub(super) async fn fresh(tokens: Option<&TokenSource>, at_hand: &AtHand) -> Result<String> {
    let Some(tokens) = tokens else { return Ok(at_hand.token.clone()) };
    match ask(tokens).await {
        Err(cause) if at_hand.is_good(Instant::now()) => {
            tracing::info!(%cause, "there is no new token; the one at hand is still good");
            Ok(at_hand.token.clone())
        }
        answer => answer,
    }
}

async fn ask(tokens: &TokenSource) -> Result<String> {
    tokio::time::timeout(PATIENCE, tokens.token())
        .await
        .map_err(|_| Error::Timeout { what: "a new token", within: PATIENCE })?
        .map_err(|cause| Error::Token(net::chain(&*cause)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_a_minute_before_its_end_or_at_half_of_its_time() {
        let now = Instant::now();
        let renewal = |seconds| {
            let token = AtHand::good_for(String::new(), Some(Duration::from_secs(seconds)), now);
            token.renewal.map(|at| at.duration_since(now).as_secs())
        };
        assert_eq!([600, 120, 100, 10, 0].map(renewal), [540, 60, 50, 5, 0].map(Some));
        let unknown = AtHand::new("no token".to_owned(), now);
        assert!(unknown.renewal.is_none() && !unknown.is_good(now));
    }

    #[test]
    fn what_a_token_says_of_its_end_is_believed() {
        let keys = crate::server::Keys::new("key", "0123456789abcdef0123456789abcdef").unwrap();
        let join = crate::server::Join::new("room", "somebody").lifetime(Duration::from_secs(300));
        let now = Instant::now();
        let token = AtHand::new(keys.join(&join).unwrap(), now);
        let left = token.end.unwrap().duration_since(now).as_secs();
        assert!((298..=300).contains(&left) && token.is_good(now), "{left}");
        assert!(!token.is_good(now + Duration::from_secs(301)));
    }

    struct Nobody;

    #[async_trait::async_trait]
    impl crate::room::Tokens for Nobody {
        async fn token(&self) -> std::result::Result<String, Box<dyn std::error::Error + Send + Sync>> {
            Err("nobody makes tokens".into())
        }
    }

    #[tokio::test]
    async fn the_one_at_hand_serves_while_it_is_good_and_nobody_makes_another() {
        let (nobody, now) = (TokenSource::new(Nobody), Instant::now());
        let good = AtHand::good_for("good".to_owned(), Some(BEFORE), now);
        let ended = AtHand::good_for("ended".to_owned(), Some(Duration::ZERO), now);
        assert_eq!(fresh(Some(&nobody), &good).await.unwrap(), "good");
        assert!(matches!(fresh(Some(&nobody), &ended).await, Err(Error::Token(_))));
        assert_eq!(fresh(None, &ended).await.unwrap(), "ended");
    }
}
