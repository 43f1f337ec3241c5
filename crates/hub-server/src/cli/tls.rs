//! TLS as the commands use it: files by settings, and whom a client believes.

use super::config::Config;
use super::exit::{Failure, Outcome};
use super::home::{CERTIFICATE, Home};
use clap::Args;
use hub_server::tls::{Certificate, Files, Tls, TlsError, Trust, Validity};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The files of a certificate.
#[derive(Debug, Args)]
pub(crate) struct TlsArgs {
    /// The server's certificate and those that lead to its root, in PEM form: the hub speaks TLS
    #[arg(long, env = "HUB_TLS_CERT", value_name = "FILE")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key, in PEM form
    #[arg(long, env = "HUB_TLS_KEY", value_name = "FILE")]
    tls_key: Option<PathBuf>,
}

impl TlsArgs {
    /// The files that are named, unless none is.
    pub(crate) fn files(&self, config: &Config) -> Outcome<Option<Files>> {
        let certificate = self.tls_cert.clone().or_else(|| config.tls_cert.clone());
        let key = self.tls_key.clone().or_else(|| config.tls_key.clone());
        match (certificate, key) {
            (Some(certificate), Some(key)) => Ok(Some(Files { certificate, key })),
            (None, None) => Ok(None),
            (Some(_), None) => Err(half("a certificate is named and no key", "--tls-key or HUB_TLS_KEY")),
            (None, Some(_)) => Err(half("a key is named and no certificate", "--tls-cert or HUB_TLS_CERT")),
        }
    }

    /// TLS by these files, with its certificate noted in the folder whenever it changes.
    pub(crate) fn open(&self, config: &Config, home: &Home) -> Outcome<Option<Tls>> {
        let Some(files) = self.files(config)? else { return Ok(None) };
        let folder = home.clone();
        let note = move |certificate: &Certificate| {
            if let Err(failure) = note(&folder, certificate) {
                tracing::warn!(error = failure.message, "the programs of this folder will not know the hub");
            }
        };
        Tls::new(files, note).map(Some).map_err(|error| unusable(&error))
    }
}

fn half(message: &str, name: &str) -> Failure {
    Failure::usage("tls_files", message).next(format!("name both, the other by {name}, or neither"))
}

/// What is wrong with the files, as a command says it.
pub(crate) fn unusable(error: &TlsError) -> Failure {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    let next = match error {
        TlsError::Unreadable { .. } => "the user who runs the hub must be able to read both files",
        TlsError::Mismatch { .. } => "name the key that the certificate was asked for with",
        _ => "both files are in PEM form: text, with lines of dashes around each part",
    };
    Failure::usage("tls_files", format!("{error}{cause}")).next(next)
}

/// What people are told of a certificate.
pub(crate) fn shown(certificate: &Certificate) -> String {
    let names = match certificate.names() {
        [] => "no name, so that clients refuse it".to_owned(),
        names => names.join(", "),
    };
    let until = date(certificate);
    match certificate.validity(SystemTime::now()) {
        Validity::Good => format!("{names}, until {until}"),
        Validity::EndsSoon => format!("{names}, and ends soon: {until}"),
        Validity::Expired => format!("{names}, expired on {until}: clients refuse it"),
        Validity::NotYet => {
            format!("{names}, not valid yet: clients refuse it, or this machine's clock is wrong")
        }
    }
}

/// The day on which a certificate ends.
pub(crate) fn date(certificate: &Certificate) -> String {
    jiff::Timestamp::try_from(certificate.not_after())
        .map_or_else(|_| "a time beyond reckoning".to_owned(), |at| at.strftime("%Y-%m-%d").to_string())
}

fn note(home: &Home, certificate: &Certificate) -> Outcome<()> {
    let hex: String = Trust::digest(certificate).iter().map(|byte| format!("{byte:02x}")).collect();
    home.write(CERTIFICATE, &format!("{hex}\n"))
}

/// Whom to believe at a URL that the hub of this folder left: the one that shows its certificate.
pub(crate) fn trust_of(home: &Home, url: &str) -> Outcome<Trust> {
    if !url.starts_with("https://") {
        return Ok(Trust::default());
    }
    let text = home.token(CERTIFICATE)?.unwrap_or_default();
    let bytes: Option<Vec<u8>> = text
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    match bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()) {
        Some(digest) => Ok(Trust::exactly(digest)),
        None => {
            let file = home.file(CERTIFICATE);
            let message = format!("{} is not what `hub serve` writes", file.display());
            Err(Failure::unusable("malformed_certificate_digest", message).next("start `hub serve` again"))
        }
    }
}

/// Whom to believe at a URL that somebody named.
pub(crate) fn trust_named(url: &str, roots: Option<&Path>) -> Outcome<Trust> {
    if url.starts_with("https://") {
        Trust::roots(roots).map_err(|error| unusable(&error))
    } else {
        Ok(Trust::default())
    }
}
