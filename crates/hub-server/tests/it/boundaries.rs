//! The server decides nothing and asks no database: the core does both.

use std::fs;
use std::path::{Path, PathBuf};

fn sources() -> Vec<(PathBuf, String)> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(found.len() > 50, "the sources were not found");
    found
}

#[test]
fn no_sql_stands_in_the_server() {
    const SQL: [&str; 8] =
        ["SELECT ", "INSERT INTO", "UPDATE ", "DELETE FROM", "CREATE TABLE", "BEGIN ", "sqlx", "rusqlite"];
    for (path, text) in sources() {
        for word in SQL {
            assert!(!text.contains(word), "{} contains {word}", path.display());
        }
    }
}

#[test]
fn no_decision_of_the_domain_stands_in_the_routes() {
    // Words of the vocabulary that a route could decide by, and where each may be named.
    const WORDS: [&str; 9] = [
        "Role::",
        "Scope::",
        "ActionState::",
        "ConsentKind::",
        "EventStatus::",
        "Tier::",
        "Effect::",
        "Principal::",
        "PrincipalKind::",
    ];
    let may_name = |path: &Path, word: &str| {
        let path = path.to_string_lossy().replace('\\', "/");
        match word {
            // Counts by outcome.
            "EventStatus::" => path.ends_with("telemetry/observer.rs"),
            // Names a bucket of a rate after whoever calls.
            "Principal::" => path.ends_with("routes/endpoint.rs"),
            // Which fields of a token travel.
            "PrincipalKind::" => path.ends_with("wire/things.rs"),
            _ => false,
        }
    };
    for (path, text) in sources() {
        let text = text.split("#[cfg(test)]").next().unwrap();
        let is_program = path.to_string_lossy().contains("/cli") || path.ends_with("main.rs");
        for word in WORDS {
            let named = text.match_indices(word).any(|(at, _)| {
                let before = text[..at].chars().last().unwrap_or(' ');
                !before.is_alphanumeric() && text[at + word.len()..].starts_with(char::is_uppercase)
            });
            assert!(!named || is_program || may_name(&path, word), "{} names {word}", path.display());
        }
    }
}
