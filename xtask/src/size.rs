//! `cargo xtask size`: what takes room in the native library that a package carries, by its sections and by the crates
//! whose code it is.

mod symbols;

use crate::command::Run;
use crate::error::{Error, Naming, Result};
use crate::profile::Profile;
use crate::workspace::Workspace;
use clap::Args;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use symbols::by_crate;

/// The library of the npm package: those of the others differ by their border alone.
const PACKAGE: &str = "hub-core-node";
const LIBRARY: &str = "hub_core_node";
/// Crates that are shown by name.
const SHOWN: usize = 30;
/// Bytes of a kilobyte.
const KILOBYTE: f64 = 1e3;

/// What sections are for; those that are left are the rest.
const SECTIONS: &[(&str, &[&str])] = &[
    ("code", &[".text", ".init", ".fini", ".plt", ".plt.got"]),
    ("constants: texts and tables", &[".rodata"]),
    ("what unwinding reads", &[".eh_frame", ".eh_frame_hdr", ".gcc_except_table"]),
    (
        "pointers, and where they are to be set",
        &[".data.rel.ro", ".rela.dyn", ".rela.plt", ".got", ".got.plt"],
    ),
];

/// Arguments of `cargo xtask size`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A library that has its symbols, instead of one that is built.
    #[arg(long)]
    library: Option<PathBuf>,
}

/// Builds the library for release and prints two tables.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let library = options.library.clone().map_or_else(|| built(workspace), Ok)?;
    let room = tempfile::tempdir().naming("make", &std::env::temp_dir())?;
    let stripped = room.path().join(LIBRARY);
    Run::new("strip", &["-o"]).arguments([&stripped, &library]).show()?;
    let bytes = fs::metadata(&stripped).naming("read", &stripped)?.len();
    let listed = Run::new("size", &["--format=sysv"]).arguments([&stripped]).read()?;
    println!("The library, stripped: {} bytes\n\n| Part | kB |\n|---|---|", bytes);
    let mut left = bytes;
    for (what, names) in SECTIONS {
        let size = sections(&listed, names);
        left = left.saturating_sub(size);
        println!("| {what} | {:.0} |", size as f64 / KILOBYTE);
    }
    println!("| the rest | {:.0} |", left as f64 / KILOBYTE);

    let nm = ["--print-size", "--defined-only", "--demangle", "--radix=d"];
    let crates = by_crate(&Run::new("nm", &nm).arguments([&library]).read()?, &known(workspace)?);
    if crates.is_empty() {
        return Err(Error::Found(format!("{} has no symbols", library.display())));
    }
    println!("\n| Code of | kB |\n|---|---|");
    for (name, size) in crates.iter().take(SHOWN) {
        println!("| {name} | {:.0} |", *size as f64 / KILOBYTE);
    }
    let others: u64 = crates.iter().skip(SHOWN).map(|(_, size)| size).sum();
    println!("| {} others | {:.0} |", crates.len().saturating_sub(SHOWN), others as f64 / KILOBYTE);
    Ok(())
}

fn built(workspace: &Workspace) -> Result<PathBuf> {
    let build = ["rustc", "--package", PACKAGE, "--lib", "--release", "--locked", "--quiet", "--"];
    Run::cargo(&build).arguments(["-C", "strip=debuginfo"]).folder(&workspace.root).show()?;
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let library = format!("{prefix}{LIBRARY}{suffix}");
    Ok(workspace.target.join(Profile::Release.folder()).join(library))
}

/// The bytes of some sections.
fn sections(listed: &str, names: &[&str]) -> u64 {
    let of_line = |line: &str| {
        let mut words = line.split_whitespace();
        let name = words.next()?;
        names.contains(&name).then(|| words.next()?.parse::<u64>().ok())?
    };
    listed.lines().filter_map(of_line).sum()
}

/// The crates that there may be, as code names them.
fn known(workspace: &Workspace) -> Result<BTreeSet<String>> {
    let lock = workspace.root.join("Cargo.lock");
    let text = fs::read_to_string(&lock).naming("read", &lock)?;
    let names = text.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    Ok(names.map(|name| name.replace('-', "_")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_added_up() {
        let listed =
            "lib.so  :\nsection   size   addr\n.text   1000   64\n.rodata  20   9\n.plt  7  3\nTotal  1027\n";
        assert_eq!(sections(listed, &[".text", ".plt"]), 1_007);
        assert_eq!(sections(listed, &[".data"]), 0);
    }
}
