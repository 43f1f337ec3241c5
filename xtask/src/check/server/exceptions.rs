//! Findings that are right: each has a row with its reason, and a row without a finding fails.

use super::scan::Finding;
use crate::error::{Error, Naming, Result};
use serde::Deserialize;
use std::path::Path;

/// One row of the table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exception {
    /// The file, from the workspace's root.
    file: String,
    /// The word that was found there: an enum, a field, a decision.
    rule: String,
    /// Why it is no decision of the domain.
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default)]
    exception: Vec<Exception>,
}

/// What is left to complain about.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) findings: Vec<Finding>,
    pub(crate) unused: Vec<String>,
}

/// Reads the table; a row without a reason is refused.
pub(crate) fn read(path: &Path) -> Result<Vec<Exception>> {
    let text = std::fs::read_to_string(path).naming("read", path)?;
    let table: Table =
        toml::from_str(&text).map_err(|cause| Error::Unreadable(format!("{}: {cause}", path.display())))?;
    match table.exception.iter().find(|row| row.why.trim().len() < 10) {
        Some(row) => Err(Error::Unreadable(format!("{}: {} has no reason", path.display(), row.file))),
        None => Ok(table.exception),
    }
}

/// Takes the excepted findings out.
pub(crate) fn apply(findings: Vec<Finding>, exceptions: &[Exception]) -> Verdict {
    let fits = |row: &Exception, finding: &Finding| row.file == finding.file && row.rule == finding.rule;
    let unused = exceptions.iter().filter(|row| !findings.iter().any(|finding| fits(row, finding)));
    let unused = unused.map(|row| format!("{} in {}", row.rule, row.file)).collect();
    let left = |finding: &Finding| !exceptions.iter().any(|row| fits(row, finding));
    Verdict { findings: findings.into_iter().filter(left).collect(), unused }
}
