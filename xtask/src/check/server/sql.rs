//! Whether a text is SQL.

/// Beginnings of statements, each with a word that must follow. They are looked for as words, in
/// capitals anywhere in the text, or in any case at its beginning: `Select a space` is English.
const STATEMENTS: &[(&str, &str)] = &[
    ("SELECT", "FROM"),
    ("INSERT", "INTO"),
    ("UPDATE", "SET"),
    ("DELETE", "FROM"),
    ("CREATE", "TABLE"),
    ("CREATE", "INDEX"),
    ("CREATE", "VIEW"),
    ("CREATE", "TRIGGER"),
    ("ALTER", "TABLE"),
    ("DROP", "TABLE"),
    ("DROP", "INDEX"),
    ("BEGIN", "IMMEDIATE"),
    ("VACUUM", "INTO"),
    ("ON", "CONFLICT"),
];

/// Statements that one word gives away.
const WORDS: &[&str] = &["PRAGMA", "RETURNING", "SAVEPOINT"];

/// The words that make a text SQL, if it is.
pub(crate) fn found(text: &str) -> Option<String> {
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty()).collect();
    let alone = WORDS.iter().find(|word| words.contains(word));
    if let Some(word) = alone {
        return Some((*word).to_owned());
    }
    STATEMENTS.iter().find(|pair| stands(&words, **pair)).map(|(first, second)| format!("{first} … {second}"))
}

fn stands(words: &[&str], (first, second): (&str, &str)) -> bool {
    let capitals = words.iter().position(|word| *word == first);
    let follows = |at: usize| words.iter().skip(at + 1).any(|word| *word == second);
    if capitals.is_some_and(follows) {
        return true;
    }
    let lower = words.first().is_some_and(|word| *word == first.to_lowercase());
    lower && words.iter().skip(1).any(|word| *word == second.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_found() {
        let sql = [
            "SELECT * FROM spaces",
            "select 1 from spaces",
            "\n  INSERT OR IGNORE INTO events VALUES ($1)",
            "UPDATE spaces SET privacy_mode = 1",
            "DELETE FROM events WHERE id = $1",
            "PRAGMA wal_checkpoint",
            "WITH t AS (SELECT id FROM agents) SELECT 1",
            "VACUUM INTO ?1",
        ];
        for text in sql {
            assert!(found(text).is_some(), "{text}");
        }
    }

    #[test]
    fn sentences_are_not() {
        let sentences = [
            "Select a space from the list",
            "Delete what was said from the agent's memory",
            "cannot update the space",
            "Create a table of results",
            "begin with `hub serve`",
        ];
        for text in sentences {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
