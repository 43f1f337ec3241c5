//! The peer: bare SQL that claims and ends one job at a time, run by PostgreSQL's own benchmark.

use super::store::Store;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

const SCRIPT: &str = "
UPDATE raw SET state = 'leased', leased_until = now() + INTERVAL '1 minute' WHERE id =
    (SELECT id FROM raw WHERE state = 'ready' ORDER BY available_at, id FOR UPDATE SKIP LOCKED LIMIT 1)
    RETURNING id \\gset
DELETE FROM raw WHERE id = :id;
";

/// A plain table of jobs.
pub(crate) struct Raw {
    programs: PathBuf,
    url: String,
    script: tempfile::NamedTempFile,
}

impl Raw {
    /// With so many jobs; none where there is no pgbench.
    pub(crate) fn on(store: &Store, jobs: usize) -> Option<Self> {
        // Without what only sqlx understands.
        let url = store.url()?.split('?').next()?.to_owned();
        let programs = PathBuf::from(std::env::var_os("HUB_POSTGRES_PROGRAMS")?);
        let script = tempfile::NamedTempFile::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        std::fs::write(script.path(), SCRIPT).unwrap();
        let raw = Self { programs, url, script };
        let table = format!(
            "DROP TABLE IF EXISTS raw; CREATE TABLE raw (id BIGINT PRIMARY KEY, key UUID, state TEXT, available_at \
             TIMESTAMPTZ, leased_until TIMESTAMPTZ); INSERT INTO raw SELECT i, gen_random_uuid(), 'ready', now() - \
             ({jobs} - i) * INTERVAL '0.1 ms' FROM generate_series(1, {jobs}) i; CREATE INDEX raw_ready ON raw \
             (available_at, id) WHERE state = 'ready'; ANALYZE raw;"
        );
        raw.ask("psql", &["-qc", &table]);
        Some(raw)
    }

    /// Jobs a second of so many clients.
    pub(crate) fn rate(&self, clients: usize, length: Duration) -> f64 {
        let (clients, seconds) = (clients.to_string(), length.as_secs().to_string());
        let script = self.script.path().display().to_string();
        let arguments = ["-n", "-M", "prepared", "-c", &clients, "-j", "2", "-T", &seconds, "-f", &script];
        let said = self.ask("pgbench", &arguments);
        let line = said.lines().find(|line| line.starts_with("tps = ")).unwrap();
        line.split(' ').nth(2).unwrap().parse().unwrap()
    }

    fn ask(&self, program: &str, arguments: &[&str]) -> String {
        let output =
            Command::new(self.programs.join(program)).args(arguments).arg(&self.url).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}
