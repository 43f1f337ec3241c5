//! Every error code in the sources has a row in `docs/ERRORS.md`, with its kind, and every row a code.

use super::{document, root};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What stands before a code, and the kind that it means; no kind where the place decides none.
const BEFORE: [(&str, &str); 17] = [
    ("Error::invalid(", "invalid"),
    ("Error::not_found(", "not_found"),
    ("Error::conflict(", "conflict"),
    ("Error::denied(", "denied"),
    ("Error::unavailable(", "unavailable"),
    ("Error::limit(", "limit"),
    ("ErrorKind::Internal,", "internal"),
    ("DecodeError::at(", "invalid"),
    ("Self { code:", "invalid"),
    ("code =", ""),
    ("Outcome::problem(", ""),
    ("into_error(", "invalid"),
    ("::unauthorized(", "denied"),
    ("::too_many(", "limit"),
    ("::busy(", "limit"),
    ("else {", ""),
    ("failure.kind(),", ""),
];

/// The codes of a source file, before its tests.
fn codes(source: &str) -> Vec<(String, &'static str)> {
    let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let mut found = Vec::new();
    for (before, kind) in BEFORE {
        for rest in source.split(before).skip(1) {
            let Some(rest) = rest.trim_start().strip_prefix('"') else { continue };
            let code = rest.split('"').next().unwrap();
            let is_code =
                !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            // Statements that only choose between codes stand in the decoder alone.
            let chooses = matches!(before, "code =" | "else {");
            if is_code && (!chooses || code.starts_with("invalid_") || code.starts_with("unknown_")) {
                found.push((code.to_owned(), kind));
            }
        }
    }
    found
}

fn gather(folder: &Path, found: &mut BTreeMap<String, BTreeSet<&'static str>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // The program's own codes are about its command line; files of tests hold made-up ones.
        if matches!(name.as_str(), "cli" | "tests" | "tests.rs") {
            continue;
        }
        if path.is_dir() {
            gather(&path, found);
        } else if name.ends_with(".rs") {
            for (code, kind) in codes(&std::fs::read_to_string(&path).unwrap()) {
                found.entry(code).or_default().insert(kind);
            }
        }
    }
}

/// Code and kind of each row.
fn documented() -> BTreeMap<String, String> {
    let text = document("ERRORS.md");
    let rows = text.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split(" | ");
        let code = cells.next()?.strip_suffix('`')?.to_owned();
        let kind = cells.next()?.trim().trim_matches('|').trim().to_owned();
        Some((code, kind))
    });
    // The first table is of kinds, whose second column is a status.
    rows.filter(|(_, kind)| kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')).collect()
}

#[test]
fn every_error_code_is_documented_with_its_kind() {
    let mut found = BTreeMap::new();
    for krate in ["hub-core", "hub-bindings", "hub-http", "hub-openai", "hub-protocol", "hub-server"] {
        gather(&root().join("crates").join(krate).join("src"), &mut found);
    }
    assert!(found.len() > 100, "only {} codes were found: {found:?}", found.len());
    let documented = documented();
    for (code, kinds) in &found {
        let kind = documented.get(code).unwrap_or_else(|| panic!("docs/ERRORS.md has no row for `{code}`"));
        let kinds: BTreeSet<_> = kinds.iter().filter(|kind| !kind.is_empty()).collect();
        let fits = kinds.is_empty() || kinds.iter().any(|known| *known == kind);
        assert!(fits, "docs/ERRORS.md calls `{code}` {kind:?}; the sources say {kinds:?}");
    }
    for code in documented.keys() {
        assert!(found.contains_key(code), "`{code}` of docs/ERRORS.md is not in the sources");
    }
}
