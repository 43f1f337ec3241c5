//! A PostgreSQL server of the test's own, which it may kill.
//!
//! The programs are those of the server that `HUB_TEST_POSTGRES_URL` names; that server itself is only
//! asked where they are.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// The URL of a server that runs on this machine, as `cargo xtask services up` prints it.
const SERVER: &str = "HUB_TEST_POSTGRES_URL";
/// How long a start may take, with what a killed server left to be mended.
const PATIENCE: Duration = Duration::from_secs(60);
/// The database that the hubs work on.
const DATABASE: &str = "hub";

pub(crate) struct Postgres {
    programs: PathBuf,
    folder: tempfile::TempDir,
    /// As whom it runs, when we are root, whom PostgreSQL does not serve.
    user: Option<(u32, u32)>,
    password: String,
    port: u16,
    child: Option<Child>,
}

impl Postgres {
    /// `None`, and a line that says so, where no server is named. Under CI that is a failure.
    pub(crate) fn start() -> Option<Self> {
        let Some(url) = std::env::var(SERVER).ok().filter(|url| !url.is_empty()) else {
            assert!(std::env::var_os("CI").is_none(), "{SERVER} names no server, which CI demands");
            let _told = writeln!(std::io::stderr(), "skipped: {SERVER} names no PostgreSQL server");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let user = (number("id", &["-u"]) == 0)
            .then(|| (number("id", &["-u", "nobody"]), number("id", &["-g", "nobody"])));
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let password = Uuid::new_v4().simple().to_string();
        let mut server = Self { programs: programs(&url), folder, user, password, port, child: None };
        server.make();
        server.resume();
        server.psql("postgres", &format!("CREATE DATABASE {DATABASE} TEMPLATE template0 ENCODING 'UTF8'"));
        Some(server)
    }

    fn make(&self) {
        let word = self.folder.path().join("password");
        std::fs::write(&word, &self.password).unwrap();
        for path in [self.folder.path(), &word] {
            self.give(path);
        }
        let mut initdb = self.command("initdb");
        initdb.args([
            "--username=hub",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync",
        ]);
        initdb.arg("--pwfile").arg(&word).arg("--pgdata").arg(self.data());
        succeeded(initdb.output().unwrap());
    }

    fn give(&self, path: &Path) {
        if let Some((user, group)) = self.user {
            std::os::unix::fs::chown(path, Some(user), Some(group)).unwrap();
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A program of PostgreSQL, as a user whom it serves. It ends with this test, however that ends.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("setpriv");
        if let Some((user, group)) = self.user {
            command.args([
                format!("--reuid={user}"),
                format!("--regid={group}"),
                "--clear-groups".to_owned(),
            ]);
        }
        command.args(["--pdeathsig", "KILL", "--"]).arg(self.programs.join(program));
        command.env("PGPASSWORD", &self.password).stdin(Stdio::null()).current_dir(self.folder.path());
        command
    }

    /// Starts it, again after a kill, and waits until it answers.
    pub(crate) fn resume(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while !self.answers() {
            assert!(Instant::now() < deadline, "PostgreSQL did not start: {}", self.log());
            let ended = match &mut self.child {
                Some(child) => child.try_wait().unwrap().is_some(),
                None => true,
            };
            // While processes of the killed server are still there it refuses to start.
            if ended {
                self.child = Some(self.launch());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn launch(&self) -> Child {
        let path = self.folder.path().join("log");
        let log = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        let mut postgres = self.command("postgres");
        postgres.arg("-D").arg(self.data()).args(["-p", &self.port.to_string()]);
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=200",
            "fsync=on",
            "synchronous_commit=on",
        ] {
            postgres.args(["-c", setting]);
        }
        postgres.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn answers(&self) -> bool {
        self.child.is_some() && self.ask("postgres", "SELECT 1").status.success()
    }

    /// `kill -9`, its helpers with it, as the machine does to all at once.
    pub(crate) fn kill(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let id = child.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        child.kill().unwrap();
        for helper in children.split_whitespace() {
            let _gone = Command::new("kill").args(["-KILL", helper]).stderr(Stdio::null()).status();
        }
        child.wait().unwrap();
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Where a hub finds its database, at another port when somebody stands between.
    pub(crate) fn url(&self, port: u16) -> String {
        format!("postgres://hub:{}@127.0.0.1:{port}/{DATABASE}", self.password)
    }

    /// Every table with its rows, as text, in the form of `COPY`.
    pub(crate) fn dump(&self) -> String {
        let mut dump = self.command("pg_dump");
        dump.args(["--data-only", "--no-sync", "--dbname", &self.url(self.port)]);
        succeeded(dump.output().unwrap())
    }

    fn psql(&self, database: &str, sql: &str) -> String {
        succeeded(self.ask(database, sql))
    }

    fn ask(&self, database: &str, sql: &str) -> Output {
        let mut psql = self.command("psql");
        psql.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "hub", "-d", database]);
        psql.env("PGCONNECT_TIMEOUT", "5").args(["-X", "-A", "-t", "-c", sql]).output().unwrap()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Where the programs of a server on this machine are.
fn programs(url: &str) -> PathBuf {
    // The caller has a runtime of its own, which cannot wait for another one.
    let ask = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(ask_programs(url))
    };
    let folder = std::thread::scope(|scope| scope.spawn(ask).join()).unwrap();
    let folder = PathBuf::from(folder);
    assert!(folder.join("initdb").is_file(), "{SERVER} names a server whose programs are not here");
    folder
}

async fn ask_programs(url: &str) -> String {
    use hub_core::store::{Executor as _, Intent, PostgresExecutor, Reach, Statement};
    const PROGRAMS: Statement = Statement::new("SELECT setting FROM pg_config WHERE name = 'BINDIR'");
    let executor = PostgresExecutor::open(url).await.unwrap();
    // As the one who logs in: this database has no role for hubs.
    let mut tx = executor.begin(Intent::Migrate, &Reach::nobody()).await.unwrap();
    let folder = tx.query(&PROGRAMS, vec![]).await.unwrap()[0].take(0).unwrap();
    tx.rollback().await.unwrap();
    executor.shutdown().await;
    folder
}

fn number(program: &str, arguments: &[&str]) -> u32 {
    succeeded(Command::new(program).args(arguments).output().unwrap()).trim().parse().unwrap()
}

fn succeeded(output: Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", output.status);
    String::from_utf8(output.stdout).unwrap()
}
