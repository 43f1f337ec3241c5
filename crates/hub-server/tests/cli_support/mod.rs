//! Runs the real program on a data folder of its own.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../../../hub-core/tests/postgres/fresh.rs"]
pub(crate) mod fresh;

use fresh::Fresh;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a test waits for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A client of a hub without TLS.
pub(crate) fn http() -> reqwest::Client {
    hub_server::tls::Trust::default().http().unwrap().no_proxy().build().unwrap()
}

/// A data folder that goes when the test ends, and the database that the program is told to use.
pub(crate) struct Folder {
    folder: TempDir,
    database: Option<Arc<Fresh>>,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), database: None }
    }

    /// A folder for a fresh database of the PostgreSQL server for tests, where there is one.
    pub(crate) fn on_postgresql() -> Option<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let fresh = runtime.block_on(Fresh::make())?;
        Some(Self { database: Some(Arc::new(fresh)), ..Self::new() })
    }

    /// Another folder for the same database.
    pub(crate) fn beside_it(&self) -> Self {
        Self { database: self.database.clone(), ..Self::new() }
    }

    /// Runs SQL in the database.
    pub(crate) fn in_database(&self, sql: &str) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(self.database.as_ref().unwrap().run(&[sql]));
    }

    /// The URL of a user of the database that owns nothing and may make nothing.
    pub(crate) fn login_url(&self) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(self.database.as_ref().unwrap().login())
    }

    /// The URL of the database, its password included.
    pub(crate) fn database_url(&self) -> Option<String> {
        self.database.as_ref().map(|fresh| fresh.url())
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A file beside the data folder.
    pub(crate) fn beside(&self, name: &str, text: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        file
    }

    /// The program on this folder, without what the machine's environment says about hubs.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hub"));
        command.arg("--data").arg(self.path()).args(arguments).env_clear().env("TZ", "UTC");
        command.envs(self.database_url().map(|url| ("HUB_DATABASE_URL", url)));
        command.stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments).output().unwrap())
    }

    /// What a command that must succeed prints as JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let ended = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(ended.code, 0, "{arguments:?}: {ended:?}");
        ended.value()
    }

    pub(crate) fn serve(&self, more: &[&str]) -> Served {
        Served::start(self.command(&[&["serve", "--listen", "127.0.0.1:0", "--json"], more].concat()))
    }
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub(crate) fn value(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|cause| panic!("{cause}: {self:?}"))
    }
}

/// A hub that runs; dropping it kills it.
pub(crate) struct Served {
    child: Child,
    pub(crate) said: Value,
}

impl Served {
    /// Starts it and waits until it says that it listens.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            let mut err = String::new();
            child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
            panic!("the hub did not start: {err}");
        }
        Self { said: serde_json::from_str(&line).unwrap(), child }
    }

    /// As [`Served::start`], with what it logs in a file.
    pub(crate) fn logging_to(command: &mut Command, log: std::fs::File) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { said: serde_json::from_str(&line).unwrap(), child }
    }

    /// What a hub says to people until it listens; it is stopped then.
    pub(crate) fn output_of(mut command: Command) -> Output {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        while !said.contains("Ctrl-C stops it.") {
            let read = out.read_line(&mut said).unwrap();
            assert!(read > 0, "the hub did not start: {said}");
        }
        assert!(Command::new("kill").arg("-TERM").arg(child.id().to_string()).status().unwrap().success());
        out.read_to_string(&mut said).unwrap();
        let ended = child.wait_with_output().unwrap();
        Output { stdout: said.into_bytes(), ..ended }
    }

    pub(crate) fn url(&self) -> &str {
        self.said["url"].as_str().unwrap()
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Tells it to stop and answers its exit code and how long that took.
    pub(crate) fn stop(mut self) -> (i32, Duration) {
        let begun = Instant::now();
        let told = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status().unwrap();
        assert!(told.success());
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status.code().unwrap_or(-1), begun.elapsed());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the hub did not stop");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

/// The permission bits of a file.
#[cfg(unix)]
pub(crate) fn mode(file: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).unwrap().permissions().mode() & 0o777
}
