//! Fuzz targets: built with the counters that libFuzzer steers by, and run for a while. The pinned compiler can do
//! that by itself; a sanitizer, which needs a nightly one, would look for what safe Rust does not have. For those who
//! want it, the folders are laid out for `cargo fuzz`.

use crate::command::Run;
use crate::error::{Error, Naming, Result};
use crate::steps::Ending;
use crate::workspace::Workspace;
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The packages of targets, from the root. Each is a workspace of its own.
const PACKAGES: [&str; 2] = ["fuzz", "crates/hub-livekit/fuzz"];

/// How long each target runs in CI.
pub(crate) const SHORT: Duration = Duration::from_secs(8);

/// What the code is built with: counters at every edge, operands of comparisons, and `cfg(fuzzing)`.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Cllvm-args=-simplifycfg-branch-fold-threshold=0";

/// Seconds that one input may take, and MiB that a target may use.
const LIMITS: [&str; 3] = ["-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1"];

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

/// Builds and runs every target for that time, or the one of that name, with a seed that libFuzzer chooses unless
/// one is given.
pub(crate) fn run(
    workspace: &Workspace,
    each: Duration,
    only: Option<&str>,
    seed: Option<u64>,
) -> Result<Ending> {
    let host = host()?;
    let mut ran = 0;
    for folder in PACKAGES.map(|folder| workspace.root.join(folder)) {
        let programs = build(workspace, &folder, &host)?;
        for name in names(&folder)?.into_iter().filter(|name| only.is_none_or(|only| only == name)) {
            let program = programs.join(&name);
            fuzz(&Fuzzed { workspace, folder: &folder, name: &name, program: &program }, each, seed)?;
            ran += 1;
        }
    }
    if ran == 0 {
        return Err(Error::Found("there is no such target".to_owned()));
    }
    Ok(Ending::Passed)
}

/// A target, built.
struct Fuzzed<'a> {
    workspace: &'a Workspace,
    folder: &'a Path,
    name: &'a str,
    program: &'a Path,
}

fn fuzz(target: &Fuzzed<'_>, each: Duration, seed: Option<u64>) -> Result<()> {
    let Fuzzed { workspace, folder, name, program } = *target;
    let work = workspace.target.join("fuzz");
    // What it finds is kept for the next run; the seeds in the tree are not written to.
    let corpus = work.join("corpus").join(name);
    let findings = work.join("findings").join(name);
    for made in [&corpus, &findings] {
        fs::create_dir_all(made).naming("create", made)?;
    }
    let mut arguments = vec![
        format!("-max_total_time={}", each.as_secs()),
        format!("-artifact_prefix={}/", findings.display()),
    ];
    arguments.extend(seed.map(|seed| format!("-seed={seed}")));
    let run =
        Run::new(program, &LIMITS).arguments(arguments).arguments([&corpus]).arguments(seeds(folder, name));
    let ran = run.capture()?;
    let seed = number(&ran.stderr, "INFO: Seed: ").unwrap_or_default();
    if !ran.success {
        println!("{}", ran.stderr);
        let found = format!(
            "the target {name} found a fault with seed {seed}; its input is in {}",
            findings.display()
        );
        return Err(Error::Found(found));
    }
    let inputs = number(&ran.stderr, "stat::number_of_executed_units:").unwrap_or_default();
    let kept = fs::read_dir(&corpus).naming("read", &corpus)?.count();
    if inputs == 0 {
        return Err(Error::Found(format!("the target {name} tried nothing:\n{}", ran.stderr)));
    }
    println!("{name}: {inputs} inputs, {kept} kept, seed {seed}, no fault");
    Ok(())
}

/// Inputs in the tree, and of rules the files that are shipped.
fn seeds(folder: &Path, name: &str) -> Vec<PathBuf> {
    let shipped = folder.join("../crates/hub-core/rules/en");
    let mut seeds = vec![folder.join("seeds").join(name)];
    seeds.extend((name == "rules_file").then_some(shipped));
    seeds
}

fn build(workspace: &Workspace, folder: &Path, host: &str) -> Result<PathBuf> {
    // The same versions as everywhere else.
    let (from, to) = (workspace.root.join("Cargo.lock"), folder.join("Cargo.lock"));
    fs::copy(&from, &to).naming("copy", &from)?;
    let built = workspace.target.join("fuzz").join("build");
    // A named platform keeps the counters out of build scripts and macros, which run while this is built.
    Run::cargo(&["build", "--release", "--target", host])
        .arguments(["--target-dir".as_ref(), built.as_os_str()])
        .env("RUSTFLAGS", FLAGS)
        .folder(folder)
        .show()?;
    Ok(built.join(host).join("release"))
}

/// The targets of a package, by name.
fn names(folder: &Path) -> Result<Vec<String>> {
    let text = Run::cargo(&["metadata", "--format-version", "1", "--no-deps"]).folder(folder).read()?;
    let found: Metadata = serde_json::from_str(&text)
        .map_err(|cause| Error::Unreadable(format!("cargo metadata of {}: {cause}", folder.display())))?;
    let targets = found.packages.into_iter().flat_map(|package| package.targets);
    Ok(targets
        .filter(|target| target.kind.iter().any(|kind| kind == "bin"))
        .map(|target| target.name)
        .collect())
}

/// The machine that builds, as compilers name it.
fn host() -> Result<String> {
    let text = Run::new("rustc", &["-vV"]).read()?;
    let line = text.lines().find_map(|line| line.strip_prefix("host: "));
    line.map(str::to_owned).ok_or_else(|| Error::Unreadable("rustc names no host".to_owned()))
}

/// The number behind a mark of libFuzzer's output.
fn number(text: &str, mark: &str) -> Option<u64> {
    let rest = text.split_once(mark)?.1.trim_start();
    rest.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_fuzzer_are_found() {
        let text = "INFO: Seed: 4106372821\nDone 12 runs\nstat::number_of_executed_units: 1234\n";
        assert_eq!(number(text, "INFO: Seed: "), Some(4_106_372_821));
        assert_eq!(number(text, "stat::number_of_executed_units:"), Some(1234));
        assert_eq!(number(text, "stat::peak_rss_mb:"), None);
    }
}
