//! The database that is measured, an empty one for each measurement.

use super::fresh::Fresh;
use std::process::Command;

/// Which kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// An empty database.
pub(crate) enum Store {
    /// In the hub's folder.
    Sqlite,
    Postgres(Box<Fresh>),
}

impl Kind {
    /// From `--store NAME`; SQLite without it.
    pub(crate) fn of(arguments: &[String]) -> Self {
        let place = arguments.iter().position(|argument| argument == "--store");
        let named = place.and_then(|place| arguments.get(place + 1)).map_or("sqlite", String::as_str);
        assert!(["sqlite", "postgres"].contains(&named), "there is no store {named}: sqlite or postgres");
        if named == "postgres" { Self::Postgres } else { Self::Sqlite }
    }

    pub(crate) async fn fresh(self) -> Store {
        match self {
            Self::Sqlite => Store::Sqlite,
            Self::Postgres => {
                let fresh = Fresh::make().await.expect("HUB_TEST_POSTGRES_URL names the server to measure");
                Store::Postgres(Box::new(fresh))
            }
        }
    }

    pub(crate) fn note(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite in WAL with synchronous=FULL; every acknowledged event is synced to disk",
            Self::Postgres => {
                "PostgreSQL with fsync and synchronous_commit on, the program over TCP on loopback; server, hub and \
                 client share the two cores"
            }
        }
    }

    /// What a figure is to reach, by store.
    pub(crate) fn either<T>(self, sqlite: T, postgres: T) -> T {
        match self {
            Self::Sqlite => sqlite,
            Self::Postgres => postgres,
        }
    }
}

impl Store {
    /// What tells the program about it.
    pub(crate) fn environment(&self) -> Option<(&'static str, String)> {
        match self {
            Self::Sqlite => None,
            Self::Postgres(fresh) => Some(("HUB_DATABASE_URL", fresh.url())),
        }
    }

    /// Transactions a second of PostgreSQL's own benchmark: one plain row each, by so many clients.
    pub(crate) fn plain_rows(&self, clients: usize) -> Option<f64> {
        let Self::Postgres(fresh) = self else { return None };
        let programs = std::env::var_os("HUB_POSTGRES_PROGRAMS").map(std::path::PathBuf::from)?;
        // What sqlx adds to a URL its own programs do not know.
        let url = fresh.url().split('?').next()?.to_owned();
        let run = |program: &str, arguments: &[&str]| {
            let output = Command::new(programs.join(program)).args(arguments).arg(&url).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        let table = "CREATE TABLE plain (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, words TEXT)";
        run("psql", &["-qc", table]);
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let script = folder.path().join("insert.sql");
        std::fs::write(
            &script,
            "INSERT INTO plain (words) VALUES ('I think button one should be yellow');\n",
        )
        .unwrap();
        let (clients, script) = (clients.to_string(), script.display().to_string());
        let arguments = ["-n", "-M", "prepared", "-c", &clients, "-j", "2", "-T", "8", "-f", &script];
        let said = run("pgbench", &arguments);
        let line = said.lines().find(|line| line.starts_with("tps = ")).unwrap();
        line.split(' ').nth(2)?.parse().ok()
    }
}
