//! The packages as their users get them: complete, and built outside the workspace.

use crate::command::Run;
use crate::error::{Error, Naming, Result};
use crate::steps::Ending;
use crate::workspace::Workspace;
use std::fs;
use std::path::{Path, PathBuf};

/// What is published, dependencies first.
const PACKAGES: &[&str] = &["hub-protocol", "hub-core", "hub-http", "hub-livekit", "hub-openai"];
/// The program that is built against the core.
const PROGRAM: &str = "examples/rust/quickstart.rs";

/// Packs, compares the contents with the tree, and builds and runs a program with the packages alone.
pub(crate) fn check(workspace: &Workspace) -> Result<Ending> {
    let selected: Vec<&str> = PACKAGES.iter().flat_map(|name| ["--package", name]).collect();
    let missing = missing(workspace)?;
    if !missing.is_empty() {
        return Err(Error::Found(format!("the packages lack {}", missing.join(", "))));
    }
    // A target folder of their own: what the workspace's profiles and lock file say does not reach them.
    let objects = workspace.target.join("outside");
    let cargo = |arguments: &[&str]| {
        Run::cargo(arguments).env("CARGO_TARGET_DIR", &objects).env("CARGO_PROFILE_DEV_DEBUG", "0")
    };
    forget(workspace, &cargo)?;
    // Verified together: each is built from its own package and the packages of the others.
    let pack = cargo(&["package", "--allow-dirty", "--locked", "--quiet"]).arguments(&selected);
    pack.folder(&workspace.root).show()?;

    let outside = tempfile::tempdir().naming("make", &std::env::temp_dir())?;
    for name in PACKAGES {
        let archive = objects.join("package").join(format!("{}.crate", versioned(workspace, name)?));
        Run::new("tar", &["-xzf"]).arguments([&archive]).folder(outside.path()).show()?;
    }
    program(workspace, outside.path())?;
    cargo(&["run", "--quiet"]).folder(&outside.path().join("program")).show()?;
    println!("{} packed and built outside the workspace, and a program on hub-core run", PACKAGES.join(", "));
    Ok(Ending::Passed)
}

/// Removes what an earlier run made of packages of the same version. Cargo takes a packed version for unchangeable:
/// it would build the dependants against the sources it unpacked, and the libraries it built, before the change.
fn forget(workspace: &Workspace, cargo: &impl Fn(&[&str]) -> Run) -> Result<()> {
    for name in PACKAGES {
        cargo(&["clean", "--quiet", "--package", name]).folder(&workspace.root).show()?;
    }
    let unpacked = unpacked();
    let Ok(registries) = fs::read_dir(&unpacked) else { return Ok(()) };
    for registry in registries {
        let registry = registry.naming("read", &unpacked)?;
        // A registry without a host in its name is a folder of this machine.
        if !registry.file_name().to_string_lossy().starts_with('-') {
            continue;
        }
        for name in PACKAGES {
            let sources = registry.path().join(versioned(workspace, name)?);
            if sources.is_dir() {
                fs::remove_dir_all(&sources).naming("remove", &sources)?;
            }
        }
    }
    Ok(())
}

/// Where cargo unpacks the packages of its registries.
fn unpacked() -> PathBuf {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    home.unwrap_or_default().join("registry").join("src")
}

/// Tracked files of the crates that `cargo package` would leave out: sources, rules and migrations.
fn missing(workspace: &Workspace) -> Result<Vec<String>> {
    let mut missing = Vec::new();
    for name in PACKAGES {
        let list = Run::cargo(&["package", "--list", "--allow-dirty", "--package", name]);
        let packed = list.folder(&workspace.root).read()?;
        let packed: Vec<&str> = packed.lines().collect();
        let mut wanted = tracked(workspace, &format!("crates/{name}/src"), &format!("crates/{name}/"))?;
        if *name == "hub-core" {
            let migrations = tracked(workspace, "migrations", "")?;
            if migrations.is_empty() {
                return Err(Error::Found("there are no migrations".to_owned()));
            }
            wanted.extend(migrations);
        }
        let lacks = wanted.into_iter().filter(|file| !packed.contains(&file.as_str()));
        missing.extend(lacks.map(|file| format!("{file} of {name}")));
    }
    Ok(missing)
}

/// Files that git knows under `folder`, without `prefix`.
fn tracked(workspace: &Workspace, folder: &str, prefix: &str) -> Result<Vec<String>> {
    let files = Run::new("git", &["ls-files", "--", folder]).folder(&workspace.root).read()?;
    let kept = files.lines().filter(|file| workspace.root.join(file).is_file());
    Ok(kept.map(|file| file.strip_prefix(prefix).unwrap_or(file).to_owned()).collect())
}

fn versioned(workspace: &Workspace, name: &str) -> Result<String> {
    Ok(format!("{name}-{}", workspace.package(name)?.version))
}

/// A package beside the unpacked ones that depends on nothing of this workspace.
fn program(workspace: &Workspace, outside: &Path) -> Result<()> {
    let folder = outside.join("program");
    let source = folder.join("src");
    fs::create_dir_all(&source).naming("make", &source)?;
    let core = versioned(workspace, "hub-core")?;
    let protocol = versioned(workspace, "hub-protocol")?;
    let manifest = format!(
        "[package]\nname = \"outside\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
         [dependencies]\nhub-core = {{ path = \"../{core}\" }}\n\
         tokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n\n\
         [patch.crates-io]\nhub-protocol = {{ path = \"../{protocol}\" }}\n\n[workspace]\n"
    );
    let file = folder.join("Cargo.toml");
    fs::write(&file, manifest).naming("write", &file)?;
    copy(&workspace.root.join(PROGRAM), &source.join("main.rs"))?;
    // The versions that were tested; cargo drops the lines that this program does not need.
    copy(&workspace.root.join("Cargo.lock"), &folder.join("Cargo.lock"))?;
    copy(&workspace.root.join("rust-toolchain.toml"), &folder.join("rust-toolchain.toml"))
}

fn copy(from: &PathBuf, to: &PathBuf) -> Result<()> {
    fs::copy(from, to).naming("copy", from).map(|_| ())
}
