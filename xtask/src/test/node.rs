//! The npm package as its users get it: a tarball, installed into an empty project, its tests compiled and
//! run against that and never against the tree.

use crate::command::Run;
use crate::error::{Error, Naming, Result};
use crate::parity;
use crate::profile::Profile;
use crate::steps::Ending;
use crate::workspace::Workspace;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// What compiles the package and its tests.
const COMPILERS: &[&str] = &["typescript@7", "@types/node@20"];
/// What makes one file of the package's (esbuild, MIT): twenty-six took twice as long to load.
const BUNDLER: &[&str] = &["esbuild@0.28"];
/// What the tests need beside that.
const SCHEMAS: &[&str] = &["zod@4"];

/// Builds the tarball, and tests it where nothing else is.
pub(crate) fn check(workspace: &Workspace) -> Result<Ending> {
    let source = source(workspace);
    Run::new("node", &["generate.mjs", "--check"]).folder(&source).show()?;
    let project = installed(workspace, Profile::Dev)?;
    copy_all(&source.join("tests"), &project.join("tests"))?;
    let settings = "tsconfig.json";
    copy(&source.join("tests").join(settings), &project.join(settings))?;
    compiler(&project, &["--project", settings]).folder(&project).show()?;

    let built = project.join("built");
    let tests = names(&built)?.into_iter().filter(|name| name.contains(".test."));
    let tests: Vec<PathBuf> = tests.map(|name| built.join(name)).collect();
    if tests.is_empty() {
        return Err(Error::Found(format!("no tests came into {}", built.display())));
    }
    let scratch = tempfile::tempdir().naming("make", &std::env::temp_dir())?;
    let vectors = workspace.root.join("crates/hub-core/testdata/vectors");
    let node = Run::new("node", &["--test", "--test-reporter=spec"]).arguments(tests).folder(&project);
    let node = node.env("HUB_ROOT", &workspace.root).env("HUB_VECTORS", vectors);
    let record = parity::begin(workspace, "Node")?;
    node.env("HUB_SCRATCH", scratch.path()).env("HUB_PARITY", record).show()?;
    parity::demand(workspace, "Node")?;

    copy(&workspace.root.join("examples/node/quickstart.mjs"), &project.join("quickstart.mjs"))?;
    Run::new("node", &["quickstart.mjs"]).folder(&project).show()?;
    apart(workspace)?;
    Ok(Ending::Passed)
}

/// The packages of a release, of which the native part is one by itself: installed into another empty project, the
/// example runs.
fn apart(workspace: &Workspace) -> Result<()> {
    let room = workspace.target.join("node");
    let (package, platform) = (room.join("package"), platform()?);
    let libraries = anew(&room.join("libraries"))?;
    let (file, build) = (format!("hub_core.{platform}.node"), build());
    let library = libraries.join(format!("hub_core.{platform}{build}.node"));
    copy(&package.join("native").join(file), &library)?;
    let made = anew(&room.join("apart"))?;
    let make = Run::new("node", &["platforms.mjs"]).arguments([&package, &libraries, &made]);
    make.folder(&source(workspace)).show()?;
    for folder in names(&made)? {
        let pack = npm(&["pack", "--silent", "--pack-destination"]).arguments([&made]);
        pack.folder(&made.join(folder)).show()?;
    }
    let tarballs = names(&made)?.into_iter().filter(|name| name.ends_with(".tgz"));
    let tarballs: Vec<String> = tarballs.map(|name| made.join(name).display().to_string()).collect();
    let project = empty(&room.join("project-apart"))?;
    install(&project, &tarballs.iter().map(String::as_str).collect::<Vec<_>>())?;
    if project.join("node_modules/hub-core/native").exists() {
        return Err(Error::Found("the package of a release has a native part itself".to_owned()));
    }
    copy(&workspace.root.join("examples/node/quickstart.mjs"), &project.join("quickstart.mjs"))?;
    Run::new("node", &["quickstart.mjs"]).folder(&project).show()
}

/// An empty project with the package, built that way, and with what compiles and tests it.
pub(crate) fn installed(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    let room = workspace.target.join("node");
    let tarball = tarball(workspace, &room, profile)?;
    let project = empty(&room.join(format!("project-{}", profile.name())))?;
    let tarball = tarball.display().to_string();
    install(&project, &[COMPILERS, SCHEMAS, &[&tarball]].concat())?;
    Ok(project)
}

/// A project with nothing in it.
fn empty(folder: &Path) -> Result<PathBuf> {
    let project = anew(folder)?;
    let manifest = project.join("package.json");
    fs::write(&manifest, r#"{"name":"empty","private":true}"#).naming("write", &manifest)?;
    Ok(project)
}

fn source(workspace: &Workspace) -> PathBuf {
    workspace.root.join("bindings/node")
}

/// The package, as `npm pack` makes it.
fn tarball(workspace: &Workspace, room: &Path, profile: Profile) -> Result<PathBuf> {
    let source = source(workspace);
    let builder = room.join("builder");
    fs::create_dir_all(&builder).naming("make", &builder)?;
    let manifest = builder.join("package.json");
    if !manifest.exists() {
        fs::write(&manifest, r#"{"name":"builder","private":true}"#).naming("write", &manifest)?;
    }
    install(&builder, &[COMPILERS, BUNDLER].concat())?;
    let package = anew(&room.join("package"))?;
    let types = builder.join("node_modules/@types");
    let compile = compiler(&builder, &["--project", "tsconfig.json", "--outDir"]);
    compile
        .arguments([&package.join("dist")])
        .arguments([Path::new("--typeRoots"), &types])
        .folder(&source)
        .aside()?;
    bundle(&builder, &package.join("dist"))?;
    native(workspace, &package.join("native"), profile)?;
    for name in ["package.json", "README.md"] {
        copy(&source.join(name), &package.join(name))?;
    }
    copy(&workspace.root.join("LICENSE"), &package.join("LICENSE"))?;

    let version = version(&package.join("package.json"))?;
    let of_workspace = &workspace.package("hub-core-node")?.version;
    if version != *of_workspace {
        let message = format!("bindings/node/package.json is of {version}, the workspace of {of_workspace}");
        return Err(Error::Found(message));
    }
    npm(&["pack", "--silent", "--pack-destination"]).arguments([room]).folder(&package).aside()?;
    Ok(room.join(format!("hub-core-{version}.tgz")))
}

/// Puts what was compiled into one file; the types stay where they are.
fn bundle(builder: &Path, compiled: &Path) -> Result<()> {
    let bundler = builder.join("node_modules/esbuild/bin/esbuild");
    let whole = compiled.join("whole");
    let options = ["index.js", "--bundle", "--platform=node", "--target=node20", "--log-level=warning"];
    let out = format!("--outfile={}", whole.display());
    Run::new(bundler, &options).arguments([out]).folder(compiled).aside()?;
    remove_scripts(compiled)?;
    let index = compiled.join("index.js");
    fs::rename(&whole, &index).naming("write", &index)
}

/// Removes the JavaScript below a folder, and no types.
fn remove_scripts(folder: &Path) -> Result<()> {
    for name in names(folder)? {
        let path = folder.join(&name);
        if path.is_dir() {
            remove_scripts(&path)?;
        } else if name.ends_with(".js") {
            fs::remove_file(&path).naming("remove", &path)?;
        }
    }
    Ok(())
}

/// Builds the native part into `folder`, under the name that the package asks for on this platform.
fn native(workspace: &Workspace, folder: &Path, profile: Profile) -> Result<()> {
    let build = ["rustc", "--package", "hub-core-node", "--lib", "--locked", "--quiet", "--profile"];
    let build = Run::cargo(&build).arguments([profile.name(), "--", "-C", "strip=symbols"]);
    build.folder(&workspace.root).aside()?;
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let library = format!("{prefix}hub_core_node{suffix}");
    let library = workspace.target.join(profile.folder()).join(library);
    fs::create_dir_all(folder).naming("make", folder)?;
    copy(&library, &folder.join(format!("hub_core.{}.node", platform()?)))
}

/// This machine, as Node names it.
fn platform() -> Result<String> {
    let named = Run::new("node", &["--print", "`${process.platform}-${process.arch}`"]).read()?;
    Ok(named.trim().to_owned())
}

/// What tells the packages of a platform apart where there are several.
fn build() -> &'static str {
    match (std::env::consts::OS, cfg!(target_env = "musl")) {
        ("linux", true) => "-musl",
        ("linux", false) => "-gnu",
        ("windows", _) => "-msvc",
        _ => "",
    }
}

fn version(manifest: &Path) -> Result<String> {
    let text = fs::read_to_string(manifest).naming("read", manifest)?;
    let unreadable = || Error::Unreadable(format!("{} has no version", manifest.display()));
    let manifest: Value = serde_json::from_str(&text).map_err(|_| unreadable())?;
    manifest.get("version").and_then(Value::as_str).map(str::to_owned).ok_or_else(unreadable)
}

fn npm(arguments: &[&str]) -> Run {
    Run::new(if cfg!(windows) { "npm.cmd" } else { "npm" }, arguments)
}

/// Installs packages into a project.
pub(super) fn install(project: &Path, packages: &[&str]) -> Result<()> {
    let install = ["install", "--no-audit", "--no-fund", "--silent", "--prefer-offline"];
    npm(&install).arguments(packages).folder(project).aside()
}

/// The compiler that is installed in a project.
fn compiler(project: &Path, arguments: &[&str]) -> Run {
    Run::new("node", &[]).arguments([project.join("node_modules/typescript/bin/tsc")]).arguments(arguments)
}

/// An empty folder.
fn anew(folder: &Path) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(folder).naming("remove", folder)?;
    }
    fs::create_dir_all(folder).naming("make", folder)?;
    Ok(folder.to_path_buf())
}

/// The names in a folder, in order.
fn names(folder: &Path) -> Result<Vec<String>> {
    let files = fs::read_dir(folder).naming("read", folder)?;
    let names: std::io::Result<Vec<String>> =
        files.map(|file| Ok(file?.file_name().to_string_lossy().into_owned())).collect();
    let mut names = names.naming("read", folder)?;
    names.sort();
    Ok(names)
}

fn copy_all(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).naming("make", to)?;
    names(from)?.iter().try_for_each(|name| copy(&from.join(name), &to.join(name)))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).naming("copy", from).map(|_| ())
}
