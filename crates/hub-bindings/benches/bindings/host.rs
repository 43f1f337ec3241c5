//! Another language, with its package installed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A language, and where its package is.
pub(crate) struct Host {
    name: &'static str,
    program: PathBuf,
    bench: PathBuf,
    folder: PathBuf,
    library: PathBuf,
    kinds: &'static [(&'static str, f64)],
    load_at_most: f64,
}

fn told(name: &str) -> PathBuf {
    std::env::var_os(name).unwrap_or_else(|| panic!("{name}: `cargo xtask bench bindings` says it")).into()
}

/// The one file below a folder whose name is so.
fn find(folder: &Path, wanted: &dyn Fn(&str) -> bool) -> Option<PathBuf> {
    std::fs::read_dir(folder).unwrap().find_map(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() { find(&path, wanted) } else { wanted(path.file_name()?.to_str()?).then_some(path) }
    })
}

impl Host {
    pub(crate) fn python() -> Self {
        let program = told("HUB_PYTHON");
        let environment = program.ancestors().nth(2).unwrap().to_path_buf();
        let library =
            find(&environment.join("lib"), &|name| name.starts_with("_native.") && name.ends_with(".so"));
        Self {
            name: "Python",
            program,
            bench: told("HUB_PYTHON_BENCH"),
            folder: environment,
            library: library.unwrap(),
            kinds: &[("sync", 3.0), ("async", 40.0)],
            load_at_most: 60.0,
        }
    }

    pub(crate) fn node() -> Self {
        let folder = told("HUB_NODE_PROJECT");
        let library = find(&folder.join("node_modules/hub-core/native"), &|name| name.ends_with(".node"));
        Self {
            name: "Node",
            program: "node".into(),
            bench: folder.join("bench.mjs"),
            folder,
            library: library.unwrap(),
            kinds: &[("async", 30.0)],
            load_at_most: 40.0,
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Kinds of calls, with the microseconds to reach.
    pub(crate) fn kinds(&self) -> &'static [(&'static str, f64)] {
        self.kinds
    }

    /// Milliseconds to reach.
    pub(crate) fn load_at_most(&self) -> f64 {
        self.load_at_most
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
        let mut command = Command::new(&self.program);
        command.arg(&self.bench).arg(mode).args(numbers.iter().map(ToString::to_string));
        let output = command.current_dir(&self.folder).stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "{} {mode}: {}", self.name, output.status);
        serde_json::from_slice(&output.stdout).unwrap()
    }
}
