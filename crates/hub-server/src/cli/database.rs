//! Which database a data folder belongs to.
//!
//! The folder remembers it, without a password, from the first start on. A command that opens the
//! data with another one, or finds none where one is remembered, refuses: an empty database taken
//! for the real one would look like a loss of everything.

use super::exit::{Failure, Outcome};
use super::home::Home;
use hub_core::DataFolder;
use std::path::{Path, PathBuf};

/// Name of the file that remembers.
const REMEMBERED: &str = "database";
/// What is remembered of the database in the folder itself, which may be moved with it.
const INSIDE: &str = "sqlite:hub.db";

/// A database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Database {
    /// The file.
    pub(crate) file: PathBuf,
    /// Whether it is the one in the data folder itself.
    pub(crate) inside: bool,
}

impl Database {
    /// How it is shown and remembered.
    pub(crate) fn url(&self) -> String {
        if self.inside { INSIDE.to_owned() } else { format!("sqlite:{}", self.file.display()) }
    }
}

/// The database to open: the one that was named, else the one in the folder; it must be the one
/// that the folder remembers, and there.
pub(crate) fn choose(named: Option<&str>, home: &Home) -> Outcome<Database> {
    let inside = Database { file: DataFolder::database_in(home.path()), inside: true };
    let chosen = match named {
        Some(url) => {
            let file = sqlite_file(url)?;
            if file == inside.file { inside } else { Database { file, inside: false } }
        }
        None => inside,
    };
    let Some(remembered) = remembered(home)? else { return Ok(chosen) };
    if remembered != chosen.url() {
        return Err(other_database(home, &remembered, &chosen));
    }
    if !chosen.file.exists() {
        let message =
            format!("this data folder belongs to the database {}, which is not there", chosen.file.display());
        let next = format!(
            "bring the file back; or, to begin anew with an empty one, remove {}",
            home.file(REMEMBERED).display()
        );
        return Err(Failure::unusable("database_missing", message).next(next));
    }
    Ok(chosen)
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

fn other_database(home: &Home, remembered: &str, chosen: &Database) -> Failure {
    let message = format!(
        "the data folder {} belongs to the database {remembered}, not to {}",
        home.path().display(),
        chosen.url()
    );
    let next = if remembered == INSIDE {
        "unset HUB_DATABASE_URL, or choose another data folder with --data".to_owned()
    } else {
        format!("set HUB_DATABASE_URL={remembered}, or choose another data folder with --data")
    };
    Failure::unusable("other_database", message).next(next)
}

/// The file that a URL of the kind `sqlite:…` names; relative to the working directory.
fn sqlite_file(url: &str) -> Outcome<PathBuf> {
    let usage = |message: &str| {
        Failure::usage("database_url", message.to_owned())
            .next("set HUB_DATABASE_URL=sqlite:/path/to/file, or unset it for a database in the data folder")
    };
    let Some(rest) = url.strip_prefix("sqlite:") else {
        let scheme = url.split(':').next().unwrap_or_default();
        return Err(match scheme {
            "postgres" | "postgresql" => usage("a PostgreSQL database is not in this version of the hub"),
            _ => usage("HUB_DATABASE_URL must begin with sqlite:"),
        });
    };
    let (path, options) = rest.split_once('?').unwrap_or((rest, ""));
    let path = path.strip_prefix("//").unwrap_or(path);
    if !options.is_empty() && options != "mode=rwc" {
        return Err(usage("HUB_DATABASE_URL carries an option that the hub does not know"));
    }
    if path.is_empty() || path.starts_with(':') {
        return Err(usage("HUB_DATABASE_URL names no file: the hub keeps nothing in memory alone"));
    }
    std::path::absolute(Path::new(path)).map_err(|cause| Failure::machine("the database has no path", &cause))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::cli::Common;
    use crate::cli::exit::Exit;

    fn home(folder: &Path) -> Home {
        Home::of(&Common { data: Some(folder.to_path_buf()), json: false }).unwrap()
    }

    #[test]
    fn urls_name_files_or_say_why_not() {
        for url in ["sqlite:/a/b.db", "sqlite:///a/b.db", "sqlite:/a/b.db?mode=rwc"] {
            assert_eq!(sqlite_file(url).unwrap(), PathBuf::from("/a/b.db"));
        }
        for (url, said) in [
            ("postgres://u:secret@h/d", "not in this version"),
            ("postgresql:///d?host=/run", "not in this version"),
            ("mysql://h/d", "must begin with sqlite:"),
            ("sqlite::memory:", "names no file"),
            ("sqlite:", "names no file"),
            ("sqlite:/a?mode=ro", "option"),
        ] {
            let failure = sqlite_file(url).unwrap_err();
            assert_eq!(failure.exit, Exit::Usage);
            assert!(failure.message.contains(said) && !failure.message.contains("secret"), "{failure:?}");
        }
    }

    #[test]
    fn a_folder_refuses_another_database_than_the_one_it_remembers() {
        let folder = tempfile::tempdir().unwrap();
        let home = home(folder.path());
        let url = format!("sqlite:{}", folder.path().join("elsewhere.db").display());
        let elsewhere = choose(Some(&url), &home).unwrap();
        remember(&home, &elsewhere).unwrap();

        let failure = choose(None, &home).unwrap_err();
        assert_eq!(failure.code, "other_database");
        assert!(failure.next.unwrap().contains(&format!("HUB_DATABASE_URL={url}")));
        assert_eq!(choose(Some(&url), &home).unwrap_err().code, "database_missing");
        std::fs::write(&elsewhere.file, "").unwrap();
        assert_eq!(choose(Some(&url), &home).unwrap(), elsewhere);
    }

    #[test]
    fn the_database_in_the_folder_moves_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let (before, after) = (folder.path().join("before"), folder.path().join("after"));
        std::fs::create_dir(&before).unwrap();
        remember(&home(&before), &choose(None, &home(&before)).unwrap()).unwrap();
        assert_eq!(choose(None, &home(&before)).unwrap_err().code, "database_missing");
        std::fs::write(DataFolder::database_in(&before), "").unwrap();
        std::fs::rename(&before, &after).unwrap();
        let url = format!("sqlite:{}", DataFolder::database_in(&after).display());
        assert!(choose(None, &home(&after)).unwrap().inside);
        assert!(choose(Some(&url), &home(&after)).unwrap().inside);
    }
}
