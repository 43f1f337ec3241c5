//! Running other programs.

use crate::error::{Error, Result};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// A command line in the making.
#[derive(Debug)]
pub(crate) struct Run {
    command: Command,
}

impl Run {
    /// A program with its arguments.
    pub(crate) fn new(program: impl AsRef<OsStr>, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(arguments);
        Self { command }
    }

    /// The cargo that runs this task.
    pub(crate) fn cargo(arguments: &[&str]) -> Self {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Self::new(cargo, arguments).for_cargo()
    }

    /// Without what cargo tells its child about the package xtask, which is not for the builds started here: a
    /// changed variable would compile crates again that read it.
    pub(crate) fn for_cargo(mut self) -> Self {
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
                self.command.env_remove(&name);
            }
        }
        self
    }

    pub(crate) fn arguments<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.command.args(arguments);
        self
    }

    pub(crate) fn folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it with our own output.
    pub(crate) fn show(mut self) -> Result<()> {
        let status = self.command.status().map_err(|source| self.cannot_start(source))?;
        self.demand(status)
    }

    /// Runs it with our own output, all of it to standard error: standard output is for what is made with it.
    pub(crate) fn aside(mut self) -> Result<()> {
        let status = self.command.stdout(std::io::stderr()).status();
        let status = status.map_err(|source| self.cannot_start(source))?;
        self.demand(status)
    }

    /// Runs it and answers its standard output; what it writes to standard error is shown.
    pub(crate) fn read(mut self) -> Result<String> {
        let output =
            self.command.stderr(Stdio::inherit()).output().map_err(|source| self.cannot_start(source))?;
        self.demand(output.status)?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs it, silent, and answers whether it succeeded together with all that it wrote.
    pub(crate) fn capture(mut self) -> Result<Captured> {
        let output = self.command.output().map_err(|source| self.cannot_start(source))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Captured {
            success: output.status.success(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        })
    }

    /// Runs it, shows its standard output as it comes and hands each line on too. A failure of the
    /// program is the answer `false`.
    pub(crate) fn follow(mut self, mut line_seen: impl FnMut(&str)) -> Result<bool> {
        let mut child =
            self.command.stdout(Stdio::piped()).spawn().map_err(|source| self.cannot_start(source))?;
        if let Some(output) = child.stdout.take() {
            for line in BufReader::new(output).split(b'\n') {
                let line = line.map_err(|source| self.cannot_start(source))?;
                let line = String::from_utf8_lossy(&line);
                println!("{line}");
                line_seen(&line);
            }
        }
        Ok(child.wait().map_err(|source| self.cannot_start(source))?.success())
    }

    fn demand(&self, status: std::process::ExitStatus) -> Result<()> {
        if status.success() {
            return Ok(());
        }
        Err(Error::Failed { command: self.line(), status: status.to_string() })
    }

    fn cannot_start(&self, source: std::io::Error) -> Error {
        Error::Start { command: self.line(), source }
    }

    /// The command as one would type it.
    pub(crate) fn line(&self) -> String {
        let program = Path::new(self.command.get_program());
        let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
        let arguments = self.command.get_args().map(|argument| argument.to_string_lossy().into_owned());
        std::iter::once(name).chain(arguments).collect::<Vec<_>>().join(" ")
    }
}

/// What a silent program left.
#[derive(Debug)]
pub(crate) struct Captured {
    /// Whether it ended with code 0.
    pub(crate) success: bool,
    /// Its standard output.
    pub(crate) stdout: String,
    /// Its standard error.
    pub(crate) stderr: String,
}
