//! URLs of databases, from flags, the environment and the file of settings.

use crate::cli::config::Config;
use crate::cli::exit::{Failure, Outcome};
use clap::parser::ValueSource;
use clap::{ArgMatches, Args};
use serde::Deserialize;
use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// A URL that may hold a password; `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The whole URL.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it holds a password, also where it is not quite a URL.
    pub(crate) fn has_password(&self) -> bool {
        let Some((_, rest)) = self.0.split_once("://") else { return false };
        let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
        let user = before.rsplit_once('@').map_or("", |(user, _)| user);
        user.contains(':') || form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "password")
    }
}

impl FromStr for DatabaseUrl {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(…)")
    }
}

/// What every command takes that opens the data itself.
#[derive(Debug, Args)]
pub(crate) struct DatabaseArgs {
    /// Settings file [default: hub.toml in the data folder, where there is one]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Another database than the one in the data folder: sqlite:FILE or postgres://USER@HOST/DATABASE;
    /// one with a password goes into the environment
    #[arg(long, env = "HUB_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<DatabaseUrl>,
    /// The same PostgreSQL database as the role that owns it, for migrations alone
    #[arg(long, env = "HUB_DATABASE_ADMIN_URL", hide_env_values = true, value_name = "URL")]
    database_admin_url: Option<DatabaseUrl>,
}

/// The URLs that the user gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) url: Option<DatabaseUrl>,
    pub(crate) admin_url: Option<DatabaseUrl>,
}

impl DatabaseArgs {
    /// Flags and environment count before the file; an empty value is none.
    pub(crate) fn named(&self, config: &Config) -> Named {
        let first = |given: &Option<DatabaseUrl>, filed: &Option<DatabaseUrl>| {
            let mut all = [given, filed].into_iter().flatten();
            all.find(|url| !url.0.is_empty()).cloned()
        };
        Named {
            url: first(&self.database_url, &config.database_url),
            admin_url: first(&self.database_admin_url, &config.database_admin_url),
        }
    }
}

/// Refuses a password in a flag: every user of the machine can read the command line of a process.
pub(crate) fn refuse_passwords_in_flags(matches: &ArgMatches) -> Outcome<()> {
    let mut level = Some(matches);
    while let Some(matches) = level {
        for id in matches.ids().filter(|id| id.as_str().starts_with("database_")) {
            let flagged = matches.value_source(id.as_str()) == Some(ValueSource::CommandLine);
            let url = matches.try_get_one::<DatabaseUrl>(id.as_str()).ok().flatten();
            if flagged && url.is_some_and(DatabaseUrl::has_password) {
                let flag = id.as_str().replace('_', "-");
                let variable = format!("HUB_{}", id.as_str().to_uppercase());
                let message = format!("--{flag} holds a password, which other users of the machine can read");
                return Err(Failure::usage("password_in_flag", message).next(format!(
                    "set {variable} instead, or write it into a settings file that only you can read"
                )));
            }
        }
        level = matches.subcommand().map(|(_, matches)| matches);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn url(text: &str) -> DatabaseUrl {
        text.parse().unwrap()
    }

    #[test]
    fn passwords_are_seen_in_a_url_and_never_shown() {
        for secret in [
            "postgres://u:hunter2@h/d",
            "postgresql://u:hunter2@/d?host=/run",
            "postgresql:///d?password=hunter2",
        ] {
            assert!(url(secret).has_password());
            assert_eq!(format!("{:?}", url(secret)), "DatabaseUrl(…)");
        }
        for open in ["postgres://u@h/d", "sqlite:/a/b.db", "postgres://u@[::1]:5432/d", "no url: at@all", ""]
        {
            assert!(!url(open).has_password(), "{open}");
        }
    }
}
