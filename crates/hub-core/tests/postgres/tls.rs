//! TLS to the server: a certificate of a private root is believed with that root alone, and for its
//! host alone.
//!
//! Run with programs of PostgreSQL that are built with TLS: in the folder that
//! `HUB_TEST_POSTGRES_PROGRAMS` names, beside the server for tests, or where Debian puts them. Where
//! there are none, or no `openssl`, that is said.

use super::server::{Server, as_server, programs, succeed, variable};
use hub_core::store::PostgresExecutor;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const SETTINGS: [(&str, &str); 1] = [("ssl", "on")];

/// A server that can TLS, stopped.
async fn with_tls() -> Option<Server> {
    let named = variable("HUB_TEST_POSTGRES_PROGRAMS").map(PathBuf::from);
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut debian: Vec<PathBuf> = debian.map(|version| version.path().join("bin")).collect();
    debian.sort();
    let places = named.into_iter().chain(programs().await).chain(debian.into_iter().rev());
    let found = places.filter(|place| place.join("initdb").is_file()).find(|place| {
        let asked = as_server(place.join("postgres")).args(["--describe-config"]).output();
        asked.is_ok_and(|said| String::from_utf8_lossy(&said.stdout).contains("HIGH:MEDIUM"))
    });
    if found.is_none() || Command::new("openssl").arg("version").output().is_err() {
        let _told = writeln!(
            std::io::stderr(),
            "skipped: no programs of PostgreSQL with TLS, or no openssl, are here"
        );
        return None;
    }
    Some(Server::from(found?, &SETTINGS))
}

/// Runs openssl in the server's folder, as its user.
fn openssl(server: &Server, arguments: &str) {
    let mut command = as_server(PathBuf::from("openssl"));
    succeed(command.current_dir(server.folder()).args(arguments.split(' ')));
}

/// A root that signs for nobody yet.
fn root(server: &Server, name: &str) -> PathBuf {
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    openssl(server, &format!("req -x509 {key} -keyout {name}.key -out {name}.crt -subj /CN={name} -days 2"));
    server.folder().join(format!("{name}.crt"))
}

/// The server's certificate, for `localhost`, and who may come in: nobody without TLS.
fn certify(server: &Server) -> PathBuf {
    let root = root(server, "root");
    let names = server.folder().join("names");
    std::fs::write(&names, "subjectAltName=DNS:localhost").unwrap();
    let open: std::fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(&names, open).unwrap();
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    openssl(server, &format!("req {key} -keyout data/server.key -out request -subj /CN=localhost"));
    let sign = "x509 -req -in request -CA root.crt -CAkey root.key -CAcreateserial -days 2 -extfile names";
    openssl(server, &format!("{sign} -out data/server.crt"));
    let rules = "hostssl all all all trust\nhostnossl all all all reject\n";
    std::fs::write(server.data().join("pg_hba.conf"), rules).unwrap();
    root
}

/// How a connection ends: the code of its refusal, or that it was let in. A server that is too old for
/// a hub has let us in when it says its version.
async fn code(server: &Server, host: &str, options: &str) -> &'static str {
    let url = format!("postgres://hub@{host}:{}/postgres?{options}", server.port);
    match PostgresExecutor::open(&url).await.map(|_| ()).map_err(|error| error.code()) {
        Ok(()) | Err("store_version") => "let in",
        Err(code) => code,
    }
}

fn verified(root: &Path) -> String {
    format!("sslmode=verify-full&sslrootcert={}", root.display())
}

#[tokio::test]
async fn only_the_right_root_and_host_are_believed() {
    let Some(server) = with_tls().await else { return };
    let (right, other) = (certify(&server), root(&server, "other"));
    server.resume();
    assert_eq!(code(&server, "localhost", &verified(&right)).await, "let in");
    assert_eq!(code(&server, "localhost", "sslmode=require").await, "let in");
    assert_eq!(code(&server, "localhost", &verified(&other)).await, "store_tls");
    assert_eq!(code(&server, "localhost", "sslmode=verify-full").await, "store_tls");
    assert_eq!(code(&server, "127.0.0.1", &verified(&right)).await, "store_tls");
    let absent = verified(&server.folder().join("absent.crt"));
    assert_eq!(code(&server, "localhost", &absent).await, "store_unavailable");
    assert_eq!(code(&server, "localhost", "sslmode=disable").await, "store_login");
}
