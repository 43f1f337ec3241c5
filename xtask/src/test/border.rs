//! The native part of the Swift package and of the Kotlin library, and the files that UniFFI writes of it.

use crate::command::Run;
use crate::error::{Error, Naming, Result};
use crate::profile::Profile;
use crate::workspace::Workspace;
use std::fs;
use std::path::{Path, PathBuf};

/// The crate.
const PACKAGE: &str = "hub-core-swift-kotlin";
/// Where it is, with the sources of the languages on it.
pub(crate) const FOLDER: &str = "bindings/swift-kotlin";

/// A language of the border.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Language {
    Kotlin,
    Swift,
}

impl Language {
    fn name(self) -> &'static str {
        match self {
            Self::Kotlin => "kotlin",
            Self::Swift => "swift",
        }
    }

    /// What UniFFI writes, and where it is committed, from that folder.
    fn files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Kotlin => &[(
                "io/github/hubcore/border/hub_core_native.kt",
                "kotlin/src/main/kotlin/io/github/hubcore/border/hub_core_native.kt",
            )],
            Self::Swift => &[
                ("Border.swift", "HubCore/Sources/Border/Border.swift"),
                ("HubCoreNative.h", "HubCore/Sources/HubCoreNative/HubCoreNative.h"),
            ],
        }
    }
}

/// The native library, and the program that writes the border.
#[derive(Debug)]
pub(crate) struct Border {
    library: PathBuf,
    generator: PathBuf,
}

impl Border {
    /// Builds both, for tests.
    pub(crate) fn build(workspace: &Workspace) -> Result<Self> {
        let build = ["build", "--package", PACKAGE, "--all-features", "--locked", "--quiet"];
        Run::cargo(&build).folder(&workspace.root).show()?;
        let generator = format!("hub-core-generate{}", std::env::consts::EXE_SUFFIX);
        let generator = workspace.target.join(Profile::Dev.folder()).join(generator);
        Ok(Self { library: built(workspace, Profile::Dev), generator })
    }

    /// Copies the library into a folder, without what only a debugger reads.
    pub(crate) fn put(&self, folder: &Path) -> Result<()> {
        let copy = copied(&self.library, folder)?;
        Run::new("strip", &["--strip-debug"]).arguments([&copy]).show()
    }

    /// Fails when a committed file of a language is not what UniFFI writes.
    pub(crate) fn compare(&self, workspace: &Workspace, language: Language) -> Result<()> {
        let made = self.generate(language)?;
        for (file, committed) in language.files() {
            let place = workspace.root.join(FOLDER).join(committed);
            if read(&made.path().join(file))? != fs::read_to_string(&place).unwrap_or_default() {
                return Err(Error::Found(format!(
                    "{FOLDER}/{committed} is not what UniFFI writes; `cargo xtask gen` writes it"
                )));
            }
        }
        Ok(())
    }

    /// Writes the committed files.
    pub(crate) fn write(&self, workspace: &Workspace) -> Result<()> {
        for language in [Language::Kotlin, Language::Swift] {
            let made = self.generate(language)?;
            for (file, committed) in language.files() {
                let place = workspace.root.join(FOLDER).join(committed);
                let folder = place.parent().unwrap_or(&workspace.root);
                fs::create_dir_all(folder).naming("make", folder)?;
                fs::write(&place, read(&made.path().join(file))?).naming("write", &place)?;
                println!("{FOLDER}/{committed}: written");
            }
        }
        Ok(())
    }

    fn generate(&self, language: Language) -> Result<tempfile::TempDir> {
        let made = tempfile::tempdir().naming("make", &std::env::temp_dir())?;
        let configuration = PathBuf::from(FOLDER).join("uniffi.toml");
        let run = Run::new(&self.generator, &[]).arguments([&self.library, &configuration]);
        run.arguments([language.name()]).arguments([made.path()]).show()?;
        Ok(made)
    }
}

/// Builds the library alone, as users get it, into a folder.
pub(crate) fn library(workspace: &Workspace, profile: Profile, folder: &Path) -> Result<PathBuf> {
    let build = ["rustc", "--package", PACKAGE, "--lib", "--locked", "--quiet", "--profile"];
    let build = Run::cargo(&build).arguments([profile.name(), "--", "-C", "strip=symbols"]);
    build.folder(&workspace.root).show()?;
    copied(&built(workspace, profile), folder)
}

/// Where cargo leaves the library.
fn built(workspace: &Workspace, profile: Profile) -> PathBuf {
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    workspace.target.join(profile.folder()).join(format!("{prefix}hub_core_native{suffix}"))
}

fn copied(library: &Path, folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder).naming("make", folder)?;
    let copy = folder.join(library.file_name().unwrap_or_default());
    fs::copy(library, &copy).naming("copy", library)?;
    Ok(copy)
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).naming("read", file)
}

/// The README's lines in a language: one block, or it fails.
pub(crate) fn lines_of(readme: &Path, language: &str) -> Result<String> {
    let text = read(readme)?;
    let begin = format!("```{language}\n");
    let mut blocks = text.split(&begin).skip(1);
    let block = blocks.next().and_then(|rest| rest.split("```").next());
    match (block, blocks.next()) {
        (Some(block), None) => Ok(block.to_owned()),
        _ => Err(Error::Found(format!("{} has not one block of {language}", readme.display()))),
    }
}
