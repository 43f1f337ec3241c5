//! Where the workspace is, and whether CI runs here.

use crate::command::Run;
use crate::error::{Error, Result};
use serde::Deserialize;
use std::path::PathBuf;

/// The workspace that this program was built in.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The folder of the workspace's Cargo.toml.
    pub(crate) root: PathBuf,
    /// Where builds go, and everything private that tasks make.
    pub(crate) target: PathBuf,
    /// The members.
    pub(crate) packages: Vec<Package>,
    /// Under CI nothing is skipped, and generated files are compared rather than written.
    pub(crate) ci: bool,
}

/// A member of the workspace, as `cargo metadata` tells it.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) targets: Vec<Target>,
    pub(crate) features: std::collections::BTreeMap<String, Vec<String>>,
}

/// A dependency as its manifest states it.
#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `None` for a normal one, else `dev` or `build`.
    pub(crate) kind: Option<String>,
    pub(crate) features: Vec<String>,
}

/// What a package builds.
#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) kind: Vec<String>,
    /// Features of its package without which it is not built.
    #[serde(default, rename = "required-features")]
    pub(crate) required_features: Vec<String>,
    /// Whether `cargo test` runs it unless it is named.
    #[serde(default)]
    pub(crate) test: bool,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    target_directory: PathBuf,
    workspace_root: PathBuf,
}

impl Workspace {
    /// Asks cargo.
    pub(crate) fn find() -> Result<Self> {
        let text = Run::cargo(&["metadata", "--format-version", "1", "--no-deps"]).read()?;
        let found: Metadata = serde_json::from_str(&text)
            .map_err(|cause| Error::Unreadable(format!("cargo metadata: {cause}")))?;
        Ok(Self {
            root: found.workspace_root,
            target: found.target_directory,
            packages: found.packages,
            ci: says_ci(std::env::var("CI").ok().as_deref()),
        })
    }

    /// What was downloaded or built for every checkout: it outlives this one.
    pub(crate) fn cache(&self) -> PathBuf {
        let given = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let cache = given("XDG_CACHE_HOME").or_else(|| given("HOME").map(|home| home.join(".cache")));
        cache.unwrap_or_else(|| self.target.clone()).join("hub-services")
    }

    /// The member of that name.
    pub(crate) fn package(&self, name: &str) -> Result<&Package> {
        let found = self.packages.iter().find(|package| package.name == name);
        found.ok_or_else(|| Error::Unreadable(format!("the workspace has no package {name}")))
    }
}

impl Package {
    /// The target of that kind (`test`, `bench`, `bin`) and name, if it builds one.
    pub(crate) fn target(&self, kind: &str, name: &str) -> Option<&Target> {
        self.targets.iter().find(|target| target.name == name && target.kind.iter().any(|k| k == kind))
    }

    /// The integration tests that `cargo test` runs only when they are named, as `--test` names them:
    /// they need surroundings that a step of its own makes.
    pub(crate) fn named_tests(&self) -> Vec<&str> {
        let tests = self.targets.iter().filter(|target| target.kind.iter().any(|kind| kind == "test"));
        let named = tests.filter(|target| !target.test);
        named.flat_map(|target| ["--test", target.name.as_str()]).collect()
    }

    /// Whether it builds such a target.
    pub(crate) fn has_target(&self, kind: &str, name: &str) -> bool {
        self.target(kind, name).is_some()
    }
}

/// The variable `CI`, which forges set to `true` or `1`.
fn says_ci(value: Option<&str>) -> bool {
    !matches!(value, None | Some("" | "0" | "false"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ci_is_what_forges_set() {
        assert!(says_ci(Some("true")) && says_ci(Some("1")));
        assert!(!says_ci(None) && !says_ci(Some("")) && !says_ci(Some("false")) && !says_ci(Some("0")));
    }
}
