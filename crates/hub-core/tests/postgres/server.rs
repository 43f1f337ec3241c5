//! A PostgreSQL server of a test's own, that may be stopped, killed and set as nobody sets a server.
#![allow(dead_code, reason = "not every test binary uses all of it")]

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Row as _};
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::str::FromStr as _;
use tempfile::TempDir;

/// The URL of a server, of whose programs another one is made.
const SERVER: &str = "HUB_TEST_POSTGRES_URL";

/// A server; dropping it ends it and throws its databases away.
pub(crate) struct Server {
    programs: PathBuf,
    folder: TempDir,
    pub(crate) port: u16,
    settings: Vec<(String, String)>,
}

impl Server {
    /// Starts one with these settings. `None` where no server is named, or the programs of the one that
    /// is are not on this machine.
    pub(crate) async fn start(settings: &[(&str, &str)]) -> Option<Self> {
        let server = Self::make(settings).await?;
        server.resume();
        Some(server)
    }

    /// Makes one that does not run yet.
    pub(crate) async fn make(settings: &[(&str, &str)]) -> Option<Self> {
        Some(Self::from(programs().await?, settings))
    }

    /// Makes one of the programs in this folder; it does not run yet.
    pub(crate) fn from(programs: PathBuf, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let settings =
            settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let server = Self { programs, folder, port, settings };
        if is_root() {
            succeed(Command::new("chown").arg(nobody().join(":")).arg(server.folder.path()));
        }
        let initdb = ["--username=hub", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"];
        succeed(server.program("initdb").args(initdb).arg("--pgdata").arg(server.data()));
        server
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The folder that the server's user may read, and where its socket is.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The URL of a database, for its superuser.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://hub@127.0.0.1:{}/{database}", self.port)
    }

    /// Starts it, and waits until it takes connections.
    pub(crate) fn resume(&self) {
        let mut options = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories={}",
            self.port,
            self.folder.path().display()
        );
        for (name, value) in &self.settings {
            options.push_str(&format!(" -c {name}={value}"));
        }
        let log = self.folder.path().join("log");
        let mut start = self.program("pg_ctl");
        start.args(["start", "--wait", "--timeout=60", "--options", &options]);
        succeed(start.arg("--pgdata").arg(self.data()).arg("--log").arg(log));
    }

    /// Ends it: `fast` as an operator does, `immediate` as a crash does.
    pub(crate) fn stop(&self, mode: &str) {
        let mut stop = self.program("pg_ctl");
        succeed(stop.args(["stop", "--wait", "--mode", mode, "--pgdata"]).arg(self.data()));
    }

    /// Freezes every process of the server, or lets them go on: `STOP` and `CONT`.
    pub(crate) fn signal(&self, signal: &str) {
        let file = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        let first = file.lines().next().unwrap().trim().to_owned();
        let others = said("ps", &["-o", "pid=", "--ppid", &first]);
        let all = std::iter::once(first.as_str()).chain(others.split_whitespace());
        succeed(Command::new("kill").arg(format!("-{signal}")).args(all));
    }

    /// Runs statements, each by itself, in a database.
    pub(crate) async fn tell(&self, database: &str, statements: &[&str]) {
        let mut connection = PgConnection::connect(&self.url(database)).await.unwrap();
        for statement in statements {
            connection.execute(sqlx::raw_sql(AssertSqlSafe((*statement).to_owned()))).await.unwrap();
        }
        connection.close().await.unwrap();
    }

    /// A program of the server, as its user.
    pub(crate) fn program(&self, name: &str) -> Command {
        let mut command = as_server(self.programs.join(name));
        command.current_dir(self.folder.path());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut stop = self.program("pg_ctl");
        stop.args(["stop", "--wait", "--mode=immediate", "--pgdata"]).arg(self.data());
        let _may_not_run = stop.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

/// A command as the user that a server runs as: not as root, whom PostgreSQL does not serve.
pub(crate) fn as_server(program: PathBuf) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let [user, group] = nobody();
    let mut command = Command::new("setpriv");
    command.arg(format!("--reuid={user}")).arg(format!("--regid={group}")).args(["--clear-groups", "--"]);
    command.arg(program);
    command
}

/// Runs a command that must succeed.
pub(crate) fn succeed(command: &mut Command) {
    // A server that is started keeps what it inherits open.
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(status.success(), "{command:?}");
}

fn is_root() -> bool {
    said("id", &["-u"]) == "0"
}

fn nobody() -> [String; 2] {
    [said("id", &["-u", "nobody"]), said("id", &["-g", "nobody"])]
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Where the programs of the server are that the environment names.
pub(crate) async fn programs() -> Option<PathBuf> {
    let url = variable(SERVER)?;
    let mut server = PgConnection::connect_with(&PgConnectOptions::from_str(&url).unwrap()).await.unwrap();
    let asked = "SELECT setting FROM pg_config WHERE name = 'BINDIR'";
    let programs: String = server.fetch_one(sqlx::raw_sql(asked)).await.unwrap().get(0);
    server.close().await.unwrap();
    let programs = PathBuf::from(programs);
    if programs.join("initdb").is_file() {
        return Some(programs);
    }
    assert!(variable("CI").is_none(), "the programs of the server are not on this machine, which CI demands");
    // Past the test harness, which keeps what a test that passes prints.
    let _told = writeln!(std::io::stderr(), "skipped: the programs of the server of {SERVER} are not here");
    None
}

#[allow(clippy::disallowed_methods, reason = "which server tests may use is told by the environment")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
