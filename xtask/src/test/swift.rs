//! The Swift package as its users get it: its folder, beside programs that depend on it, in a place where nothing
//! else of the tree is.

use super::border::{self, Border, Language, lines_of};
use crate::command::Run;
use crate::error::{Error, Naming, Result};
use crate::parity;
use crate::profile::Profile;
use crate::services::swift::Swift;
use crate::steps::Ending;
use crate::workspace::Workspace;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// The package, its tests and its example, where they are in the tree and in the stage: a package names another by the
/// way to it.
const PACKAGE: &str = "bindings/swift-kotlin/HubCore";
const TESTS: &str = "bindings/swift-kotlin/swift-tests";
const EXAMPLE: &str = "examples/swift";
/// What every build is told: where the native library is. Where it runs, the environment says so.
const LINK: &str = "-Xlinker -L/hub/native";

/// Builds the package, and tests it, in the Debian root that has Swift.
pub(crate) fn check(workspace: &Workspace) -> Result<Ending> {
    let swift = Swift::find(workspace);
    match (swift.hindered()?, swift.is_installed(), workspace.ci) {
        (Some(why), _, true) => return Err(Error::Found(why)),
        (Some(why), _, false) => return Ok(Ending::Skipped(why)),
        (None, false, false) => {
            let why =
                "its Debian root is not made yet; `CI=1 cargo xtask test --part swift` makes it (3.3 GB)";
            return Ok(Ending::Skipped(why.to_owned()));
        }
        (None, _, _) => swift.install()?,
    }
    let border = Border::build(workspace)?;
    border.compare(workspace, Language::Swift)?;
    let stage = Stage::set(workspace, "swift")?;
    border.put(&stage.native())?;
    let record = parity::begin(workspace, "Swift")?;
    stage.tests(&swift)?;
    fs::copy(stage.folder.join("parity.json"), &record).naming("copy", &record)?;
    parity::demand(workspace, "Swift")?;
    stage.example(&swift)?.show()?;
    for readme in ["README.md", "bindings/swift-kotlin/README.md"] {
        stage.paste(&lines_of(&workspace.root.join(readme), "swift")?)?;
        let said = stage.example(&swift)?.read()?;
        if !said.contains("reminder.set") {
            return Err(Error::Found(format!("the Swift of {readme} says: {said}")));
        }
    }
    Ok(Ending::Passed)
}

/// A program beside the package.
#[derive(Debug)]
pub(crate) struct Beside {
    /// Runs it.
    pub(crate) command: [OsString; 8],
    /// The native library.
    pub(crate) library: PathBuf,
    /// Where it was built.
    pub(crate) folder: PathBuf,
}

/// Builds a program, a file from the workspace's root, and the package, that way. Says why where that cannot be done.
///
/// The program is told in `HUB_BEGAN` when it began, in nanoseconds of the clock.
pub(crate) fn beside(workspace: &Workspace, profile: Profile, program: &Path) -> Result<Option<Beside>> {
    let swift = Swift::find(workspace);
    if let Some(why) = swift.hindered()? {
        eprintln!("Swift is left out: {why}");
        return Ok(None);
    }
    swift.install()?;
    let stage = Stage::set(workspace, &format!("swift-{}", profile.name()))?;
    let library = border::library(workspace, profile, &stage.native())?;
    stage.paste(&fs::read_to_string(workspace.root.join(program)).naming("read", program)?)?;
    let configuration = if profile == Profile::Release { "release" } else { "debug" };
    let build = format!(
        "cd /hub/tree/{EXAMPLE}; \
         swift build --configuration {configuration} --quiet --scratch-path /hub/build/program {LINK} >&2"
    );
    swift.run(&stage.folder, &build).aside()?;
    let run =
        format!("export HUB_BEGAN=$(date +%s%N); exec /hub/build/program/{configuration}/quickstart \"$@\"");
    Ok(Some(Beside { command: swift.words(&stage.folder, &run), library, folder: stage.folder }))
}

/// A folder that is `/hub` in the root.
struct Stage {
    folder: PathBuf,
}

impl Stage {
    /// Copies what is tested; builds of earlier runs stay.
    fn set(workspace: &Workspace, name: &str) -> Result<Self> {
        let folder = workspace.target.join(name);
        let tree = folder.join("tree");
        if tree.exists() {
            fs::remove_dir_all(&tree).naming("remove", &tree)?;
        }
        for part in [PACKAGE, TESTS, EXAMPLE] {
            let to = tree.join(part);
            let around = to.parent().unwrap_or(&tree);
            fs::create_dir_all(around).naming("make", around)?;
            // With their times: what did not change is not compiled again.
            Run::new("cp", &["-rp"]).arguments([&workspace.root.join(part), &to]).show()?;
        }
        for made in ["home", "vectors"].map(|name| folder.join(name)) {
            fs::create_dir_all(&made).naming("make", &made)?;
        }
        let vectors = workspace.root.join("crates/hub-core/testdata/vectors");
        Run::new("cp", &["-r"]).arguments([vectors.join("."), folder.join("vectors")]).show()?;
        Ok(Self { folder })
    }

    /// Where the native library is looked for.
    fn native(&self) -> PathBuf {
        self.folder.join("native")
    }

    fn tests(&self, swift: &Swift) -> Result<()> {
        let record = self.folder.join("parity.json");
        if record.exists() {
            fs::remove_file(&record).naming("remove", &record)?;
        }
        let command = format!(
            "cd /hub/tree/{TESTS}; \
             export HUB_VECTORS=/hub/vectors HUB_SOURCES=/hub/tree/{PACKAGE} HUB_PARITY=/hub/parity.json \
                    HUB_CHILD=/hub/build/tests/debug/child HUB_CYCLES={}; \
             swift build --build-tests --quiet --scratch-path /hub/build/tests {LINK}; \
             swift test --skip-build --scratch-path /hub/build/tests {LINK}",
            std::env::var("HUB_CYCLES")
                .ok()
                .filter(|cycles| cycles.parse::<u32>().is_ok())
                .unwrap_or("100".into())
        );
        swift.run(&self.folder, &command).show()
    }

    /// The example, built and run in an empty folder.
    fn example(&self, swift: &Swift) -> Result<Run> {
        let command = format!(
            "cd /hub/tree/{EXAMPLE}; swift build --quiet --scratch-path /hub/build/example {LINK}; \
             rm -rf /hub/home/run; mkdir /hub/home/run; cd /hub/home/run; /hub/build/example/debug/quickstart"
        );
        Ok(swift.run(&self.folder, &command))
    }

    /// Puts lines in the place of the example's.
    fn paste(&self, lines: &str) -> Result<()> {
        let main: PathBuf =
            [&self.folder, Path::new("tree"), Path::new(EXAMPLE), Path::new("Sources/quickstart/main.swift")]
                .iter()
                .collect();
        fs::write(&main, lines).naming("write", &main)
    }
}
