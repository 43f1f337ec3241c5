//! A pooler that lends sessions of the server transaction by transaction is refused.
//!
//! Run where the program `pgbouncer` is found; elsewhere that is said.

use super::Fresh;
use super::server::as_server;
use hub_core::clock::{Clock as _, SystemClock};
use hub_core::store::{PostgresExecutor, Severity, check_postgres};
use std::io::Write as _;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

/// A pooler before one database; dropping it ends it.
struct Pooler {
    process: Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl Pooler {
    /// Starts one in this mode, with these lines of settings.
    async fn start(program: &std::path::Path, fresh: &Fresh, mode: &str, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = fresh.url();
        let (user, rest) = server.trim_start_matches("postgres://").split_once(':').unwrap();
        let (password, rest) = rest.split_once('@').unwrap();
        let (host, _) = rest.split_once('/').unwrap();
        let (host, at) = host.split_once(':').unwrap();
        let database = fresh.name();
        let settings = format!(
            "[databases]\n{database} = host={host} port={at} user={user} password={password}\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
             pool_mode = {mode}\n{more}\n"
        );
        let file = folder.path().join("pgbouncer.ini");
        std::fs::write(&file, settings).unwrap();
        let open = std::os::unix::fs::PermissionsExt::from_mode;
        std::fs::set_permissions(folder.path(), open(0o755)).unwrap();
        std::fs::set_permissions(&file, open(0o644)).unwrap();
        let mut command = as_server(program.to_path_buf());
        command.arg("-q").arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().unwrap();
        let url = format!("postgres://{user}:{password}@127.0.0.1:{port}/{database}");
        let pooler = Self { process, url, _folder: folder };
        pooler.wait(port).await;
        pooler
    }

    async fn wait(&self, port: u16) {
        for _ in 0..1_000 {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return;
            }
            SystemClock.sleep(Duration::from_millis(10)).await;
        }
        panic!("the pooler does not listen");
    }

    /// What the checks say of the database behind it, and how a hub is refused.
    async fn found(&self) -> (Vec<&'static str>, Option<String>) {
        let checks = check_postgres(&self.url, None, SystemClock.now()).await;
        let codes = checks.iter().filter(|check| check.severity == Severity::Fatal);
        let codes: Vec<_> = codes.filter_map(|check| check.code()).collect();
        match PostgresExecutor::open(&self.url).await {
            Ok(_) => (codes, None),
            Err(error) => {
                assert_eq!(codes, [error.code()]);
                assert!(error.remedy().unwrap().contains("pooler"), "{error:?}");
                (codes, Some(error.to_string()))
            }
        }
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _gone = self.process.wait();
    }
}

fn pgbouncer() -> Option<PathBuf> {
    let places = [
        "/usr/sbin/pgbouncer",
        "/usr/bin/pgbouncer",
        "/usr/local/bin/pgbouncer",
        "/opt/homebrew/bin/pgbouncer",
    ];
    let found = places.iter().map(PathBuf::from).find(|place| place.is_file());
    if found.is_none() {
        // Past the test harness, which keeps what a test that passes prints.
        let _told = writeln!(std::io::stderr(), "skipped: there is no pgbouncer on this machine");
    }
    found
}

#[tokio::test]
async fn a_pooler_by_transaction_is_refused_however_it_is_set() {
    let Some(fresh) = Fresh::make().await else { return };
    let Some(program) = pgbouncer() else { return };
    let ignoring = "ignore_startup_parameters = extra_float_digits,options";
    let resetting = format!("{ignoring}\nserver_reset_query = DISCARD ALL\nserver_reset_query_always = 1");
    let in_turn = format!("{ignoring}\nserver_round_robin = 1\nmin_pool_size = 3");
    for (mode, more, said) in [
        ("transaction", "", "refuses what the hub asks"),
        ("statement", "", "refuses what the hub asks"),
        ("transaction", ignoring, "lends one session"),
        ("transaction", &resetting, "lends one session"),
        ("transaction", &in_turn, "lends one session"),
        ("session", ignoring, "drops what a connection asks for"),
    ] {
        let pooler = Pooler::start(&program, &fresh, mode, more).await;
        let (codes, message) = pooler.found().await;
        assert_eq!(codes, ["store_pooler"], "{mode} {more}");
        assert!(message.as_ref().unwrap().contains(said), "{mode} {more}: {message:?}");
    }
}
