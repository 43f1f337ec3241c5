//! Webhooks: who says that he is the server must have signed what he says.

use super::{Error, Keys};
use livekit_api::access_token::TokenVerifier;
use livekit_api::webhooks::{WebhookError, WebhookReceiver};
use livekit_protocol::WebhookEvent;
use std::fmt;

/// Reads webhooks that were signed with one pair of keys.
#[derive(Clone)]
pub struct Webhooks {
    receiver: WebhookReceiver,
}

impl Webhooks {
    /// Webhooks of servers that sign with these keys.
    #[must_use]
    pub fn new(keys: &Keys) -> Self {
        let verifier: TokenVerifier = keys.verifier();
        Self { receiver: WebhookReceiver::new(verifier) }
    }

    /// The event of a request's body, whose header `Authorization` has a token with the body's digest.
    ///
    /// An event can arrive more than once: its `id` is the same each time.
    ///
    /// # Errors
    /// [`Error::Webhook`] where the token is missing, another's or too old, or the body is not the one
    /// that was signed. [`Error::Answer`] where what was signed cannot be read.
    pub fn receive(&self, body: &[u8], authorization: &str) -> Result<WebhookEvent, Error> {
        let token = authorization.trim();
        let token = token.strip_prefix("Bearer ").unwrap_or(token).trim();
        let body = std::str::from_utf8(body).map_err(|cause| Error::Webhook(cause.to_string()))?;
        self.receiver.receive(body, token).map_err(|cause| match cause {
            WebhookError::InvalidData(_) => Error::Answer(cause.to_string()),
            _ => Error::Webhook(cause.to_string()),
        })
    }
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Webhooks").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use livekit_api::access_token::AccessToken;
    use std::time::Duration;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";
    const BODY: &str = r#"{"event":"room_started","room":{"name":"kitchen"},"id":"EV_1","createdAt":"1"}"#;

    fn signed(key: &str, secret: &str, digest: &str) -> String {
        let token = AccessToken::with_api_key(key, secret).with_ttl(Duration::from_secs(60));
        token.with_sha256(digest).to_jwt().unwrap()
    }

    /// The digest of [`BODY`], in base64.
    fn digest(body: &str) -> String {
        use base64::Engine as _;
        use sha2::Digest as _;
        base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(body))
    }

    #[test]
    fn only_what_was_signed_with_our_keys_is_believed() {
        let webhooks = Webhooks::new(&Keys::new("key", SECRET).unwrap());
        let good = signed("key", SECRET, &digest(BODY));
        let event = webhooks.receive(BODY.as_bytes(), &good).unwrap();
        assert_eq!((event.event.as_str(), event.room.unwrap().name.as_str()), ("room_started", "kitchen"));
        assert!(webhooks.receive(BODY.as_bytes(), &format!("Bearer {good}")).is_ok());

        let changed = BODY.replace("kitchen", "bedroom");
        let other = signed("key", &"x".repeat(32), &digest(BODY));
        let stranger = signed("stranger", SECRET, &digest(BODY));
        let undigested = signed("key", SECRET, "");
        for (body, token) in [
            (changed.as_str(), good.as_str()),
            (BODY, other.as_str()),
            (BODY, stranger.as_str()),
            (BODY, undigested.as_str()),
            (BODY, ""),
            (BODY, "Bearer"),
        ] {
            let told = webhooks.receive(body.as_bytes(), token);
            assert!(matches!(told, Err(Error::Webhook(_))), "{body} {token}: {told:?}");
        }
        assert!(matches!(webhooks.receive(&[0xff], &good), Err(Error::Webhook(_))));
    }

    #[test]
    fn an_event_of_the_future_is_read() {
        let webhooks = Webhooks::new(&Keys::new("key", SECRET).unwrap());
        let body = r#"{"event":"room_teleported","room":{"name":"a","colour":"red"},"later":{"x":[1]}}"#;
        let event = webhooks.receive(body.as_bytes(), &signed("key", SECRET, &digest(body)));
        assert_eq!(event.unwrap().event, "room_teleported");
    }
}
