//! Building and running one test of the copy.

use super::copy::Copy;
use super::patch::Patch;
use crate::command::Run;
use crate::error::{Error, Naming, Result};
use serde::Deserialize;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Longest run of one test.
const TEST_SECONDS: u64 = 300;

/// How a test ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It ran and passed.
    Passed,
    /// It ran and failed; with the line that says why.
    Failed(String),
    /// It does not compile; with the first error.
    NotBuilt(String),
    /// There is no test of that name, or not only one.
    NotRun,
    /// It did not end in time.
    Hung,
}

impl Outcome {
    /// The rest of a sentence.
    pub(crate) fn told(&self, patch: &Patch) -> String {
        let test = &patch.test;
        match self {
            Self::Passed => format!("{test} still passes: it does not catch this"),
            Self::Failed(said) => format!("{test} fails: {said}"),
            Self::NotBuilt(said) => format!("{} does not compile: {said}", patch.package),
            Self::NotRun => format!("{} has not exactly one test {test} in {}", patch.package, patch.target),
            Self::Hung => format!("{test} did not end within {TEST_SECONDS} s"),
        }
    }
}

/// Builds tests of a copy in a target folder of their own.
#[derive(Debug)]
pub(crate) struct Programs<'a> {
    copy: &'a Copy,
    target: PathBuf,
}

#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
    manifest_path: Option<PathBuf>,
    profile: Option<Profile>,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

impl<'a> Programs<'a> {
    pub(crate) fn new(copy: &'a Copy, target: &Path) -> Self {
        Self { copy, target: target.to_path_buf() }
    }

    /// Builds and runs the test that a patch names, in the copy as it is now.
    pub(crate) fn test(&self, patch: &Patch) -> Result<Outcome> {
        let target = target_arguments(&patch.target)?;
        // A package alone may have no features of its own, so all are asked for.
        let built =
            Run::cargo(&["test", "--no-run", "--all-features", "--message-format", "json", "--quiet"])
                .arguments(["--package", &patch.package])
                .arguments(&target)
                .folder(&self.copy.root)
                .env("CARGO_TARGET_DIR", &self.target)
                .capture()?;
        if !built.success {
            return Ok(Outcome::NotBuilt(first_error(&built.stdout, &built.stderr)));
        }
        let messages = built.stdout.lines().filter_map(|line| serde_json::from_str::<Message>(line).ok());
        let tests = messages.filter(|message| message.profile.as_ref().is_some_and(|profile| profile.test));
        let mut programs = tests.filter_map(|message| Some((message.executable?, message.manifest_path?)));
        let Some((executable, manifest)) = programs.next_back() else { return Ok(Outcome::NotRun) };
        self.run(&executable, manifest.parent().unwrap_or(&self.copy.root), &patch.test)
    }

    fn run(&self, executable: &Path, folder: &Path, test: &str) -> Result<Outcome> {
        let log = self.target.join("test.log");
        let output = File::create(&log).naming("write", &log)?;
        let errors = output.try_clone().naming("write", &log)?;
        let started = Command::new(executable)
            .args(["--exact", test, "--include-ignored"])
            .current_dir(folder)
            .env("CARGO_MANIFEST_DIR", folder)
            .stdout(Stdio::from(output))
            .stderr(Stdio::from(errors))
            .spawn();
        let cannot = |source| Error::Start { command: executable.display().to_string(), source };
        let mut child = started.map_err(cannot)?;
        let deadline = Instant::now() + Duration::from_secs(TEST_SECONDS);
        loop {
            if let Some(status) = child.try_wait().map_err(cannot)? {
                let said = fs::read(&log).naming("read", &log)?;
                return Ok(judge(status.success(), &String::from_utf8_lossy(&said), test));
            }
            if Instant::now() > deadline {
                child.kill().map_err(cannot)?;
                child.wait().map_err(cannot)?;
                return Ok(Outcome::Hung);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Reads the outcome from what the test's program wrote.
fn judge(success: bool, said: &str, test: &str) -> Outcome {
    if !said.contains("running 1 test\n") {
        return Outcome::NotRun;
    }
    if success {
        return Outcome::Passed;
    }
    let named = format!("{test} ");
    let ours = |line: &str| line.strip_prefix("thread '").is_some_and(|rest| rest.starts_with(test));
    let mut lines = said.lines().skip_while(|line| !ours(line));
    let place = lines.next().unwrap_or(&named).to_owned();
    let reason = lines.next().unwrap_or("it ended before it could say why").to_owned();
    Outcome::Failed(format!("{place} {reason}"))
}

fn target_arguments(target: &str) -> Result<Vec<&str>> {
    match target.split_once(':') {
        None if target == "lib" => Ok(vec!["--lib"]),
        Some(("bin", name)) => Ok(vec!["--bin", name]),
        Some(("test", name)) => Ok(vec!["--test", name]),
        _ => Err(Error::Unreadable(format!("`{target}` is not `lib`, `bin:NAME` or `test:NAME`"))),
    }
}

/// The first error of the compiler, from its messages in JSON, or of cargo.
fn first_error(messages: &str, said: &str) -> String {
    let errors = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut errors =
        errors.filter(|message| message.pointer("/message/level").is_some_and(|it| it == "error"));
    let first = errors.next();
    let text = first.as_ref().and_then(|message| message.pointer("/message/message")?.as_str());
    let cargo = || said.lines().find(|line| line.starts_with("error")).unwrap_or("it did not say why");
    text.unwrap_or_else(cargo).to_owned()
}
