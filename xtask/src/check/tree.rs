//! How many crates a user compiles for `cargo add hub-core`.

use crate::command::Run;
use crate::error::{Error, Result};
use crate::steps::Ending;
use crate::workspace::Workspace;
use std::collections::BTreeSet;

/// A tree and the most crates that it may have, hub-core itself not counted.
struct Tree {
    name: &'static str,
    /// `None` for the default features, else this feature alone.
    feature: Option<&'static str>,
    most_crates: usize,
}

/// The design's limits. They count what is compiled on this machine: dependencies of builds too.
const TREES: &[Tree] = &[
    Tree { name: "default", feature: None, most_crates: 150 },
    Tree { name: "satellite alone", feature: Some("satellite"), most_crates: 90 },
];

/// Counts, prints and compares.
pub(crate) fn check(workspace: &Workspace) -> Result<Ending> {
    let core = workspace.package("hub-core")?;
    let mut too_large = Vec::new();
    for tree in TREES {
        if tree.feature.is_some_and(|feature| !core.features.contains_key(feature)) {
            println!("hub-core, {}: no such feature yet", tree.name);
            continue;
        }
        let crates = count(workspace, tree.feature)?;
        println!("hub-core, {}: {crates} crates, at most {}", tree.name, tree.most_crates);
        if crates > tree.most_crates {
            too_large.push(format!("{} has {crates} crates, at most {}", tree.name, tree.most_crates));
        }
    }
    if too_large.is_empty() { Ok(Ending::Passed) } else { Err(Error::Found(too_large.join("; "))) }
}

fn count(workspace: &Workspace, feature: Option<&str>) -> Result<usize> {
    let tree = ["tree", "--package", "hub-core", "--edges", "normal,build", "--prefix", "none", "--locked"];
    let mut run = Run::cargo(&tree).folder(&workspace.root);
    if let Some(feature) = feature {
        run = run.arguments(["--no-default-features", "--features", feature]);
    }
    Ok(distinct(&run.read()?).saturating_sub(1))
}

/// Crates in the output of `cargo tree`, each version once, the root among them.
fn distinct(tree: &str) -> usize {
    let named = |line: &str| {
        let mut words = line.split_whitespace();
        Some((words.next()?.to_owned(), words.next()?.to_owned()))
    };
    tree.lines().filter_map(named).collect::<BTreeSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_counts_once_and_two_versions_twice() {
        let tree = "hub-core v0.1.0 (/a)\nserde v1.0.1\nrand v0.9.5\nserde v1.0.1 (*)\nrand v0.10.4\n\n";
        assert_eq!(distinct(tree), 4);
    }
}
