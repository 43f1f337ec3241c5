//! Whether every language has the whole line: which operations there are by name, which golden vectors call
//! them, which of these the tests of a language ran, and the tables of that in docs/BINDINGS.md.

mod operations;
mod table;

use crate::error::{Error, Naming, Result};
use crate::workspace::Workspace;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The golden vectors.
const VECTORS: &str = "crates/hub-core/testdata/vectors";
/// Where each language says what it has, in a file of its own.
const FOLDER: &str = "bindings/parity";
/// The document of the tables, and the lines that they stand between.
const DOCUMENT: &str = "docs/BINDINGS.md";
const BEGIN: &str = "<!-- `cargo xtask gen` writes from here … -->\n";
const END: &str = "<!-- … to here -->\n";

/// The calls of each file of vectors, by its name.
type Vectors = BTreeMap<String, Vec<String>>;

/// Where the tests of a language write which vectors they ran: names of files, and how many calls of each.
///
/// What an earlier run wrote is gone.
pub(crate) fn begin(workspace: &Workspace, language: &str) -> Result<PathBuf> {
    let record = record(workspace, language);
    let folder = record.parent().unwrap_or(&record);
    fs::create_dir_all(folder).naming("make", folder)?;
    if record.exists() {
        fs::remove_file(&record).naming("remove", &record)?;
    }
    Ok(record)
}

/// Fails when the tests of a language left out a vector.
pub(crate) fn demand(workspace: &Workspace, language: &str) -> Result<()> {
    let ran: BTreeMap<String, usize> = json(&record(workspace, language))?;
    let mut missed = Vec::new();
    for (file, calls) in vectors(workspace)? {
        let ran = ran.get(&file).copied().unwrap_or(0);
        println!("parity: {language} ran {ran} of the {} calls of {file}", calls.len());
        if ran != calls.len() {
            missed.push(file);
        }
    }
    if missed.is_empty() {
        return Ok(());
    }
    Err(Error::Found(format!("{language} did not run all of {}", missed.join(", "))))
}

/// Writes the tables.
pub(crate) fn write(workspace: &Workspace) -> Result<()> {
    let path = workspace.root.join(DOCUMENT);
    let text = fs::read_to_string(&path).naming("read", &path)?;
    let made = with_tables(&text, &tables(workspace)?)?;
    let word = if made == text { "unchanged" } else { "written" };
    println!("{DOCUMENT}: {word}");
    fs::write(&path, made).naming("write", &path)
}

/// Fails when the tables are not those of now, or when an operation has neither vector nor reason.
pub(crate) fn compare(workspace: &Workspace) -> Result<()> {
    let path = workspace.root.join(DOCUMENT);
    let text = fs::read_to_string(&path).naming("read", &path)?;
    if with_tables(&text, &tables(workspace)?)? == text {
        println!("{DOCUMENT}: as generated");
        return Ok(());
    }
    Err(Error::Found(format!("the tables of {DOCUMENT} are stale; `cargo xtask gen` writes them")))
}

fn tables(workspace: &Workspace) -> Result<String> {
    let vectors = vectors(workspace)?;
    let names = operations::by_name(workspace)?;
    let later: BTreeMap<String, String> = toml(&workspace.root.join(FOLDER).join("later.toml"))?;
    let mut faults = without_vector(&names, &vectors);
    faults.extend(without_reason(&operations::of_core(workspace)?, &names, &later));
    if !faults.is_empty() {
        return Err(Error::Found(faults.join("; ")));
    }
    let languages = table::languages(&workspace.root.join(FOLDER))?;
    Ok(table::text(&languages, &later, names.len(), vectors.values().map(Vec::len).sum()))
}

/// Operations with a name that no vector calls.
fn without_vector(names: &BTreeSet<String>, vectors: &Vectors) -> Vec<String> {
    let called: BTreeSet<&String> = vectors.values().flatten().collect();
    let missing = names.iter().filter(|name| !called.contains(name));
    missing.map(|name| format!("no golden vector calls {name}")).collect()
}

/// Operations of the core with neither name nor reason, and reasons for what is not missing.
fn without_reason(
    core: &BTreeSet<String>,
    names: &BTreeSet<String>,
    later: &BTreeMap<String, String>,
) -> Vec<String> {
    let covers = |row: &str, operation: &str| {
        operation.strip_prefix(row).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let missing: Vec<&String> = core.difference(names).collect();
    let unexplained = missing.iter().filter(|name| !later.keys().any(|row| covers(row, name)));
    let mut faults: Vec<String> = unexplained
        .map(|name| format!("{name} has no name for the bindings, and no row in {FOLDER}/later.toml"))
        .collect();
    let stale = later.keys().filter(|row| !missing.iter().any(|name| covers(row, name)));
    faults.extend(stale.map(|row| format!("nothing is missing of {row}, a row in {FOLDER}/later.toml")));
    faults
}

fn vectors(workspace: &Workspace) -> Result<Vectors> {
    let folder = workspace.root.join(VECTORS);
    let mut vectors = Vectors::new();
    for file in fs::read_dir(&folder).naming("read", &folder)? {
        let path = file.naming("read", &folder)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let document: Value = json(&path)?;
        let steps = document.get("steps").and_then(Value::as_array).into_iter().flatten();
        let calls = steps.filter_map(|step| step.get("call").and_then(Value::as_str).map(str::to_owned));
        vectors.insert(name, calls.collect());
    }
    Ok(vectors)
}

/// The document with other tables.
fn with_tables(document: &str, tables: &str) -> Result<String> {
    let parts = document.split_once(BEGIN).and_then(|(head, rest)| Some((head, rest.split_once(END)?.1)));
    let (head, tail) =
        parts.ok_or_else(|| Error::Unreadable(format!("{DOCUMENT} has no place for tables")))?;
    Ok(format!("{head}{BEGIN}{tables}{END}{tail}"))
}

fn record(workspace: &Workspace, language: &str) -> PathBuf {
    workspace.target.join("parity").join(format!("{language}.json"))
}

fn json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = fs::read_to_string(path).naming("read", path)?;
    serde_json::from_str(&text).map_err(|cause| Error::Unreadable(format!("{}: {cause}", path.display())))
}

fn toml<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = fs::read_to_string(path).naming("read", path)?;
    ::toml::from_str(&text).map_err(|cause| Error::Unreadable(format!("{}: {cause}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn later(rows: &[&str]) -> BTreeMap<String, String> {
        rows.iter().map(|&row| (row.to_owned(), "later".to_owned())).collect()
    }

    #[test]
    fn an_operation_without_a_vector_is_named() {
        let vectors = Vectors::from([("line.json".to_owned(), vec!["agents.get".to_owned()])]);
        assert_eq!(without_vector(&set(&["agents.get"]), &vectors), Vec::<String>::new());
        let found = without_vector(&set(&["agents.get", "agents.list"]), &vectors);
        assert_eq!(found, ["no golden vector calls agents.list"]);
    }

    #[test]
    fn an_operation_of_the_core_needs_a_name_or_a_reason_and_reasons_grow_stale() {
        let core = set(&["agents.get", "tokens.list", "people.update"]);
        let names = set(&["agents.get"]);
        assert!(without_reason(&core, &names, &later(&["tokens", "people.update"])).is_empty());
        assert_eq!(without_reason(&core, &names, &later(&["tokens"])).len(), 1);
        assert_eq!(without_reason(&core, &names, &later(&["tokens", "people.update", "agents"])).len(), 1);
        assert_eq!(without_reason(&core, &names, &later(&["token", "tokens", "people.update"])).len(), 1);
    }

    #[test]
    fn tables_stand_between_their_lines() {
        let document = format!("before\n{BEGIN}old\n{END}after\n");
        let made = with_tables(&document, "new\n").unwrap_or_default();
        assert_eq!(made, format!("before\n{BEGIN}new\n{END}after\n"));
        assert!(with_tables("no place", "new").is_err());
    }
}
