//! `cargo xtask gen`: committed files that are made from code.

mod drawing;

use crate::command::Run;
use crate::error::{Error, Naming, Result};
use crate::parity;
use crate::steps::Ending;
use crate::test::border::Border;
use crate::workspace::Workspace;
use std::fs;

/// A file, from the workspace's root, and what makes its text.
struct Generated {
    file: &'static str,
    make: fn(&Workspace) -> Result<String>,
}

/// All of them.
const FILES: &[Generated] = &[
    Generated { file: "docs/openapi.json", make: openapi },
    Generated { file: drawing::DRAWING, make: drawing::draw },
];

/// Writes what differs; under CI only compares, and fails.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    if workspace.ci {
        return compare(workspace).map(|_| ());
    }
    parity::write(workspace)?;
    for generated in FILES {
        let path = workspace.root.join(generated.file);
        let made = (generated.make)(workspace)?;
        match difference(&fs::read_to_string(&path).unwrap_or_default(), &made) {
            None => println!("{}: unchanged", generated.file),
            Some(difference) => {
                fs::write(&path, &made).naming("write", &path)?;
                println!("{}: written, {difference}", generated.file);
            }
        }
    }
    Border::build(workspace)?.write(workspace)
}

/// Fails when a committed file is not what the code makes.
pub(crate) fn compare(workspace: &Workspace) -> Result<Ending> {
    parity::compare(workspace)?;
    let mut stale = Vec::new();
    for generated in FILES {
        let path = workspace.root.join(generated.file);
        let committed = fs::read_to_string(&path).naming("read", &path)?;
        match difference(&committed, &(generated.make)(workspace)?) {
            None => println!("{}: as generated", generated.file),
            Some(difference) => stale.push(format!("{}: {difference}", generated.file)),
        }
    }
    if stale.is_empty() {
        return Ok(Ending::Passed);
    }
    Err(Error::Found(format!("{}; `cargo xtask gen` writes them", stale.join("; "))))
}

/// The description of the REST interface, as the program `hub` writes it.
fn openapi(workspace: &Workspace) -> Result<String> {
    // Built as the tests build it, so that nothing is compiled twice.
    let build = ["build", "--workspace", "--all-features", "--locked", "--quiet", "--bin", "hub"];
    Run::cargo(&build).folder(&workspace.root).show()?;
    let program = format!("hub{}", std::env::consts::EXE_SUFFIX);
    Run::new(workspace.target.join("debug").join(program), &["openapi"]).folder(&workspace.root).read()
}

/// Where two texts part, in a sentence; nothing when they are the same.
fn difference(old: &str, new: &str) -> Option<String> {
    if old == new {
        return None;
    }
    let same = old.lines().zip(new.lines()).take_while(|(old, new)| old == new).count();
    let show =
        |text: &str| text.lines().nth(same).map_or("the end".to_owned(), |line| format!("`{}`", line.trim()));
    Some(format!(
        "line {} is {}, and was {} ({} lines, and was {})",
        same + 1,
        show(new),
        show(old),
        new.lines().count(),
        old.lines().count(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_told_by_its_first_line() {
        assert_eq!(difference("a\nb\n", "a\nb\n"), None);
        let told = difference("a\nb\n", "a\nc\nd\n").unwrap_or_default();
        assert_eq!(told, "line 2 is `c`, and was `b` (3 lines, and was 2)");
        assert!(difference("a\n", "a").is_some_and(|told| told.contains("the end")));
    }
}
