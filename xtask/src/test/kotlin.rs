//! The Kotlin library as its users get it: an artifact in a local repository, with the native library inside.
//! Its tests and programs know nothing of the tree.

use super::border::{Border, FOLDER, Language, lines_of};
use crate::command::Run;
use crate::error::{Error, Naming, Result};
use crate::parity;
use crate::steps::Ending;
use crate::workspace::Workspace;
use std::fs;
use std::path::{Path, PathBuf};

/// Builds the library into a local repository, and tests it from there.
pub(crate) fn check(workspace: &Workspace) -> Result<Ending> {
    let border = Border::build(workspace)?;
    border.compare(workspace, Language::Kotlin)?;
    let sources = workspace.root.join(FOLDER).join("kotlin");
    let room = workspace.target.join("kotlin");
    same_version(workspace, &sources.join("pom.xml"))?;

    let native = room.join("native");
    border.put(&native.join(platform()))?;
    let maven = Maven { repository: workspace.cache().join("maven"), room };
    let library = maven.run(&sources, "library", &["install"])?;
    library.arguments([format!("-Dhub.native={}", native.display())]).show()?;
    let vectors = workspace.root.join("crates/hub-core/testdata/vectors");
    let tests = maven.run(&sources.join("tests"), "tests", &["test"])?;
    let record = parity::begin(workspace, "Kotlin")?;
    let tests = tests.env("HUB_VECTORS", vectors).env("HUB_ROOT", &workspace.root);
    tests.env("HUB_PARITY", record).show()?;
    parity::demand(workspace, "Kotlin")?;
    programs(workspace, &maven)?;
    Ok(Ending::Passed)
}

/// Maven with the repository of all checkouts: what it downloads and installs is kept there.
struct Maven {
    repository: PathBuf,
    /// Where builds go.
    room: PathBuf,
}

impl Maven {
    fn run(&self, project: &Path, build: &str, goals: &[&str]) -> Result<Run> {
        fs::create_dir_all(&self.repository).naming("make", &self.repository)?;
        let defined = |name: &str, path: &Path| format!("-D{name}={}", path.display());
        let run = Run::new("mvn", &["--batch-mode", "--no-transfer-progress", "--quiet"]);
        let run = run.arguments([defined("maven.repo.local", &self.repository)]);
        Ok(run.arguments([defined("hub.build", &self.room.join(build))]).arguments(goals).folder(project))
    }
}

/// The example, and the READMEs' lines pasted into its project.
fn programs(workspace: &Workspace, maven: &Maven) -> Result<()> {
    let example = workspace.root.join("examples/kotlin");
    let run = ["compile", "exec:java"];
    maven.run(&example, "quickstart", &run)?.show()?;

    for readme in ["README.md", "bindings/swift-kotlin/README.md"] {
        let project = tempfile::tempdir().naming("make", &std::env::temp_dir())?;
        let source = project.path().join("src/main/kotlin");
        fs::create_dir_all(&source).naming("make", &source)?;
        let pom = example.join("pom.xml");
        fs::copy(&pom, project.path().join("pom.xml")).naming("copy", &pom)?;
        let file = source.join("Quickstart.kt");
        let lines = lines_of(&workspace.root.join(readme), "kotlin")?;
        fs::write(&file, lines).naming("write", &file)?;
        let said = maven.run(project.path(), "readme", &["clean", "compile", "exec:java"])?.read()?;
        if !said.contains("reminder.set") || !project.path().join("home").is_dir() {
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
    if text.contains(&format!("<artifactId>hub-core</artifactId>\n  <version>{version}</version>")) {
        return Ok(());
    }
    Err(Error::Found(format!("{} is not of version {version}", pom.display())))
}
