//! The files of a certificate, and what can be wrong with them.

use super::certificate::Certificate;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Bytes that a file may have: a chain is a few thousand, and whatever is larger is another file.
const FILE_BYTES: u64 = 1024 * 1024;

/// The files of a certificate, in PEM form, as certificate authorities hand them out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// The server's certificate, followed by those that lead from it to a root.
    pub certificate: PathBuf,
    /// Its private key: PKCS #8, SEC1 or PKCS #1, without a pass phrase.
    pub key: PathBuf,
}

/// Why the files of a certificate cannot be used. Messages name the file, and never what is in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The file cannot be read.
    #[error("{} cannot be read", file.display())]
    Unreadable {
        /// Which file.
        file: PathBuf,
        /// What the machine says.
        source: io::Error,
    },
    /// No part of the file is of the kind that is needed.
    #[error("{} holds no {wanted} in PEM form", file.display())]
    Missing {
        /// Which file.
        file: PathBuf,
        /// What it should hold.
        wanted: &'static str,
    },
    /// The file has a part of the kind that is needed, and it is malformed.
    #[error("{} holds a {wanted} that cannot be read", file.display())]
    Malformed {
        /// Which file.
        file: PathBuf,
        /// What it should hold.
        wanted: &'static str,
    },
    /// The key belongs to another certificate.
    #[error("the key in {} is not the key of the certificate in {}", key.display(), certificate.display())]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// The library of TLS refuses a configuration.
    #[error("TLS cannot be used with these settings")]
    Refused(#[from] rustls::Error),
}

impl Files {
    /// Reads the certificate with its key.
    ///
    /// # Errors
    /// When a file cannot be read, is of another kind, or the two do not belong together. Dates are
    /// not judged: see [`Certificate::validity`].
    pub fn read(&self) -> Result<Certificate, TlsError> {
        let text = bytes_of(&self.certificate)?;
        let chain = chain_of(&self.certificate, &text)?;
        let key = PrivateKeyDer::from_pem_slice(&bytes_of(&self.key)?)
            .map_err(|error| wrong(&self.key, "private key without a pass phrase", &error))?;
        Certificate::new(chain, key, self)
    }

    /// What changes when the files do, symbolic links followed: times and sizes, `None` for a file
    /// that is not there.
    pub(super) fn state(&self) -> [Option<(SystemTime, u64)>; 2] {
        let state = |file: &Path| {
            let found = std::fs::metadata(file).ok()?;
            Some((found.modified().ok()?, found.len()))
        };
        [state(&self.certificate), state(&self.key)]
    }
}

/// The certificates of a file, at least one.
pub(super) fn chain_of(file: &Path, text: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    const WANTED: &str = "certificate";
    let chain: Vec<_> = CertificateDer::pem_slice_iter(text)
        .collect::<Result<_, _>>()
        .map_err(|error| wrong(file, WANTED, &error))?;
    if chain.is_empty() {
        return Err(TlsError::Missing { file: file.to_path_buf(), wanted: WANTED });
    }
    Ok(chain)
}

pub(super) fn bytes_of(file: &Path) -> Result<Vec<u8>, TlsError> {
    let read = std::fs::metadata(file).and_then(|found| {
        if found.len() > FILE_BYTES {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("it has over {FILE_BYTES} bytes"),
            ));
        }
        std::fs::read(file)
    });
    read.map_err(|source| TlsError::Unreadable { file: file.to_path_buf(), source })
}

fn wrong(file: &Path, wanted: &'static str, error: &pem::Error) -> TlsError {
    let file = file.to_path_buf();
    match error {
        pem::Error::NoItemsFound => TlsError::Missing { file, wanted },
        _ => TlsError::Malformed { file, wanted },
    }
}
