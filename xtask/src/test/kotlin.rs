//! The Kotlin library as its users get it: an artifact in a local repository, with the native library inside.
//! Its tests and programs know nothing of the tree.

use super::border::{self, Border, FOLDER, Language, lines_of};
use crate::command::Run;
use crate::error::{Error, Naming, Result};
use crate::parity;
use crate::profile::Profile;
use crate::steps::Ending;
use crate::workspace::Workspace;
use std::fs;
use std::path::{Path, PathBuf};

/// Builds the library into a local repository, and tests it from there.
pub(crate) fn check(workspace: &Workspace) -> Result<Ending> {
    let border = Border::build(workspace)?;
    border.compare(workspace, Language::Kotlin)?;
    let sources = sources(workspace);
    let maven = Maven::of(workspace, "kotlin");
    same_version(workspace, &sources.join("pom.xml"))?;

    let native = maven.room.join("native");
    border.put(&native.join(platform()))?;
    maven.install(&sources, &native)?.show()?;
    let vectors = workspace.root.join("crates/hub-core/testdata/vectors");
    let tests = maven.run(&sources.join("tests"), "tests", &["test"])?;
    let record = parity::begin(workspace, "Kotlin")?;
    let tests = tests.env("HUB_VECTORS", vectors).env("HUB_ROOT", &workspace.root);
    tests.env("HUB_PARITY", record).show()?;
    parity::demand(workspace, "Kotlin")?;
    programs(workspace, &maven)?;
    android(workspace, &maven.room)?;
    Ok(Ending::Passed)
}

/// Maven with the repository of all checkouts: what it downloads and installs is kept there.
struct Maven {
    repository: PathBuf,
    /// Where builds go.
    room: PathBuf,
}

impl Maven {
    /// With a folder of that name to build in.
    fn of(workspace: &Workspace, room: &str) -> Self {
        Self { repository: workspace.cache().join("maven"), room: workspace.target.join(room) }
    }

    /// Puts the library into the repository, with the native ones of a folder inside.
    fn install(&self, sources: &Path, native: &Path) -> Result<Run> {
        let library = self.run(sources, "library", &["install"])?;
        Ok(library.arguments([format!("-Dhub.native={}", native.display())]))
    }

    fn run(&self, project: &Path, build: &str, goals: &[&str]) -> Result<Run> {
        fs::create_dir_all(&self.repository).naming("make", &self.repository)?;
        let defined = |name: &str, path: &Path| format!("-D{name}={}", path.display());
        let run = Run::new("mvn", &["--batch-mode", "--no-transfer-progress", "--quiet"]);
        let run = run.arguments([defined("maven.repo.local", &self.repository)]);
        Ok(run.arguments([defined("hub.build", &self.room.join(build))]).arguments(goals).folder(project))
    }
}

/// The AAR for Android, with this machine's library in the place of one of Android's: what is in it, as far as a machine
/// without Android can tell.
fn android(workspace: &Workspace, room: &Path) -> Result<()> {
    let folder = workspace.root.join(FOLDER).join("android");
    same_version(workspace, &folder.join("pom.xml"))?;
    let libraries = room.join("jniLibs");
    let abi = libraries.join("x86_64");
    fs::create_dir_all(&abi).naming("make", &abi)?;
    let library = room.join("native").join(platform()).join("libhub_core_native.so");
    fs::copy(&library, abi.join("libhub_core_native.so")).naming("copy", &library)?;
    let archive = room.join("hub-core-android.aar");
    let pack = Run::new(folder.join("pack.sh"), &[]).arguments([room.join("library/classes"), libraries]);
    pack.arguments([&archive]).show()?;

    demand_parts(&archive, &["AndroidManifest.xml", "R.txt", "jni/x86_64/libhub_core_native.so"], "native/")?;
    Run::new("jar", &["--extract", "--file"])
        .arguments([&archive])
        .arguments(["classes.jar"])
        .folder(room)
        .show()?;
    let classes = ["io/github/hubcore/Hub.class", "META-INF/hub-core.kotlin_module"];
    demand_parts(&room.join("classes.jar"), &classes, ".so")
}

/// Fails when an archive lacks a part, or has one whose name contains what does not belong there.
fn demand_parts(archive: &Path, parts: &[&str], stray: &str) -> Result<()> {
    let listed = Run::new("jar", &["--list", "--file"]).arguments([archive]).read()?;
    let missing: Vec<&&str> =
        parts.iter().filter(|part| !listed.lines().any(|line| line == **part)).collect();
    let stray: Vec<&str> = listed.lines().filter(|line| line.contains(stray)).collect();
    if missing.is_empty() && stray.is_empty() {
        return Ok(());
    }
    Err(Error::Found(format!("{} lacks {missing:?} and has {stray:?}", archive.display())))
}

/// A program beside the library.
#[derive(Debug)]
pub(crate) struct Beside {
    /// Of the program, the library and what that needs.
    pub(crate) classpath: String,
    /// The native one in it.
    pub(crate) library: PathBuf,
    /// Where it was built.
    pub(crate) folder: PathBuf,
}

/// Compiles a program, a file from the workspace's root, against the library built that way.
pub(crate) fn beside(workspace: &Workspace, profile: Profile, program: &Path) -> Result<Beside> {
    let maven = Maven::of(workspace, &format!("kotlin-{}", profile.name()));
    let native = maven.room.join("native");
    let library = border::library(workspace, profile, &native.join(platform()))?;
    maven.install(&sources(workspace), &native)?.aside()?;
    let folder = maven.room.join("project");
    let lines = fs::read_to_string(workspace.root.join(program)).naming("read", program)?;
    project(workspace, &folder, program, &lines)?;
    maven.run(&folder, "program", &["compile"])?.aside()?;
    let file = maven.room.join("classpath");
    let print = ["exec:exec", "-Dexec.executable=echo", "-Dexec.args=%classpath"];
    let print = maven.run(&folder, "program", &print)?;
    print.arguments([format!("-Dexec.outputFile={}", file.display())]).aside()?;
    let classpath = fs::read_to_string(&file).naming("read", &file)?;
    // Another checkout may put its own artifact into the repository while the program runs.
    let jar = format!("hub-core-{}.jar", workspace.package("hub-core")?.version);
    let own = |part: &str| {
        let shared = Path::new(part).file_name().is_some_and(|name| name == jar.as_str());
        if shared { maven.room.join("library").join(&jar).display().to_string() } else { part.to_owned() }
    };
    let classpath = classpath.trim().split(':').map(own).collect::<Vec<_>>().join(":");
    Ok(Beside { classpath, library, folder })
}

fn sources(workspace: &Workspace) -> PathBuf {
    workspace.root.join(FOLDER).join("kotlin")
}

/// A project as the example's, with one file of other lines in it.
fn project(workspace: &Workspace, folder: &Path, file: &Path, lines: &str) -> Result<()> {
    let source = folder.join("src/main/kotlin");
    fs::create_dir_all(&source).naming("make", &source)?;
    let pom = workspace.root.join("examples/kotlin/pom.xml");
    fs::copy(&pom, folder.join("pom.xml")).naming("copy", &pom)?;
    let file = source.join(file.file_name().unwrap_or_default());
    fs::write(&file, lines).naming("write", &file)
}

/// The example, and the READMEs' lines pasted into its project.
fn programs(workspace: &Workspace, maven: &Maven) -> Result<()> {
    let example = workspace.root.join("examples/kotlin");
    let run = ["compile", "exec:java"];
    maven.run(&example, "quickstart", &run)?.show()?;

    for readme in ["README.md", "bindings/swift-kotlin/README.md"] {
        let folder = tempfile::tempdir().naming("make", &std::env::temp_dir())?;
        let lines = lines_of(&workspace.root.join(readme), "kotlin")?;
        project(workspace, folder.path(), Path::new("Quickstart.kt"), &lines)?;
        let said = maven.run(folder.path(), "readme", &["clean", "compile", "exec:java"])?.read()?;
        if !said.contains("reminder.set") || !folder.path().join("home").is_dir() {
            return Err(Error::Found(format!("the Kotlin of {readme} says: {said}")));
        }
    }
    Ok(())
}

/// The folder in which JNA looks for the native library of this machine.
fn platform() -> String {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let processor = match std::env::consts::ARCH {
        "x86_64" => "x86-64",
        other => other,
    };
    format!("{system}-{processor}")
}

/// The artifact has the version of the workspace.
fn same_version(workspace: &Workspace, pom: &Path) -> Result<()> {
    let version = &workspace.package("hub-core")?.version;
    let text = fs::read_to_string(pom).naming("read", pom)?;
    let artifact = ["hub-core", "hub-core-android"].into_iter().any(|name| {
        text.contains(&format!("<artifactId>{name}</artifactId>\n  <version>{version}</version>"))
    });
    if artifact {
        return Ok(());
    }
    Err(Error::Found(format!("{} is not of version {version}", pom.display())))
}
