//! Who stands behind a request.

use crate::errors::{Failure, Result};
use crate::server::AppState;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use hub_core::Context;
use hub_core::vocabulary::ErrorKind;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::net::IpAddr;
use subtle::ConstantTimeEq as _;

/// Least characters of an admin token.
pub const ADMIN_TOKEN_CHARS: usize = 32;
/// Most bytes of any token.
const TOKEN_BYTES: usize = 4_096;

/// The administrator's token, kept as its SHA-256. `Debug` does not show it.
#[derive(Clone)]
pub struct AdminToken([u8; 32]);

/// Why a text cannot be an admin token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "an admin token is at least {ADMIN_TOKEN_CHARS} printable characters, at most {TOKEN_BYTES} bytes, and begins and ends without a space"
)]
pub struct MalformedAdminToken;

impl AdminToken {
    /// Keeps the digest of a token.
    ///
    /// # Errors
    /// When it is shorter than [`ADMIN_TOKEN_CHARS`], very long, or cannot travel in a header.
    pub fn new(token: &str) -> std::result::Result<Self, MalformedAdminToken> {
        let in_bounds = token.chars().count() >= ADMIN_TOKEN_CHARS && token.len() <= TOKEN_BYTES;
        if in_bounds && token.trim() == token && !token.chars().any(char::is_control) {
            Ok(Self(Sha256::digest(token.as_bytes()).into()))
        } else {
            Err(MalformedAdminToken)
        }
    }

    /// Digests are compared, so that neither length nor content of the token shows in the time.
    fn is(&self, presented: &str) -> bool {
        let digest: [u8; 32] = Sha256::digest(presented.as_bytes()).into();
        self.0.ct_eq(&digest).into()
    }
}

impl fmt::Debug for AdminToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AdminToken(…)")
    }
}

/// The caller, by the bearer token of the request.
///
/// # Errors
/// 401 without a token or with one that stands for nobody; 429 for too many of those from one
/// address; 503 when the database cannot be asked.
pub(crate) async fn caller(state: &AppState, headers: &HeaderMap, peer: IpAddr) -> Result<Context> {
    let shared = state.shared();
    let Some(token) = bearer(headers)? else {
        return Err(Failure::unauthorized("missing_token", "send `authorization: Bearer` and a token"));
    };
    // The admin's token may be a person's choice, so guesses at it are slowed; the hub's own are not
    // to be guessed, and their bearers are not held up by a neighbour who tries.
    let slowed = shared.limits.failed_tokens.is_exhausted(peer);
    if !slowed && shared.admin_token.is(token) {
        return Ok(Context::admin());
    }
    match shared.hub.tokens().authenticate(token).await {
        Ok(context) => Ok(context),
        Err(error)
            if matches!(error.kind(), ErrorKind::Denied | ErrorKind::NotFound | ErrorKind::Invalid) =>
        {
            shared.limits.failed_tokens.take(peer)?;
            Err(Failure::refused_token(&error))
        }
        Err(error) => Err(error.into()),
    }
}

fn bearer(headers: &HeaderMap) -> Result<Option<&str>> {
    let Some(value) = headers.get(AUTHORIZATION) else { return Ok(None) };
    let malformed =
        || Failure::unauthorized("malformed_token", "the header `authorization` is not `Bearer` and a token");
    let text = std::str::from_utf8(value.as_bytes()).map_err(|_| malformed())?;
    let (scheme, token) = text.split_once(' ').ok_or_else(malformed)?;
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() || token.len() > TOKEN_BYTES {
        return Err(malformed());
    }
    Ok(Some(token))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_admin_token_is_long_and_printable() {
        assert!(AdminToken::new(&"x".repeat(32)).is_ok());
        assert!(AdminToken::new("a long pass phrase of a careful person").is_ok());
        for bad in ["x".repeat(31), "x".repeat(5_000), format!("{}\n", "x".repeat(40)), " ".repeat(40)] {
            assert!(AdminToken::new(&bad).is_err());
        }
    }

    #[test]
    fn only_the_same_token_is_the_admins_and_debug_hides_it() {
        let token = AdminToken::new("0123456789abcdef0123456789abcdef").unwrap();
        assert!(token.is("0123456789abcdef0123456789abcdef"));
        assert!(!token.is("0123456789abcdef0123456789abcdeg"));
        assert!(!token.is(""));
        assert_eq!(format!("{token:?}"), "AdminToken(…)");
    }
}
