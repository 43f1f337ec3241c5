//! The tables of docs/BINDINGS.md.

use crate::error::Result;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The languages of the line, in the order of the table. One without a file comes later.
const LANGUAGES: &[&str] = &["Rust", "Python", "Node", "Swift", "Kotlin"];

/// What a language has of the line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Language {
    language: String,
    /// It runs all golden vectors.
    vectors: String,
    /// Tools and planners are written in it.
    host_code: String,
    /// Events come as they happen, and go on where one was.
    stream: String,
    /// Its tests run against the installed package.
    package: String,
}

/// The languages, in order.
pub(super) fn languages(folder: &Path) -> Result<Vec<Language>> {
    let language = |name: &&str| {
        let path = folder.join(format!("{}.toml", name.to_lowercase()));
        if path.exists() { super::toml(&path) } else { Ok(to_come(name)) }
    };
    LANGUAGES.iter().map(language).collect()
}

fn to_come(language: &str) -> Language {
    let later = || "later".to_owned();
    let (vectors, host_code, stream, package) = (later(), later(), later(), later());
    Language { language: language.to_owned(), vectors, host_code, stream, package }
}

/// The tables.
pub(super) fn text(
    languages: &[Language],
    later: &BTreeMap<String, String>,
    names: usize,
    calls: usize,
) -> String {
    let mut text = format!(
        "| | The golden vectors: {calls} calls and their answers | Tools and planners in the host's language | \
         A stream of events that goes on where it was left | The package, installed where nothing else is |\n\
         |---|---|---|---|---|\n"
    );
    for Language { language, vectors, host_code, stream, package } in languages {
        text.push_str(&format!("| {language} | {vectors} | {host_code} | {stream} | {package} |\n"));
    }
    text.push_str(&format!(
        "\nThe {names} operations with a name are each called by a golden vector. Those of the core without one:\n\n\
         | Operation | When, or why not |\n|---|---|\n"
    ));
    for (operation, when) in later {
        text.push_str(&format!("| `{operation}` | {when} |\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_without_a_file_comes_later() {
        let folder = tempfile::tempdir();
        let languages = folder.map(|folder| languages(folder.path()).unwrap_or_default()).unwrap_or_default();
        assert_eq!(languages.len(), LANGUAGES.len());
        let text = text(&languages, &BTreeMap::from([("tokens".to_owned(), "later".to_owned())]), 2, 3);
        assert!(text.contains("| Swift | later | later | later | later |\n"), "{text}");
        assert!(text.contains("| `tokens` | later |\n"), "{text}");
    }
}
