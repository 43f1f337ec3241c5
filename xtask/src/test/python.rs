//! The Python package as its users get it: a wheel, installed into a clean environment, its tests run
//! against that and never against the tree.

use crate::command::Run;
use crate::error::{Error, Naming, Result};
use crate::parity;
use crate::profile::Profile;
use crate::steps::Ending;
use crate::test::node;
use crate::workspace::Workspace;
use std::fs;
use std::path::{Path, PathBuf};

/// What builds the wheel.
const BUILDER: &[&str] = &["maturin>=1.16,<2"];
/// What the tests need beside the package.
const CHECKERS: &[&str] = &["pytest>=8,<10", "pydantic>=2,<3", "mypy>=1.13,<3"];
/// What its users' editors look at types with; a program of Node.
const PYRIGHT: &str = "pyright@1.1.414";

/// Builds the wheel, and tests it where nothing else is.
pub(crate) fn check(workspace: &Workspace) -> Result<Ending> {
    let source = workspace.root.join("bindings/python");
    let room = workspace.target.join("python");
    Run::new("python3", &["generate.py", "--check"]).folder(&source).show()?;
    let clean = installed(workspace, Profile::Dev)?;
    install(&clean, CHECKERS)?;
    let tests = source.join("tests").display().to_string();
    // Away from the tree, so that the package that is imported is the installed one.
    let mypy = ["-m", "mypy", "--strict", "--no-error-summary", "--cache-dir=.mypy", "--package", "hub_core"];
    Run::new(&clean, &mypy).folder(&room).show()?;
    Run::new(&clean, &["-m", "mypy", "--strict", "--cache-dir=.mypy", &tests]).folder(&room).show()?;
    pyright(workspace, &room, &clean)?;
    let pytest = ["-m", "pytest", "--quiet", "-p", "no:cacheprovider", &tests];
    let vectors = workspace.root.join("crates/hub-core/testdata/vectors");
    let examples = workspace.root.join("examples/python");
    let record = parity::begin(workspace, "Python")?;
    let pytest = Run::new(&clean, &pytest).env("HUB_VECTORS", vectors).env("HUB_PARITY", record);
    pytest.env("HUB_ROOT", &workspace.root).folder(&room).show()?;
    parity::demand(workspace, "Python")?;
    let quickstart = examples.join("quickstart.py").display().to_string();
    Run::new(&clean, &[&quickstart]).folder(&room).show()?;
    Ok(Ending::Passed)
}

/// Looks at the types by a second checker: those of the package are whole, and tests and examples keep to them.
fn pyright(workspace: &Workspace, room: &Path, interpreter: &Path) -> Result<()> {
    let project = room.join("pyright");
    fs::create_dir_all(&project).naming("make", &project)?;
    let manifest = project.join("package.json");
    fs::write(&manifest, r#"{"name":"checker","private":true}"#).naming("write", &manifest)?;
    node::install(&project, &[PYRIGHT])?;
    let checker = project.join("node_modules/pyright/index.js");
    // It finds packages by the interpreter that comes first.
    let first = interpreter.parent().unwrap_or(room).to_path_buf();
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let places = std::iter::once(first).chain(std::env::split_paths(&rest));
    let path = std::env::join_paths(places).map_err(|cause| Error::Found(format!("PATH: {cause}")))?;
    let check = || Run::new("node", &[]).arguments([&checker]).env("PATH", &path).folder(&project);
    check().arguments(["--verifytypes", "hub_core", "--ignoreexternal"]).show()?;
    let checked = ["bindings/python/tests", "examples/python"].map(|part| workspace.root.join(part));
    check().arguments(checked).show()
}

/// The interpreter of a clean environment with the wheel, built that way.
pub(crate) fn installed(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    let source = workspace.root.join("bindings/python");
    let room = workspace.target.join("python");
    fs::create_dir_all(&room).naming("make", &room)?;
    let builder = environment(&room.join("builder"), false)?;
    install(&builder, BUILDER)?;
    let wheels = room.join("wheels");
    remove(&wheels)?;
    let build = ["-m", "maturin", "build", "--quiet", "--locked", "--profile", profile.name(), "--out"];
    let build = Run::new(&builder, &build).arguments([&wheels]).folder(&source);
    build.env("CARGO_TARGET_DIR", &workspace.target).aside()?;

    let clean = environment(&room.join(format!("clean-{}", profile.name())), true)?;
    install(&clean, &[&only_file(&wheels)?.display().to_string()])?;
    Ok(clean)
}

/// The interpreter of an environment, made anew where it is to be clean.
fn environment(place: &Path, anew: bool) -> Result<PathBuf> {
    if anew {
        remove(place)?;
    }
    let interpreter = place.join("bin/python");
    if !interpreter.exists() {
        Run::new("python3", &["-m", "venv"]).arguments([place]).aside()?;
    }
    Ok(interpreter)
}

/// Installs packages into an environment.
pub(crate) fn install(interpreter: &Path, packages: &[&str]) -> Result<()> {
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    Run::new(interpreter, &pip).arguments(packages).aside()
}

fn remove(place: &Path) -> Result<()> {
    if place.exists() { fs::remove_dir_all(place).naming("remove", place) } else { Ok(()) }
}

fn only_file(folder: &Path) -> Result<PathBuf> {
    let mut files = fs::read_dir(folder).naming("read", folder)?;
    let first = files.next().transpose().naming("read", folder)?;
    first
        .map(|file| file.path())
        .ok_or_else(|| Error::Found(format!("no wheel came into {}", folder.display())))
}
