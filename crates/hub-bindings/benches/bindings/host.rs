//! Another language, with its package installed.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A language, as it is told.
#[derive(Deserialize)]
pub(crate) struct Host {
    name: String,
    /// The program that measures, with its first arguments.
    command: Vec<String>,
    /// Where it runs.
    folder: PathBuf,
    library: PathBuf,
}

/// What is asked of a language.
struct Asked {
    /// Kinds of calls, with the microseconds to reach.
    kinds: &'static [(&'static str, f64)],
    /// What its figure of loading is.
    loading: &'static str,
    /// Milliseconds to reach, where a figure is set.
    load_at_most: Option<f64>,
}

impl Host {
    /// Those that are here.
    pub(crate) fn all() -> Vec<Self> {
        let told = std::env::var("HUB_HOSTS").expect("`cargo xtask bench bindings` says HUB_HOSTS");
        serde_json::from_str(&told).unwrap()
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    fn asked(&self) -> Asked {
        let package = "loading the package";
        match self.name.as_str() {
            "Python" => {
                Asked { kinds: &[("sync", 3.0), ("async", 40.0)], loading: package, load_at_most: Some(60.0) }
            }
            "Node" => Asked { kinds: &[("async", 30.0)], loading: package, load_at_most: Some(40.0) },
            "Kotlin" => Asked {
                kinds: &[("async", 20.0)],
                loading: "the first hub of a process over the second",
                load_at_most: None,
            },
            "Swift" => Asked {
                kinds: &[("async", 15.0)],
                loading: "start of a program with the package and Foundation",
                load_at_most: None,
            },
            other => panic!("nothing is asked of {other}"),
        }
    }

    /// Kinds of calls, with the microseconds to reach.
    pub(crate) fn kinds(&self) -> &'static [(&'static str, f64)] {
        self.asked().kinds
    }

    /// What its figure of loading is.
    pub(crate) fn loading(&self) -> &'static str {
        self.asked().loading
    }

    /// Milliseconds to reach.
    pub(crate) fn load_at_most(&self) -> Option<f64> {
        self.asked().load_at_most
    }

    /// Size of the native library.
    pub(crate) fn bytes(&self) -> u64 {
        std::fs::metadata(&self.library).unwrap().len()
    }

    /// Microseconds of a call, by its kind.
    pub(crate) fn calls(&self, count: usize) -> BTreeMap<String, f64> {
        self.run("calls", &[count])
    }

    /// Events a second.
    pub(crate) fn ingest(&self, batches: usize, size: usize, beside: usize) -> f64 {
        self.run("ingest", &[batches, size, beside])["events"]
    }

    /// Milliseconds until the package can be used.
    pub(crate) fn load(&self) -> f64 {
        self.run("load", &[])["load"]
    }

    fn run(&self, mode: &str, numbers: &[usize]) -> BTreeMap<String, f64> {
        let (program, first) = self.command.split_first().unwrap();
        let mut command = Command::new(program);
        command.args(first).arg(mode).args(numbers.iter().map(ToString::to_string));
        let output = command.current_dir(&self.folder).stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "{} {mode}: {}", self.name, output.status);
        serde_json::from_slice(&output.stdout).unwrap()
    }
}
