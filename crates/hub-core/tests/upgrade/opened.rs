//! The newest program opens a database of every version.

use crate::{dump, everything, fixture};
use hub_core::clock::{Clock as _, SystemClock};
use hub_core::events::NewEvent;
use hub_core::ids::EventId;
use hub_core::memory::RecallRequest;
use hub_core::store::migrate::SQLITE;
use hub_core::store::{Executor, SqliteExecutor};
use hub_core::vocabulary::{EventStatus, Role};
use hub_core::{Context, Hub, HubBuilder};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn every_sqlite_version_is_opened_and_keeps_what_it_held() {
    let newest = SQLITE.len().try_into().unwrap();
    for version in fixture::SQLITE_FIRST..=newest {
        let Some((sql, told)) = fixture::read("sqlite", version) else { continue };
        let folder = tempfile::tempdir().unwrap();
        let executor = SqliteExecutor::open(&folder.path().join("hub.db")).await.unwrap();
        dump::load(&executor, &sql).await;
        executor.shutdown().await;
        keeps(folder.path(), async || None, &told).await;
    }
}

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread")]
async fn every_postgresql_version_is_opened_and_keeps_what_it_held() {
    use hub_core::store::PostgresExecutor;
    let newest = hub_core::store::migrate::POSTGRES.len().try_into().unwrap();
    for version in fixture::POSTGRES_FIRST..=newest {
        let Some((sql, told)) = fixture::read("postgres", version) else { continue };
        let Some(fresh) = crate::fresh::Fresh::make().await else { return };
        load_postgres(&fresh.url(), sql).await;
        let folder = tempfile::tempdir().unwrap();
        let open = async || {
            let executor = PostgresExecutor::open(&fresh.url()).await.unwrap();
            Some(Arc::new(executor) as Arc<dyn Executor>)
        };
        keeps(folder.path(), open, &told).await;
    }
}

#[cfg(feature = "postgres")]
pub(crate) async fn load_postgres(url: &str, sql: String) {
    use sqlx::{Connection as _, Executor as _};
    let mut connection = sqlx::postgres::PgConnection::connect(url).await.unwrap();
    connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql))).await.unwrap();
    connection.close().await.unwrap();
}

/// The log holds, counts and answers are as noted, new things can be said, and what waited is done.
pub(crate) async fn keeps(folder: &Path, open: impl AsyncFn() -> Option<Arc<dyn Executor>>, noted: &Value) {
    same(&everything::told_of(folder, open().await).await, noted);
    let mut builder = HubBuilder::in_folder(folder);
    if let Some(executor) = open().await {
        builder = builder.executor(executor);
    }
    let hub = builder.open().await.unwrap();
    for agent in hub.agents().list(&Context::admin(), Default::default()).await.unwrap().items {
        goes_on(&hub, agent.agent_id).await;
    }
    assert!(hub.audit().verify(&Context::admin()).await.unwrap().holds());
    hub.shutdown().await;
}

fn same(told: &Value, noted: &Value) {
    assert_eq!(told.as_object().unwrap().len(), noted.as_object().unwrap().len());
    for (agent, noted) in noted.as_object().unwrap() {
        assert_eq!(told[agent]["counts"], noted["counts"], "{agent}");
        assert_eq!(told[agent]["log"], noted["log"], "{agent}");
        for (question, answers) in noted["answers"].as_object().unwrap() {
            // A later version may rank otherwise, but it finds what was found.
            let (now, before) = (&told[agent]["answers"][question], answers.as_array().unwrap());
            let finds = before.first().is_none_or(|first| now.as_array().unwrap().contains(first));
            assert!(finds, "{agent} is asked {question:?}: {now}, and was {answers}");
        }
    }
}

async fn goes_on(hub: &Hub, agent: hub_core::ids::AgentId) {
    let admin = Context::admin();
    let person = hub.people().list(&admin, agent, Default::default()).await.unwrap().items.remove(0);
    let space = hub.spaces().list(&admin, agent, Default::default()).await.unwrap().items.remove(0);
    let owner = Context::operator(agent, person.person_id, Role::Owner);
    let event = NewEvent {
        event_id: EventId(Uuid::from_u128(1 << 100)),
        space_id: space.space_id,
        event_type: "transcript_chunk".to_owned(),
        occurred_at: SystemClock.now(),
        person_id: None,
        payload: json!({ "text": "The new hub can hear marmots", "role": "user" })
            .as_object()
            .unwrap()
            .clone(),
    };
    let outcome = hub.events().append(&owner, event).await.unwrap().remove(0);
    assert_eq!(outcome.status, EventStatus::Stored, "{:?}", outcome.problem);
    hub.drained(agent).await.unwrap();
    for (question, words) in [("marmots", "marmots"), ("what waits to be remembered?", "waits")] {
        let found = hub.memory().recall(&owner, RecallRequest::new(question)).await.unwrap().memories;
        let said = found.iter().any(|hit| hit.memory.content.contains(words));
        let home = hub.agents().get(&admin, agent).await.unwrap().name == "home";
        assert!(said || (words == "waits" && !home), "{question}: {found:?}");
    }
}
