//! What one process relies on while it writes, another one cannot change under it: a privacy flip and
//! a revocation wait for the write, or the write waits for them and sees them.
#![allow(clippy::disallowed_methods, reason = "several tasks speak at once, as several callers do")]

use super::Fresh;
use super::house::{House, Process, until};
use hub_core::hub::consents::NewGrant;
use hub_core::hub::spaces::SpacePatch;
use hub_core::ids::ConsentId;
use hub_core::store::PostgresExecutor;
use hub_core::testkit::{FailingExecutor, Fault, Gate, Step};
use hub_core::vocabulary::{ConsentKind, EventStatus};
use hub_core::{Context, Hub};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::task::JoinSet;

/// Flips, and tasks that speak meanwhile.
const ROUNDS: u64 = 25;
const SPEAKERS: u64 = 4;

/// Events that were ever stored, forgotten ones too.
const STORED: &str = r#"SELECT count(*) FROM audit_entries WHERE entry LIKE '%"event.stored"%'"#;

/// Callers of several processes who speak without pause.
struct Crowd {
    speaking: Arc<AtomicBool>,
    /// Answers until now: what was stored, and everything.
    stored: Arc<AtomicU64>,
    answered: Arc<AtomicU64>,
    tasks: JoinSet<()>,
}

impl Crowd {
    /// Each of them speaks, or is heard, in the same space.
    fn gather(hubs: &[&Process], house: &House, heard: bool) -> Self {
        let mut crowd = Self {
            speaking: Arc::new(AtomicBool::new(true)),
            stored: Arc::default(),
            answered: Arc::default(),
            tasks: JoinSet::new(),
        };
        for (number, process) in (0..SPEAKERS).zip(hubs.iter().cycle()) {
            let (hub, house) = (process.hub.clone(), house.clone());
            let (speaking, stored, answered) =
                (crowd.speaking.clone(), crowd.stored.clone(), crowd.answered.clone());
            crowd.tasks.spawn(async move {
                let mut id = u128::from(number + 1) << 64;
                while speaking.load(Ordering::Relaxed) {
                    id += 1;
                    let event =
                        if heard { house.voice(id, "Good morning") } else { house.said(id, "Good morning") };
                    let outcome = hub.events().append(&house.owner(), event).await.unwrap().remove(0);
                    let kept = u64::from(outcome.status == EventStatus::Stored);
                    assert!(kept == 1 || outcome.status == EventStatus::Private || heard, "{outcome:?}");
                    stored.fetch_add(kept, Ordering::Relaxed);
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        crowd
    }

    /// Waits until so many more were answered.
    async fn hear(&self, more: u64) {
        let before = self.answered.load(Ordering::Relaxed);
        until("an answer", async || self.answered.load(Ordering::Relaxed) >= before + more).await;
    }

    /// Waits until something more was stored.
    async fn hear_stored(&self) {
        let before = self.stored.load(Ordering::Relaxed);
        until("a stored event", async || self.stored.load(Ordering::Relaxed) > before).await;
    }

    /// Ends, and answers how many were stored.
    async fn part(mut self) -> u64 {
        self.speaking.store(false, Ordering::Relaxed);
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
        self.stored.load(Ordering::Relaxed)
    }
}

async fn set_private(hub: &Hub, house: &House, on: bool) {
    let patch = SpacePatch { privacy_mode: Some(on), ..SpacePatch::default() };
    hub.spaces().update(&Context::admin(), house.space, patch).await.unwrap();
}

async fn grant(hub: &Hub, house: &House) -> ConsentId {
    let new = NewGrant { kind: ConsentKind::Voice, expires_at: None };
    hub.consent().grant(&house.owner(), house.anna, new).await.unwrap().consent_id
}

async fn raw(connection: &mut PgConnection, sql: &str) -> usize {
    connection.fetch_all(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await.unwrap().len()
}

/// From the answer to a flip on there is not one event more, until it is flipped back.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_privacy_flip_in_one_process_no_other_process_stores_an_event() {
    let Some(fresh) = Fresh::make().await else { return };
    let (flipping, other) = (Process::on(&fresh, &[]).await, Process::on(&fresh, &[]).await);
    let house = House::make(&flipping.hub).await;
    let crowd = Crowd::gather(&[&other, &other, &flipping], &house, false);
    for round in 0..ROUNDS {
        crowd.hear_stored().await;
        set_private(&flipping.hub, &house, true).await;
        let then = fresh.number(STORED).await;
        crowd.hear(SPEAKERS * 2).await;
        assert_eq!(fresh.number(STORED).await, then, "round {round}: stored after the flip was answered");
        set_private(&flipping.hub, &house, false).await;
    }
    let stored = crowd.part().await;
    assert_eq!(fresh.number("SELECT count(*) FROM events").await, i64::try_from(stored).unwrap());
    assert!(other.hub.audit().verify(&Context::admin()).await.unwrap().holds());
}

/// From the answer to a revocation no voice is stored, until it is granted anew.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_revocation_in_one_process_no_other_process_stores_a_voice() {
    let Some(fresh) = Fresh::make().await else { return };
    let (revoking, other) = (Process::on(&fresh, &[]).await, Process::on(&fresh, &[]).await);
    let house = House::make(&revoking.hub).await;
    let mut consent = grant(&revoking.hub, &house).await;
    let crowd = Crowd::gather(&[&other, &other, &revoking], &house, true);
    for round in 0..ROUNDS {
        crowd.hear_stored().await;
        revoking.hub.consent().revoke(&house.owner(), consent).await.unwrap();
        let then = fresh.number(STORED).await;
        crowd.hear(SPEAKERS * 2).await;
        assert_eq!(fresh.number(STORED).await, then, "round {round}: stored after the revocation");
        consent = grant(&revoking.hub, &house).await;
    }
    let stored = crowd.part().await;
    assert_eq!(fresh.number(STORED).await, i64::try_from(stored).unwrap());
    assert!(other.hub.audit().verify(&Context::admin()).await.unwrap().holds());
}

/// Who changes the row with PostgreSQL's own tools holds neither a head nor anything else that is the
/// hub's: the row alone makes the write wait, and is read anew.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_waits_for_a_flip_and_a_revocation_by_raw_sql() {
    let Some(fresh) = Fresh::make().await else { return };
    let process = Process::on(&fresh, &[]).await;
    let house = House::make(&process.hub).await;
    grant(&process.hub, &house).await;
    assert_eq!(process.tell(&house.owner(), house.voice(1, "heard")).await, EventStatus::Stored);
    for (id, change, outcome) in [
        (2, "UPDATE consents SET revoked_at = granted_at", EventStatus::Refused),
        (3, "UPDATE spaces SET privacy_mode = 1", EventStatus::Private),
    ] {
        let mut outside = fresh.connect().await;
        raw(&mut outside, &format!("BEGIN; {change}")).await;
        let (hub, event, owner) = (process.hub.clone(), house.voice(id, "not heard"), house.owner());
        let asked = tokio::spawn(async move { hub.events().append(&owner, event).await });
        waits_for_a_lock(&fresh).await;
        assert!(!asked.is_finished());
        raw(&mut outside, "COMMIT").await;
        assert_eq!(asked.await.unwrap().unwrap()[0].status, outcome, "{change}");
    }
    assert_eq!(fresh.number("SELECT count(*) FROM events").await, 1);
}

async fn waits_for_a_lock(fresh: &Fresh) {
    const WAITING: &str = "SELECT count(*) FROM pg_stat_activity \
                           WHERE datname = current_database() AND wait_event_type = 'Lock'";
    until("a wait for a lock", async || fresh.number(WAITING).await > 0).await;
}

/// Until its commit a write holds the space and the grant that it relies on: nobody may change them, and
/// afterwards everybody.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_holds_its_space_and_its_grant_until_it_is_committed() {
    let Some(fresh) = Fresh::make().await else { return };
    let database = FailingExecutor::over(Arc::new(PostgresExecutor::open(&fresh.url()).await.unwrap()));
    let process = Process::over(Arc::new(database.clone()), &[]).await;
    let house = House::make(&process.hub).await;
    grant(&process.hub, &house).await;
    let gate = Gate::default();
    database.at(Step::Commit, 1, Fault::Hold(gate.clone()));
    let (hub, event, owner) = (process.hub.clone(), house.voice(1, "heard"), house.owner());
    let asked = tokio::spawn(async move { hub.events().append(&owner, event).await });
    gate.reached().await;
    let mut outside = fresh.connect().await;
    // As an UPDATE of such a column locks it, which a foreign key alone lets pass.
    for table in ["spaces", "consents"] {
        let free = format!("SELECT 1 FROM {table} FOR NO KEY UPDATE SKIP LOCKED");
        assert_eq!(raw(&mut outside, &free).await, 0, "the row of {table} is not held");
    }
    gate.open();
    assert_eq!(asked.await.unwrap().unwrap()[0].status, EventStatus::Stored);
    for table in ["spaces", "consents"] {
        let free = format!("SELECT 1 FROM {table} FOR NO KEY UPDATE SKIP LOCKED");
        assert_eq!(raw(&mut outside, &free).await, 1, "the row of {table} is held after the commit");
    }
}

/// Somebody from outside takes locks in another order, and the server undoes the hub's commit: the hub
/// commits anew, and its caller does not notice.
#[tokio::test(flavor = "multi_thread")]
async fn events_that_the_server_undoes_because_of_a_deadlock_are_stored_nevertheless() {
    const DEADLOCKS: &str = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    let Some(fresh) = Fresh::make().await else { return };
    let process = Process::on(&fresh, &[]).await;
    let house = House::make(&process.hub).await;
    let mut outside = fresh.connect().await;
    // It looks for deadlocks later than the hub's connection, which so is the one to be undone.
    raw(&mut outside, "SET deadlock_timeout = '1min'; BEGIN; UPDATE spaces SET name = name").await;
    let (hub, event, owner) = (process.hub.clone(), house.said(1, "heard"), house.owner());
    let asked = tokio::spawn(async move { hub.events().append(&owner, event).await });
    waits_for_a_lock(&fresh).await;
    raw(&mut outside, "SELECT 1 FROM audit_heads FOR UPDATE").await;
    assert!(!asked.is_finished());
    raw(&mut outside, "COMMIT").await;
    assert_eq!(asked.await.unwrap().unwrap()[0].status, EventStatus::Stored);
    // Whoever waited may wake later than the hub tries again, and then it happens once more.
    until("the count of deadlocks", async || fresh.number(DEADLOCKS).await >= 1).await;
    assert_eq!(fresh.number("SELECT count(*) FROM events").await, 1);
    assert!(process.hub.audit().verify(&Context::admin()).await.unwrap().holds());
}
