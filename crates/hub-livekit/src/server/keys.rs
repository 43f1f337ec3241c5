//! The API key and its secret, which sign everything.

use super::Error;
use livekit_api::access_token::TokenVerifier;
use std::fmt;

/// The shortest secret that LiveKit does not complain of: as long as the signature.
const LEAST_SECRET_BYTES: usize = 32;

/// The API key and its secret. The secret is shown nowhere.
#[derive(Clone)]
pub struct Keys {
    pub(super) key: String,
    pub(super) secret: String,
}

impl Keys {
    /// A pair, as the server's settings have it.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an empty key, or a secret of less than 32 bytes.
    pub fn new(key: &str, secret: &str) -> Result<Self, Error> {
        if key.is_empty() {
            return Err(Error::Invalid { field: "the API key", limit: "may not be empty" });
        }
        if secret.len() < LEAST_SECRET_BYTES {
            return Err(Error::Invalid { field: "the API secret", limit: "has at least 32 bytes" });
        }
        Ok(Self { key: key.to_owned(), secret: secret.to_owned() })
    }

    pub(super) fn verifier(&self) -> TokenVerifier {
        TokenVerifier::with_api_key(&self.key, &self.secret)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Keys").field("key", &self.key).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_not_shown_and_a_weak_one_is_refused() {
        let keys = Keys::new("key", "0123456789abcdef0123456789abcdef").unwrap();
        assert!(!format!("{keys:?}").contains("0123456789"));
        assert!(Keys::new("key", "short").is_err() && Keys::new("", &"x".repeat(32)).is_err());
    }
}
