//! The hub that runs on a folder, and the port for one that does not.

use super::check::Check;
use crate::cli::client::Client;
use crate::cli::home::Home;
use crate::cli::tls;
use std::io::ErrorKind;
use std::net::TcpListener;

/// Whether a hub answers where the folder says.
#[derive(Debug)]
pub(super) enum Running {
    Yes {
        url: String,
        /// Whether its database answers.
        ready: bool,
        /// Its clock, as an HTTP date.
        date: Option<String>,
    },
    No {
        /// Why not, unless none ever ran.
        why: Option<String>,
    },
}

pub(super) async fn running(home: &Home) -> Running {
    let url = match home.client() {
        Ok(Some(file)) => file.url,
        Ok(None) => return Running::No { why: None },
        Err(failure) => return Running::No { why: Some(failure.message) },
    };
    let asked = match tls::trust_of(home, &url).and_then(|trust| Client::new(&url, "none", &trust)) {
        Ok(client) => client.probe("/readyz").await,
        Err(failure) => Err(failure),
    };
    match asked {
        Ok((status, date)) if status.is_success() || status.is_server_error() => {
            Running::Yes { url, ready: status.is_success(), date }
        }
        Ok((status, _)) => Running::No { why: Some(format!("{url} answers {status}: that is no hub")) },
        Err(failure) => Running::No { why: Some(failure.message) },
    }
}

/// Whether the hub runs, or the port is free for one.
pub(super) fn port(home: &Home, listen: &str, running: &Running) -> Check {
    let why = match running {
        Running::Yes { url, .. } => {
            return Check::good("port", format!("this folder's hub answers at {url}"));
        }
        Running::No { why } => why,
    };
    match TcpListener::bind(listen) {
        Ok(_) => {
            let start = home.command("serve");
            let found = match why {
                Some(why) => format!("{listen} is free; {why}"),
                None => format!("{listen} is free; no hub has run on this folder"),
            };
            Check::doubtful("port", found, format!("start one with `{start}` if it should run"))
        }
        Err(cause) if cause.kind() == ErrorKind::AddrInUse => Check::wrong(
            "port",
            format!("{listen} is taken by another program"),
            "stop that, or choose another port with --listen or HUB_LISTEN",
        ),
        Err(cause) => Check::wrong(
            "port",
            format!("nobody can listen at {listen}: {cause}"),
            "choose an address of this machine with --listen or HUB_LISTEN",
        ),
    }
}
