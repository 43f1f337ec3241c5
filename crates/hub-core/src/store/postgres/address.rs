//! Which database a URL names, in words that hold no secret.

use crate::{Error, Result, Secret};
use sqlx::postgres::PgConnectOptions;
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr as _;

/// A PostgreSQL database by its URL: `postgres://user:password@host:port/database`, or with the folder
/// of a Unix socket as `postgresql://user@/database?host=/run/postgresql`.
///
/// What the URL leaves out comes from the variables that other programs for PostgreSQL know, such as
/// `PGHOST`. `Display` and `Debug` show neither the password nor the URL's options.
#[derive(Clone)]
pub struct PostgresAddress {
    url: Secret,
    user: String,
    /// The host, or the folder of the socket, which begins with a slash.
    host: String,
    port: u16,
    database: String,
}

impl PostgresAddress {
    /// Reads a URL.
    ///
    /// # Errors
    /// `invalid` with `malformed_database_url`; the URL is not repeated.
    pub fn parse(url: &str) -> Result<Self> {
        let options = options(url)?;
        let socket = options.get_socket().map(|folder| folder.to_string_lossy().into_owned());
        let user = options.get_username().to_owned();
        Ok(Self {
            url: Secret::new(url.to_owned()),
            // PostgreSQL's own rule: a database that is not named has the user's name.
            database: options.get_database().unwrap_or(&user).to_owned(),
            user,
            host: socket.unwrap_or_else(|| options.get_host().to_owned()),
            port: options.get_port(),
        })
    }

    /// The whole URL, password included.
    #[must_use]
    pub fn url(&self) -> &Secret {
        &self.url
    }

    /// The name of the database on its server.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// Whether both name the same database of the same server, as whichever user.
    #[must_use]
    pub fn is_same_place(&self, other: &Self) -> bool {
        self.host == other.host && self.port == other.port && self.database == other.database
    }
}

impl fmt::Display for PostgresAddress {
    /// A URL without a password, which [`PostgresAddress::parse`] reads back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (user, port, database) = (escape(&self.user), self.port, escape(&self.database));
        if self.host.starts_with('/') {
            return write!(f, "postgres://{user}@/{database}?host={}&port={port}", escape(&self.host));
        }
        let host = &self.host;
        // An address of the sixth version of IP stands in brackets.
        if host.contains(':') && !host.starts_with('[') {
            return write!(f, "postgres://{user}@[{host}]:{port}/{database}");
        }
        write!(f, "postgres://{user}@{host}:{port}/{database}")
    }
}

impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresAddress({self})")
    }
}

/// What a URL says, for a connection.
pub(super) fn options(url: &str) -> Result<PgConnectOptions> {
    PgConnectOptions::from_str(&with_host(url)).map_err(|cause| {
        Error::invalid("malformed_database_url", "this is not the URL of a PostgreSQL database")
            .field("database_url")
            .because(cause)
    })
}

/// A URL whose host is left out though a user or a port stands beside it, as in `postgres://user@/database`,
/// is common where `?host=` names a socket, and no URL by the standard: it gets the host that is meant.
fn with_host(url: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = url.split_once("://") else { return url.into() };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rfind('@').map_or(0, |at| at + 1);
    let (user, after) = rest.split_at_checked(host).unwrap_or(("", rest));
    let left_out = after.starts_with(':') || (host > 0 && host == authority.len());
    if left_out { format!("{scheme}://{user}localhost{after}").into() } else { url.into() }
}

/// Percent-encodes what would end a part of a URL (RFC 3986).
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password_and_read_back() {
        for (url, shown) in [
            ("postgres://anna:hunter2@db.example:5433/hub", "postgres://anna@db.example:5433/hub"),
            ("postgresql://anna:hunter2@[::1]/hub?sslmode=disable", "postgres://anna@[::1]:5432/hub"),
            (
                "postgresql://anna@/hub?host=/run/post gres&password=hunter2&port=5434",
                "postgres://anna@/hub?host=/run/post%20gres&port=5434",
            ),
            ("postgres://anna@:5434/hub", "postgres://anna@localhost:5434/hub"),
            ("postgres://anna:hunter2@/hub?host=/run", "postgres://anna@/hub?host=/run&port=5432"),
            ("postgres://a%40b@h:1/one%20two", "postgres://a%40b@h:1/one%20two"),
            ("postgres://anna@h:1", "postgres://anna@h:1/anna"),
        ] {
            let address = PostgresAddress::parse(url).unwrap();
            assert_eq!(address.to_string(), shown);
            assert!(!format!("{address:?}").contains("hunter2"));
            let again = PostgresAddress::parse(shown).unwrap();
            assert!(again.is_same_place(&address), "{again} is not {address}");
            assert_eq!(again.to_string(), shown);
        }
    }

    #[test]
    fn the_place_is_host_port_and_database_whoever_connects() {
        let at = |url: &str| PostgresAddress::parse(url).unwrap();
        let place = at("postgres://anna:1@h:5432/hub");
        assert!(place.is_same_place(&at("postgresql://ben:2@h/hub?sslmode=require")));
        for other in [
            "postgres://anna@h:5433/hub",
            "postgres://anna@g/hub",
            "postgres://anna@h/bub",
            "postgres://anna@h",
        ] {
            assert!(!place.is_same_place(&at(other)), "{other}");
        }
    }

    #[test]
    fn what_is_no_url_is_not_repeated() {
        let error = PostgresAddress::parse("postgres://anna:hunter2@h:port/hub").unwrap_err();
        assert_eq!(error.code(), "malformed_database_url");
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}
