//! TLS: whether there is a certificate, whether it can be used, and how long.

use super::check::Check;
use super::folder::open_to_others;
use crate::cli::exit::Outcome;
use crate::cli::tls::{self, date};
use hub_server::tls::{Files, Validity};
use std::net::ToSocketAddrs as _;
use std::time::SystemTime;

const NAME: &str = "certificate";

pub(super) fn check(files: Outcome<Option<Files>>, listen: &str) -> Check {
    match files {
        Ok(Some(files)) => read(&files),
        Ok(None) => none(listen),
        Err(failure) => Check::failed(NAME, &failure),
    }
}

fn read(files: &Files) -> Check {
    let certificate = match files.read() {
        Ok(certificate) => certificate,
        Err(error) => return Check::failed(NAME, &tls::unusable(&error)),
    };
    let key = files.key.display();
    // A group of its own for keys is common.
    if let Some(mode) = std::fs::metadata(&files.key).ok().and_then(|found| open_to_others(&found))
        && mode & 0o007 != 0
    {
        let found = format!("the key {key} can be read by others (mode {mode:o})");
        return Check::wrong(
            NAME,
            found,
            format!("chmod 600 {key}; if others may have seen it, get a new one"),
        );
    }
    let found = tls::shown(&certificate);
    let renew =
        "put a new certificate and key in place of the files: a hub that runs takes them within seconds";
    match certificate.validity(SystemTime::now()) {
        _ if certificate.names().is_empty() => {
            Check::wrong(NAME, found, "get one that names this machine as clients call it (subjectAltName)")
        }
        Validity::Good => Check::good(NAME, found),
        Validity::EndsSoon => {
            Check::doubtful(NAME, found, format!("{renew}; it ends on {}", date(&certificate)))
        }
        Validity::Expired | Validity::NotYet => Check::wrong(NAME, found, renew),
    }
}

fn none(listen: &str) -> Check {
    // A name that nobody knows is told by the check of the port.
    let mut addresses = listen.to_socket_addrs().into_iter().flatten();
    if addresses.all(|address| address.ip().is_loopback()) {
        return Check::good(NAME, "none; only this machine reaches the port");
    }
    Check::doubtful(
        NAME,
        format!("none, and others can reach {listen}: tokens and words travel in plain text"),
        "name a certificate with --tls-cert and --tls-key, or let a proxy on this machine end TLS and listen at 127.0.0.1",
    )
}
