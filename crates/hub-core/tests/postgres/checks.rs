//! Every database that cannot carry a hub is refused in clear words, and changed in nothing.

use super::Fresh;
use super::server::{Server, variable};
use hub_core::clock::{Clock as _, SystemClock, Timestamp};
use hub_core::store::{PostgresCheck, PostgresExecutor, Severity, check_postgres};
use hub_core::{Error, HubBuilder};
use std::sync::Arc;
use std::time::Duration;

fn now() -> Timestamp {
    SystemClock.now()
}

/// What stands out of the checks of a database.
async fn found(url: &str) -> Vec<(Severity, &'static str)> {
    let bad = |check: &PostgresCheck| Some((check.severity, check.code()?));
    check_postgres(url, None, now()).await.iter().filter_map(bad).collect()
}

/// The refusal of a database, which says how to mend it; its code is what the checks say.
async fn refused(url: &str) -> Error {
    let error = PostgresExecutor::open(url).await.map(|_| ()).unwrap_err();
    assert!(error.remedy().is_some_and(|remedy| remedy.len() > 10), "{error:?}");
    assert!(found(url).await.contains(&(Severity::Fatal, error.code())), "{error:?}");
    error
}

/// Who runs these tests on a version means that one.
#[tokio::test]
async fn the_server_is_of_the_version_that_was_asked_for() {
    let Some(fresh) = Fresh::make().await else { return };
    let Some(version) = variable("HUB_TEST_POSTGRES_VERSION") else { return };
    let found = fresh.number("SELECT CAST(current_setting('server_version_num') AS BIGINT) / 10000").await;
    assert_eq!(found.to_string(), version);
}

#[tokio::test]
async fn a_good_database_is_good_before_and_after_the_first_start() {
    let Some(fresh) = Fresh::make().await else { return };
    assert_eq!(found(&fresh.url()).await, []);
    let folder = tempfile::tempdir().unwrap();
    let executor = Arc::new(PostgresExecutor::open(&fresh.url()).await.unwrap());
    let hub = HubBuilder::in_folder(folder.path()).executor(executor).open().await.unwrap();
    hub.shutdown().await;
    let checks = check_postgres(&fresh.url(), None, now()).await;
    assert!(checks.len() >= 10 && checks.iter().all(|check| check.severity == Severity::Good), "{checks:?}");
}

#[tokio::test]
async fn a_database_of_another_program_is_left_alone() {
    let Some(fresh) = Fresh::make().await else { return };
    fresh.run(&["CREATE TABLE posts (id BIGINT)"]).await;
    let error = refused(&fresh.url()).await;
    assert!(error.code() == "foreign_database" && error.to_string().contains("posts"), "{error}");
    // Others keep their migrations in a table of that name, too.
    fresh.run(&["DROP TABLE posts", "CREATE TABLE schema_migrations (version VARCHAR PRIMARY KEY)"]).await;
    assert_eq!(refused(&fresh.url()).await.code(), "foreign_database");
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let Some(fresh) = Fresh::make().await else { return };
    fresh
        .run(&[
            "CREATE TABLE schema_migrations (version BIGINT PRIMARY KEY, name TEXT, checksum BYTEA, applied_at BIGINT)",
            "INSERT INTO schema_migrations VALUES (999, 'later', '', 0)",
        ])
        .await;
    let error = refused(&fresh.url()).await;
    assert!(error.code() == "newer_schema" && error.to_string().contains("999"), "{error}");
}

#[tokio::test]
async fn another_encoding_is_refused() {
    let Some(fresh) = Fresh::make().await else { return };
    fresh.encode("SQL_ASCII").await;
    let error = refused(&fresh.url()).await;
    assert!(error.code() == "store_encoding" && error.to_string().contains("SQL_ASCII"), "{error}");
}

#[tokio::test]
async fn a_database_that_was_set_to_be_read_only_is_refused() {
    let Some(fresh) = Fresh::make().await else { return };
    fresh.run(&[&format!("ALTER DATABASE {} SET default_transaction_read_only = on", fresh.name())]).await;
    assert_eq!(refused(&fresh.url()).await.code(), "store_read_only");
}

#[tokio::test]
async fn a_clock_that_differs_by_an_hour_is_refused() {
    let Some(fresh) = Fresh::make().await else { return };
    let hour = Duration::from_secs(3_600);
    for (now, words) in [(now().after(hour), "behind"), (now().before(hour), "before")] {
        let checks = check_postgres(&fresh.url(), None, now).await;
        let clock = checks.iter().find(|check| check.name == "clocks").unwrap();
        assert_eq!((clock.severity, clock.code()), (Severity::Fatal, Some("store_clock")));
        let told =
            [3_599, 3_600].map(|seconds| format!("the server's clock is {seconds} s {words} the hub's"));
        assert!(told.contains(&clock.found), "{}", clock.found);
    }
    // The database's own clock an hour ahead: another function of that name comes first.
    let ahead = "CREATE FUNCTION skewed.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS \
                 'SELECT pg_catalog.clock_timestamp() + interval ''1 hour'''";
    let path = format!("ALTER DATABASE {} SET search_path = skewed, pg_catalog", fresh.name());
    fresh.run(&["CREATE SCHEMA skewed", ahead, &path]).await;
    assert_eq!(refused(&fresh.url()).await.code(), "store_clock");
}

/// What the session is asked for holds whatever the database says: acknowledged is durable.
#[tokio::test]
async fn commits_are_durable_though_the_database_does_not_wait_for_the_disk() {
    let Some(fresh) = Fresh::make().await else { return };
    fresh.run(&[&format!("ALTER DATABASE {} SET synchronous_commit = off", fresh.name())]).await;
    let executor = PostgresExecutor::open(&fresh.url()).await.unwrap();
    assert_eq!(fresh.setting(&executor, "synchronous_commit").await, "on");
    assert_eq!(found(&fresh.url()).await, []);
}

#[tokio::test]
async fn roles_connections_and_settings_of_a_server_are_looked_at() {
    let Some(server) = Server::start(&[("max_connections", "24"), ("fsync", "off")]).await else { return };
    assert_eq!(found(&server.url("postgres")).await, [(Severity::Wrong, "store_durability")]);
    PostgresExecutor::open(&server.url("postgres")).await.unwrap();

    let as_role = |role: &str, database: &str| server.url(database).replace("hub@", &format!("{role}@"));
    server
        .tell(
            "postgres",
            &[
                "CREATE ROLE plain LOGIN",
                "CREATE ROLE few LOGIN CREATEROLE CONNECTION LIMIT 5",
                "CREATE ROLE zero LOGIN CONNECTION LIMIT 0",
                "CREATE ROLE outside NOLOGIN",
                "CREATE DATABASE closed",
                "REVOKE CONNECT ON DATABASE closed FROM PUBLIC",
                "CREATE DATABASE owned OWNER few",
                "CREATE DATABASE theirs OWNER plain",
            ],
        )
        .await;
    let error = refused(&as_role("plain", "postgres")).await;
    assert!(error.code() == "store_rights" && error.to_string().contains("plain"), "{error}");
    let error = refused(&as_role("plain", "theirs")).await;
    assert!(error.code() == "store_rights" && error.to_string().contains("make the role"), "{error}");
    assert_eq!(refused(&as_role("few", "owned")).await.code(), "store_connections");
    assert_eq!(refused(&as_role("zero", "postgres")).await.code(), "store_connections");
    for (role, database) in [("nobody", "postgres"), ("outside", "postgres"), ("plain", "closed")] {
        assert_eq!(refused(&as_role(role, database)).await.code(), "store_login", "{role}");
    }
    assert_eq!(refused(&server.url("absent")).await.code(), "store_missing");

    server.stop("fast");
    std::fs::write(server.data().join("standby.signal"), "").unwrap();
    server.resume();
    let replica = refused(&server.url("owned")).await;
    assert!(replica.code() == "store_read_only" && replica.to_string().contains("replica"), "{replica}");
    server.stop("fast");
    assert_eq!(refused(&server.url("owned")).await.code(), "store_unavailable");
}
