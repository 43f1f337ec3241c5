//! What the server's manifest may not ask for.

use super::rules::DRIVERS;
use super::scan::Finding;
use crate::workspace::{Dependency, Package};

/// Dependencies that give a way round the core.
pub(crate) fn check(package: &Package) -> Vec<Finding> {
    package.dependencies.iter().filter(|d| d.kind.as_deref() != Some("dev")).filter_map(judge).collect()
}

fn judge(dependency: &Dependency) -> Option<Finding> {
    let said = |why: String| {
        Some(Finding { file: "crates/hub-server/Cargo.toml".to_owned(), line: 0, rule: "dependency", why })
    };
    if DRIVERS.contains(&dependency.name.as_str()) {
        return said(format!("{} talks to a database, which only hub-core does", dependency.name));
    }
    let inner = dependency.features.iter().find(|feature| *feature == "testkit");
    if dependency.name == "hub-core" && inner.is_some() {
        return said("hub-core's feature `testkit` is for tests".to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dependency(name: &str, kind: Option<&str>, features: &[&str]) -> Dependency {
        Dependency {
            name: name.to_owned(),
            kind: kind.map(str::to_owned),
            features: features.iter().map(|feature| (*feature).to_owned()).collect(),
        }
    }

    #[test]
    fn a_driver_and_the_testkit_are_found_outside_tests() {
        assert!(judge(&dependency("sqlx", None, &[])).is_some());
        assert!(judge(&dependency("hub-core", None, &["testkit"])).is_some());
        assert!(judge(&dependency("hub-core", None, &[])).is_none());
        let package = Package {
            name: "hub-server".to_owned(),
            version: String::new(),
            dependencies: vec![dependency("hub-core", Some("dev"), &["testkit"])],
            targets: Vec::new(),
            features: std::collections::BTreeMap::new(),
        };
        assert!(check(&package).is_empty());
    }
}
