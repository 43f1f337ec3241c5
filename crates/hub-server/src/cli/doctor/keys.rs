//! Tokens: there, private, of the right form, and accepted by the hub that runs.

use super::check::Check;
use super::folder::open_to_others;
use super::network::Running;
use crate::cli::admin;
use crate::cli::client::Client;
use crate::cli::home::{ADMIN_TOKEN, FEEDER_TOKEN, Home, OWNER_TOKEN};
use crate::cli::tls;
use hub_server::auth::AdminToken;
use reqwest::StatusCode;

pub(super) async fn checks(home: &Home, running: &Running) -> Vec<Check> {
    let mut checks = vec![admin_token(home), owner_token(home, running).await];
    checks.extend(private(home, "feeder token", FEEDER_TOKEN));
    checks
}

fn admin_token(home: &Home) -> Check {
    const NAME: &str = "admin token";
    match admin::from_environment() {
        Ok(Some(_)) => return Check::good(NAME, "from HUB_ADMIN_TOKEN"),
        Ok(None) => {}
        Err(failure) => return Check::failed(NAME, &failure),
    }
    if let Some(check) = private(home, NAME, ADMIN_TOKEN) {
        return check;
    }
    match home.token(ADMIN_TOKEN) {
        Err(failure) => Check::failed(NAME, &failure),
        Ok(None) => {
            Check::doubtful(NAME, "none yet", "start `hub serve`, which makes it, or set HUB_ADMIN_TOKEN")
        }
        Ok(Some(token)) => match AdminToken::new(&token) {
            Ok(_) => Check::good(NAME, home.file(ADMIN_TOKEN).display().to_string()),
            Err(cause) => Check::wrong(
                NAME,
                format!("{} cannot be used: {cause}", home.file(ADMIN_TOKEN).display()),
                "remove the file and start `hub serve` again: it makes a new one",
            ),
        },
    }
}

async fn owner_token(home: &Home, running: &Running) -> Check {
    const NAME: &str = "owner token";
    if let Some(check) = private(home, NAME, OWNER_TOKEN) {
        return check;
    }
    let token = match home.token(OWNER_TOKEN) {
        Err(failure) => return Check::failed(NAME, &failure),
        Ok(None) => {
            let mend = "start `hub serve` without --bare: it makes one; or use --token with another";
            return Check::doubtful(NAME, "none", mend);
        }
        Ok(Some(token)) => token,
    };
    let file = home.file(OWNER_TOKEN);
    let Running::Yes { url, .. } = running else {
        return Check::good(NAME, file.display().to_string());
    };
    let asked = match tls::trust_of(home, url).and_then(|trust| Client::new(url, &token, &trust)) {
        Ok(client) => client.probe("/v1/agents?limit=1").await,
        Err(failure) => Err(failure),
    };
    match asked {
        Ok((StatusCode::UNAUTHORIZED, _)) => Check::wrong(
            NAME,
            format!("the hub at {url} does not know {}", file.display()),
            "if it is this folder's hub, remove the file and start `hub serve` again: it makes a new one",
        ),
        Ok(_) => Check::good(NAME, format!("{}; the hub knows it", file.display())),
        Err(failure) => Check::failed(NAME, &failure),
    }
}

/// What is wrong when others can read a file of tokens.
fn private(home: &Home, name: &'static str, file: &str) -> Option<Check> {
    let file = home.file(file);
    let mode = open_to_others(&std::fs::metadata(&file).ok()?)?;
    let named = file.display();
    Some(Check::wrong(
        name,
        format!("{named} can be read by others (mode {mode:o})"),
        format!("chmod 600 {named}; if others may have seen it, remove it and start `hub serve` again"),
    ))
}
