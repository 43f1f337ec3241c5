//! The text of a token: made, read and hashed. Pure.

use crate::ids::TokenId;
use crate::sensitive::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hub_protocol::vocabulary::PrincipalKind;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// Bytes of randomness in a token; 32 in base64url are 43 letters.
pub(crate) const RANDOM_BYTES: usize = 32;
const RANDOM_LETTERS: usize = 43;

/// `hub_`, the letter of its kind, the token's id, and randomness; so that a token that was found
/// somewhere can be told from other text, and revoked by the id in it.
pub(crate) fn make(kind: PrincipalKind, token_id: TokenId, random: [u8; RANDOM_BYTES]) -> Secret {
    let letter = match kind {
        PrincipalKind::Operator => 'o',
        PrincipalKind::Device => 'd',
        PrincipalKind::Delegate => 'g',
        PrincipalKind::Admin => 'a',
        PrincipalKind::Worker => 'w',
    };
    let id = token_id.0.simple();
    Secret::new(format!("hub_{letter}_{id}_{}", URL_SAFE_NO_PAD.encode(random)))
}

/// The id that a token names, if the text has the form of one.
pub(crate) fn id_of(text: &str) -> Option<TokenId> {
    let mut parts = text.strip_prefix("hub_")?.splitn(3, '_');
    let (letter, id, random) = (parts.next()?, parts.next()?, parts.next()?);
    let well_formed = letter.len() == 1 && id.len() == 32 && random.len() == RANDOM_LETTERS;
    if well_formed { Uuid::try_parse(id).ok().map(TokenId) } else { None }
}

/// What is kept of a token. It has 256 bits of randomness: nobody searches through those, so a
/// slow hash would only slow the hub.
pub(crate) fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_token_names_its_id() {
        let id = TokenId(Uuid::from_u128(7));
        // 0xff gives the letter that also separates the parts.
        let secret = make(PrincipalKind::Delegate, id, [0xff; RANDOM_BYTES]);
        assert!(secret.expose().starts_with("hub_g_00000000000000000000000000000007_"));
        assert_eq!(id_of(secret.expose()), Some(id));
    }

    #[test]
    fn other_text_is_no_token() {
        let good = make(PrincipalKind::Device, TokenId(Uuid::from_u128(7)), [1; RANDOM_BYTES]);
        let good = good.expose();
        for text in ["", "hub_", "hub_d_x_y", "Bearer", good.get(1..).unwrap(), &format!("{good}x")] {
            assert_eq!(id_of(text), None, "{text}");
        }
    }
}
