//! Swift, in a Debian root of its own: the compiler is a package of Debian 13, and of no other place that is
//! reached through a package manager.

use crate::command::Run;
use crate::debian;
use crate::error::{Error, Naming, Result};
use crate::workspace::Workspace;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// The release of Debian, whose Swift is 6.0.
const RELEASE: &str = "trixie";
/// The compiler, with what it needs to link.
const PACKAGES: &str = "swiftlang,libswiftlang,swiftlang-dev,gcc,g++,libc6-dev";
/// Runs a command in the root, with the folder `$1` as `/hub` and what comes behind as its arguments. The mounts are
/// seen by it alone and go with it.
const INSIDE: &str = r#"
mkdir -p "$0/hub"
mount --bind "$1" "$0/hub"
mount -t proc proc "$0/proc"
mount --rbind /dev "$0/dev"
command=$2
shift 2
exec chroot "$0" /usr/bin/env -i PATH=/usr/bin:/bin HOME=/hub/home LD_LIBRARY_PATH=/hub/native sh -euc "$command" sh "$@"
"#;

/// The root.
#[derive(Debug)]
pub(crate) struct Swift {
    root: PathBuf,
}

impl Swift {
    /// Where it is, or would be: outside of every checkout.
    pub(crate) fn find(workspace: &Workspace) -> Self {
        Self { root: workspace.cache().join(format!("swift-{RELEASE}")) }
    }

    /// Why it can be neither made nor entered here, if that is so.
    pub(crate) fn hindered(&self) -> Result<Option<String>> {
        let root = cfg!(target_os = "linux") && Run::new("id", &["-u"]).read()?.trim() == "0";
        let why = "Swift runs in a Debian root, which root alone on Linux makes and enters";
        Ok((!root).then(|| why.to_owned()))
    }

    /// Whether it was made.
    pub(crate) fn is_installed(&self) -> bool {
        // A link to a place inside: from here it may lead nowhere.
        self.root.join("usr/bin/swift").is_symlink()
    }

    /// Makes it, once for all checkouts: 3.3 GB.
    pub(crate) fn install(&self) -> Result<()> {
        if self.is_installed() {
            return Ok(());
        }
        if debian::found("debootstrap").is_none() {
            debian::install("debootstrap")?;
        }
        // Under another name until it is whole: what was cut off is begun anew.
        let making = self.root.with_extension("making");
        if making.exists() {
            fs::remove_dir_all(&making).naming("remove", &making)?;
        }
        fs::create_dir_all(&making).naming("make", &making)?;
        println!("Swift: making a Debian root in {}", self.root.display());
        let packages = format!("--include={PACKAGES}");
        let made = Run::new("debootstrap", &["--variant=minbase", &packages, RELEASE])
            .arguments([&making])
            .capture()?;
        if !made.success {
            return Err(Error::Found(format!("debootstrap failed:\n{}\n{}", made.stdout, made.stderr)));
        }
        fs::rename(&making, &self.root).naming("rename", &making)
    }

    /// A shell command in the root; `folder` is `/hub` there, and its `native` holds libraries.
    pub(crate) fn run(&self, folder: &Path, command: &str) -> Run {
        let [program, arguments @ ..] = self.words(folder, command);
        Run::new(program, &[]).arguments(arguments)
    }

    /// The same as a line, word by word; words behind it are the arguments of the command.
    pub(crate) fn words(&self, folder: &Path, command: &str) -> [OsString; 8] {
        let plain = ["unshare", "--mount", "sh", "-euc", INSIDE].map(OsString::from);
        let [unshare, mount, sh, run, inside] = plain;
        [unshare, mount, sh, run, inside, self.root.clone().into(), folder.into(), command.into()]
    }
}
