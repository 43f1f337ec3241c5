//! A database to copy from or to, and what keeps a hub off it meanwhile.

use crate::cli::database::DatabaseUrl;
use crate::cli::exit::{Failure, Outcome};
use crate::cli::home::Home;
use hub_core::DataFolder;
use hub_core::store::{Executor, SqliteExecutor, nobody_has_open};
#[cfg(feature = "postgres")]
use hub_core::store::{PostgresAddress, PostgresExecutor};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Name of the file in which a data folder remembers its database, and of what is in the folder itself.
const REMEMBERED: &str = "database";
const INSIDE: &str = "sqlite:hub.db";

/// A database, found but not open.
#[derive(Debug)]
pub(super) enum Place {
    /// A SQLite file, and the data folder that it is the database of, if it stands in one.
    File { file: PathBuf, folder: Option<PathBuf> },
    /// A database of a PostgreSQL server, by the URL of its owner.
    #[cfg(feature = "postgres")]
    Server(PostgresAddress),
}

/// An open database. The folder's lock is held as long as it is.
pub(super) struct Open {
    pub(super) executor: Arc<dyn Executor>,
    _folder: Option<DataFolder>,
}

impl Place {
    /// What is copied; it must be there.
    pub(super) fn source(url: &DatabaseUrl) -> Outcome<Self> {
        let place = Self::of(url)?;
        match &place {
            Self::File { file, .. } if !file.is_file() => {
                let message = format!("there is no database {}", file.display());
                Err(Failure::unusable("no_database", message))
            }
            _ => Ok(place),
        }
    }

    /// Where it goes; a file may have to be made, unless both are only compared.
    pub(super) fn destination(url: &DatabaseUrl, must_be_there: bool) -> Outcome<Self> {
        if must_be_there { Self::source(url) } else { Self::of(url) }
    }

    fn of(url: &DatabaseUrl) -> Outcome<Self> {
        let text = url.expose();
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return server(text);
        }
        let absolute = |path: &str| {
            std::path::absolute(Path::new(path))
                .map_err(|cause| Failure::machine("the database has no path", &cause))
        };
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.starts_with(':') || path.contains('?') {
                let message = "a URL of the kind sqlite:FILE names a file, without options";
                return Err(Failure::usage("database_url", message));
            }
            return Ok(Self::file(absolute(path)?));
        }
        if text.is_empty() || text.contains("://") {
            return Err(Failure::usage(
                "database_url",
                "this is neither sqlite:FILE nor postgres://… nor a folder",
            ));
        }
        Self::in_folder(absolute(text)?)
    }

    fn file(file: PathBuf) -> Self {
        let folder = file.parent().filter(|folder| DataFolder::database_in(folder) == file);
        Self::File { folder: folder.map(Path::to_path_buf), file }
    }

    /// The database that a data folder remembers.
    fn in_folder(folder: PathBuf) -> Outcome<Self> {
        let inside = DataFolder::database_in(&folder);
        let remembered = std::fs::read_to_string(folder.join(REMEMBERED)).unwrap_or_default();
        match remembered.trim() {
            "" | INSIDE => Ok(Self::File { file: inside, folder: Some(folder) }),
            other => match other.strip_prefix("sqlite:") {
                Some(file) => Ok(Self::File { file: PathBuf::from(file), folder: Some(folder) }),
                None => Err(Failure::usage(
                    "other_database",
                    format!("the data folder {} belongs to the database {other}", folder.display()),
                )
                .next("name that database by its URL, with its password")),
            },
        }
    }

    /// How it is shown and remembered: without a password.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::File { file, .. } => format!("sqlite:{}", file.display()),
            #[cfg(feature = "postgres")]
            Self::Server(address) => address.to_string(),
        }
    }

    /// Whether both are the same, as far as their names tell.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            #[cfg(feature = "postgres")]
            (Self::Server(address), Self::Server(other)) => address.is_same_place(other),
            _ => self.shown() == other.shown(),
        }
    }

    /// Whether this is what the folder remembers.
    pub(super) fn is_remembered_as(&self, remembered: &str, home: &Home) -> bool {
        match self {
            Self::File { file, .. } if remembered == INSIDE => *file == DataFolder::database_in(home.path()),
            Self::File { .. } => remembered == self.shown(),
            #[cfg(feature = "postgres")]
            Self::Server(address) => {
                PostgresAddress::parse(remembered).is_ok_and(|other| address.is_same_place(&other))
            }
        }
    }

    /// Takes the lock of its folder, where it stands in one, and opens it.
    pub(super) async fn open(&self) -> Outcome<Open> {
        match self {
            Self::File { file, folder } => {
                let holder = format!("`hub copy` (process {})", std::process::id());
                let folder = folder.as_deref().map(|folder| DataFolder::open(folder, &holder)).transpose()?;
                nobody_has_open(file).await?;
                Ok(Open { executor: Arc::new(SqliteExecutor::open(file).await?), _folder: folder })
            }
            #[cfg(feature = "postgres")]
            Self::Server(address) => {
                let executor = PostgresExecutor::open_alone(address.url().expose()).await?;
                Ok(Open { executor: Arc::new(executor), _folder: None })
            }
        }
    }
}

#[cfg(feature = "postgres")]
fn server(url: &str) -> Outcome<Place> {
    let address = PostgresAddress::parse(url).map_err(|error| {
        Failure::usage(error.code(), "this is not the URL of a PostgreSQL database")
            .next("it has the form postgres://user:password@host:port/database")
    })?;
    Ok(Place::Server(address))
}

#[cfg(not(feature = "postgres"))]
fn server(_url: &str) -> Outcome<Place> {
    Err(Failure::usage("database_url", "this program was built without PostgreSQL")
        .next("build hub-server with the feature `postgres`, which is on by default"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn places_are_files_folders_and_servers() {
        let of = |text: &str| Place::of(&text.parse().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().display().to_string();
        for text in [path.clone(), format!("sqlite:{path}/hub.db"), format!("sqlite://{path}/hub.db")] {
            let Ok(Place::File { file, folder: Some(held) }) = of(&text) else { panic!("{text}") };
            assert_eq!((file, held.as_path()), (folder.path().join("hub.db"), folder.path()));
        }
        let elsewhere = of(&format!("sqlite:{path}/other.db")).unwrap();
        assert!(matches!(&elsewhere, Place::File { folder: None, .. }));
        std::fs::write(folder.path().join("database"), format!("sqlite:{path}/other.db\n")).unwrap();
        assert!(of(&path).unwrap().is(&elsewhere));
        std::fs::write(folder.path().join("database"), "postgres://hub@h/d\n").unwrap();
        assert_eq!(of(&path).unwrap_err().code, "other_database");
        #[cfg(feature = "postgres")]
        assert_eq!(of("postgresql://hub:hunter2@h/d").unwrap().shown(), "postgres://hub@h:5432/d");
        for wrong in ["", "mysql://h/d", "sqlite:", "sqlite::memory:", "sqlite:/a?mode=ro"] {
            assert_eq!(of(wrong).unwrap_err().code, "database_url", "{wrong}");
        }
    }
}
