//! Which database a data folder belongs to.
//!
//! The folder remembers it, without a password, from the first start on. A command that opens the
//! data with another one, or finds none where one is remembered, refuses: an empty database taken
//! for the real one would look like a loss of everything.

mod sqlite;
mod url;

pub(crate) use url::{DatabaseArgs, DatabaseUrl, Named, refuse_passwords_in_flags};

use super::exit::{Failure, Outcome};
use super::home::Home;
use hub_core::DataFolder;
use hub_core::store::{Executor, SqliteExecutor};
#[cfg(feature = "postgres")]
use hub_core::store::{PostgresAddress, PostgresExecutor};
use std::path::PathBuf;
use std::sync::Arc;

/// Name of the file that remembers.
const REMEMBERED: &str = "database";
/// What is remembered of the database in the folder itself, which may be moved with it.
const INSIDE: &str = "sqlite:hub.db";

/// A database.
#[derive(Debug, Clone)]
pub(crate) enum Database {
    /// The file in the data folder itself.
    Inside(PathBuf),
    /// A SQLite file elsewhere.
    File(PathBuf),
    /// A database of a PostgreSQL server.
    #[cfg(feature = "postgres")]
    Server {
        address: PostgresAddress,
        /// The same as the role that migrates.
        admin: Option<PostgresAddress>,
    },
}

impl Database {
    /// How it is remembered, and told to programs: without a password.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Inside(_) => INSIDE.to_owned(),
            Self::File(file) => format!("sqlite:{}", file.display()),
            #[cfg(feature = "postgres")]
            Self::Server { address, .. } => address.to_string(),
        }
    }

    /// How it is told to people.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Inside(file) | Self::File(file) => file.display().to_string(),
            #[cfg(feature = "postgres")]
            Self::Server { address, .. } => address.to_string(),
        }
    }

    /// The file, where it is one.
    pub(crate) fn file(&self) -> Option<&PathBuf> {
        match self {
            Self::Inside(file) | Self::File(file) => Some(file),
            #[cfg(feature = "postgres")]
            Self::Server { .. } => None,
        }
    }

    /// Whether other processes, with folders of their own, may work on it at the same time.
    pub(crate) fn is_shared(&self) -> bool {
        self.file().is_none()
    }

    /// Opens it, unless it is what a hub opens in its folder by itself.
    pub(crate) async fn open(&self) -> hub_core::Result<Option<Arc<dyn Executor>>> {
        Ok(match self {
            Self::Inside(_) => None,
            Self::File(file) => Some(Arc::new(SqliteExecutor::open(file).await?)),
            #[cfg(feature = "postgres")]
            Self::Server { address, admin } => {
                let admin = admin.as_ref().map(|admin| admin.url().expose());
                Some(Arc::new(PostgresExecutor::open_with(address.url().expose(), admin).await?))
            }
        })
    }

    /// Whether this is what the text names. PostgreSQL's users may change, the place may not.
    fn is(&self, remembered: &str) -> bool {
        #[cfg(feature = "postgres")]
        if let Self::Server { address, .. } = self {
            return PostgresAddress::parse(remembered).is_ok_and(|other| address.is_same_place(&other));
        }
        remembered == self.url()
    }
}

/// The database to open: the one that was named, else the one in the folder; it must be the one
/// that the folder remembers, and there.
pub(crate) fn choose(named: &Named, home: &Home) -> Outcome<Database> {
    let chosen = named_database(named, home)?;
    if named.admin_url.is_some() && !chosen.is_shared() {
        let message = "HUB_DATABASE_ADMIN_URL is for a PostgreSQL database, and HUB_DATABASE_URL names none";
        return Err(Failure::usage("database_admin_url", message).next("set both, or unset it"));
    }
    let Some(remembered) = remembered(home)? else { return Ok(chosen) };
    if !chosen.is(&remembered) {
        return Err(other_database(home, &remembered, &chosen));
    }
    match chosen.file() {
        Some(file) if !file.exists() => {
            let message =
                format!("this data folder belongs to the database {}, which is not there", file.display());
            let next = format!(
                "bring the file back; or, to begin anew with an empty one, remove {}",
                home.file(REMEMBERED).display()
            );
            Err(Failure::unusable("database_missing", message).next(next))
        }
        _ => Ok(chosen),
    }
}

fn named_database(named: &Named, home: &Home) -> Outcome<Database> {
    let inside = DataFolder::database_in(home.path());
    let Some(url) = &named.url else { return Ok(Database::Inside(inside)) };
    if let Some(file) = sqlite::file(url.expose()) {
        let file = file?;
        return Ok(if file == inside { Database::Inside(file) } else { Database::File(file) });
    }
    match url.expose().split(':').next() {
        Some("postgres" | "postgresql") => server(url, named.admin_url.as_ref()),
        _ => Err(Failure::usage("database_url", "HUB_DATABASE_URL must begin with sqlite: or postgres:")
            .next("set HUB_DATABASE_URL=postgres://user:password@host/database, or sqlite:/path/to/file")),
    }
}

#[cfg(feature = "postgres")]
fn server(url: &DatabaseUrl, admin: Option<&DatabaseUrl>) -> Outcome<Database> {
    let read = |variable: &str, url: &DatabaseUrl| {
        PostgresAddress::parse(url.expose()).map_err(|error| {
            Failure::usage(error.code(), format!("{variable} is not the URL of a PostgreSQL database"))
                .next("it has the form postgres://user:password@host:port/database; what stands for itself in a URL, such as @ or /, is percent-encoded in a password")
        })
    };
    let address = read("HUB_DATABASE_URL", url)?;
    let admin = admin.map(|url| read("HUB_DATABASE_ADMIN_URL", url)).transpose()?;
    if let Some(admin) = admin.as_ref().filter(|admin| admin.database() != address.database()) {
        let message = format!("HUB_DATABASE_ADMIN_URL names {admin}, and HUB_DATABASE_URL {address}");
        return Err(Failure::usage("database_admin_url", message).next("both must name the same database"));
    }
    Ok(Database::Server { address, admin })
}

#[cfg(not(feature = "postgres"))]
fn server(_url: &DatabaseUrl, _admin: Option<&DatabaseUrl>) -> Outcome<Database> {
    Err(Failure::usage("database_url", "this program was built without PostgreSQL")
        .next("build hub-server with the feature `postgres`, which is on by default"))
}

/// What the folder remembers, if it does.
pub(crate) fn remembered(home: &Home) -> Outcome<Option<String>> {
    Ok(home.read(REMEMBERED)?.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
}

/// Remembers the database, once it has been opened.
pub(crate) fn remember(home: &Home, database: &Database) -> Outcome<()> {
    match remembered(home)? {
        Some(_) => Ok(()),
        None => home.write(REMEMBERED, &format!("{}\n", database.url())),
    }
}

/// Remembers another database from now on, by its URL without a password.
pub(crate) fn switch(home: &Home, url: &str) -> Outcome<()> {
    let inside = format!("sqlite:{}", DataFolder::database_in(home.path()).display());
    let url = if url == inside { INSIDE } else { url };
    home.write(REMEMBERED, &format!("{url}\n"))
}

fn other_database(home: &Home, remembered: &str, chosen: &Database) -> Failure {
    let message = format!(
        "the data folder {} belongs to the database {remembered}, not to {}",
        home.path().display(),
        chosen.url()
    );
    let next = if remembered == INSIDE {
        "unset HUB_DATABASE_URL, or choose another data folder with --data".to_owned()
    } else if remembered.starts_with("postgres") {
        format!(
            "set HUB_DATABASE_URL={remembered} (with its password), or choose another data folder with --data; \
             if that database has moved, remove {}",
            home.file(REMEMBERED).display()
        )
    } else {
        format!("set HUB_DATABASE_URL={remembered}, or choose another data folder with --data")
    };
    Failure::unusable("other_database", message).next(next)
}

#[cfg(test)]
mod tests;
