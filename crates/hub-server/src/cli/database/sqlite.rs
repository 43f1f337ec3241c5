//! Files that URLs of the kind `sqlite:…` name.

use crate::cli::exit::{Failure, Outcome};
use std::path::{Path, PathBuf};

/// The file, where the URL is of that kind; relative to the working directory.
pub(super) fn file(url: &str) -> Option<Outcome<PathBuf>> {
    let rest = url.strip_prefix("sqlite:")?;
    let usage = |message: &str| {
        Some(Err(Failure::usage("database_url", message.to_owned()).next(
            "set HUB_DATABASE_URL=sqlite:/path/to/file, or unset it for a database in the data folder",
        )))
    };
    let (path, options) = rest.split_once('?').unwrap_or((rest, ""));
    let path = path.strip_prefix("//").unwrap_or(path);
    if !options.is_empty() && options != "mode=rwc" {
        return usage("HUB_DATABASE_URL carries an option that the hub does not know");
    }
    if path.is_empty() || path.starts_with(':') {
        return usage("HUB_DATABASE_URL names no file: the hub keeps nothing in memory alone");
    }
    let absolute = std::path::absolute(Path::new(path));
    Some(absolute.map_err(|cause| Failure::machine("the database has no path", &cause)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn urls_name_files_or_say_why_not() {
        for url in ["sqlite:/a/b.db", "sqlite:///a/b.db", "sqlite:/a/b.db?mode=rwc"] {
            assert_eq!(file(url).unwrap().unwrap(), PathBuf::from("/a/b.db"));
        }
        for (url, said) in [
            ("sqlite::memory:", "names no file"),
            ("sqlite:", "names no file"),
            ("sqlite:/a?mode=ro", "option"),
        ] {
            let failure = file(url).unwrap().unwrap_err();
            assert!(failure.message.contains(said), "{failure:?}");
        }
        assert!(file("postgres://h/d").is_none());
    }
}
