//! What a user compiles for `cargo add hub-core` and `cargo add hub-livekit`: how many crates, and which not.

use crate::command::Run;
use crate::error::{Error, Result};
use crate::steps::Ending;
use crate::workspace::Workspace;
use std::collections::BTreeSet;

/// Crates and their versions.
type Tree = BTreeSet<(String, String)>;

/// A tree and the most crates that it may have, hub-core itself not counted.
struct Limit {
    name: &'static str,
    /// `None` for the default features, else this feature alone.
    feature: Option<&'static str>,
    most_crates: usize,
}

/// The design's limits. They count what is compiled on this machine: dependencies of builds too.
const TREES: &[Limit] = &[
    Limit { name: "default", feature: None, most_crates: 150 },
    Limit { name: "satellite alone", feature: Some("satellite"), most_crates: 90 },
];

/// What a room must build without: C by cmake, a second TLS, a library that is downloaded while it builds.
const NOT_IN_ROOMS: &[&str] =
    &["aws-lc-sys", "cmake", "libwebrtc", "livekit-ffi", "openssl-sys", "opusic-sys", "webrtc-sys"];

/// What a room with default features must not have in its tree.
pub(crate) fn rooms(workspace: &Workspace) -> Result<Ending> {
    let tree = crates(workspace, "hub-livekit", None)?;
    println!("hub-livekit: {} crates, none of {}", tree.len().saturating_sub(1), NOT_IN_ROOMS.join(", "));
    let there = forbidden(&tree);
    if there.is_empty() {
        Ok(Ending::Passed)
    } else {
        Err(Error::Found(format!("hub-livekit builds {}", there.join(", "))))
    }
}

fn forbidden(tree: &Tree) -> Vec<&str> {
    let named = tree.iter().map(|(name, _)| name.as_str());
    named.filter(|name| NOT_IN_ROOMS.contains(name)).collect()
}

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
    Ok(crates(workspace, "hub-core", feature)?.len().saturating_sub(1))
}

/// The crates of a package, itself among them; with its default features, or with one alone.
fn crates(workspace: &Workspace, package: &str, feature: Option<&str>) -> Result<Tree> {
    let tree = ["tree", "--edges", "normal,build", "--prefix", "none", "--locked", "--package", package];
    let mut run = Run::cargo(&tree).folder(&workspace.root);
    if let Some(feature) = feature {
        run = run.arguments(["--no-default-features", "--features", feature]);
    }
    Ok(distinct(&run.read()?))
}

/// Crates in the output of `cargo tree`, each version once, the root among them.
fn distinct(tree: &str) -> Tree {
    let named = |line: &str| {
        let mut words = line.split_whitespace();
        Some((words.next()?.to_owned(), words.next()?.to_owned()))
    };
    tree.lines().filter_map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_counts_once_and_two_versions_twice() {
        let tree = "hub-core v0.1.0 (/a)\nserde v1.0.1\nrand v0.9.5\nserde v1.0.1 (*)\nrand v0.10.4\n\n";
        assert_eq!(distinct(tree).len(), 4);
    }

    #[test]
    fn what_builds_by_cmake_is_found_in_the_tree_of_a_room() {
        let tree = "hub-livekit v0.1.0 (/a)\nring v0.17.14\naws-lc-sys v0.47.0\ncmake v0.1.54\n";
        assert_eq!(forbidden(&distinct(tree)), ["aws-lc-sys", "cmake"]);
    }
}
