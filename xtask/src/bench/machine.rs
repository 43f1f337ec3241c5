//! On what a figure was measured.

use crate::command::Run;
use crate::error::Result;
use crate::workspace::Workspace;
use serde::Serialize;
use std::fmt;

/// The machine, the moment and the code.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Machine {
    /// RFC 3339, UTC, to the second.
    date: String,
    commit: String,
    cpu: String,
    cores: usize,
    memory_gib: u64,
    system: String,
    rustc: String,
}

/// Asks the system; what it does not tell is `unknown`.
pub(crate) fn describe(workspace: &Workspace) -> Result<Machine> {
    let git = Run::new("git", &["describe", "--always", "--dirty", "--exclude=*"]).folder(&workspace.root);
    let rustc = Run::new("rustc", &["--version"]).folder(&workspace.root).read()?;
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kibibytes = value(&memory, "MemTotal").and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let now = jiff::Timestamp::now();
    Ok(Machine {
        date: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        commit: git.read()?.trim().to_owned(),
        cpu: value(&cpus, "model name").unwrap_or_else(|| "unknown".to_owned()),
        cores: std::thread::available_parallelism().map_or(0, usize::from),
        memory_gib: kibibytes.unwrap_or(0).div_ceil(1024 * 1024),
        system: format!("{} {}", std::env::consts::OS, kernel.trim()).trim().to_owned(),
        rustc: rustc.trim().to_owned(),
    })
}

/// The value of a line `key : value`.
fn value(text: &str, key: &str) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with(key))?;
    line.split_once(':').map(|(_, value)| value.trim().to_owned())
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { date, commit, cpu, cores, memory_gib, system, rustc } = self;
        write!(f, "{date} · {commit} · {cores} cores of {cpu}, {memory_gib} GiB · {system} · {rustc}")
    }
}
