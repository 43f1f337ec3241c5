//! The admin's token: from the environment, else from the data folder, else made.

use super::exit::{Failure, Outcome};
use super::home::{ADMIN_TOKEN, Home};
use hub_core::entropy::{Entropy as _, SystemEntropy};
use hub_server::auth::AdminToken;

/// The environment's name for it.
const VARIABLE: &str = "HUB_ADMIN_TOKEN";
/// Random bytes of a token that is made here.
const BYTES: usize = 32;

/// The token that counts for a hub on this folder. One from the environment is not written down.
pub(crate) fn token(home: &Home) -> Outcome<AdminToken> {
    if let Some(token) = from_environment()? {
        return Ok(token);
    }
    let token = match home.token(ADMIN_TOKEN)? {
        Some(token) => token,
        None => {
            let token = make()?;
            home.write(ADMIN_TOKEN, &format!("{token}\n"))?;
            token
        }
    };
    AdminToken::new(&token).map_err(|cause| malformed(ADMIN_TOKEN, &cause.to_string()))
}

/// The token that the environment names, if it does.
pub(crate) fn from_environment() -> Outcome<Option<AdminToken>> {
    let Some(token) = std::env::var_os(VARIABLE).filter(|token| !token.is_empty()) else { return Ok(None) };
    let token = token.into_string().map_err(|_| malformed(VARIABLE, "it is not UTF-8"))?;
    AdminToken::new(&token).map(Some).map_err(|cause| malformed(VARIABLE, &cause.to_string()))
}

fn make() -> Outcome<String> {
    let mut random = [0_u8; BYTES];
    SystemEntropy.fill(&mut random)?;
    let digits: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("hub_admin_{digits}"))
}

fn malformed(what: &str, why: &str) -> Failure {
    Failure::usage("admin_token", format!("{what} cannot be used: {why}"))
        .next(format!("set {VARIABLE} to 32 or more printable characters, or unset it and remove {ADMIN_TOKEN}: the hub makes one"))
}
