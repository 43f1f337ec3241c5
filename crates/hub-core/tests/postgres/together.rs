//! Many processes write to the same agents at once: nothing is lost, nothing twice, and nobody waits
//! for one who waits for him.
#![allow(clippy::disallowed_methods, reason = "several tasks speak at once, as several callers do")]

use super::Fresh;
use super::house::{House, Process, until};
use futures_util::future::join_all;
use hub_core::events::{Batch, NewEvent};
use hub_core::hub::WorkerRole;
use hub_core::hub::actions::NewAction;
use hub_core::hub::spaces::SpacePatch;
use hub_core::ids::SpaceId;
use hub_core::memory::RecallRequest;
use hub_core::vocabulary::EventStatus;
use hub_core::{Context, Hub};
use serde_json::json;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor as _};
use std::collections::BTreeMap;
use std::time::Duration;

const PROCESSES: u128 = 8;
const AGENTS: u128 = 20;
const ROUNDS: u128 = 40;
const BATCH: u128 = 10;

const DEADLOCKS: &str = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";

/// Events under numbers that nobody else gives.
fn batch(house: &House, space: SpaceId, first: u128, count: u128) -> Batch {
    let event = |id| NewEvent { space_id: space, ..house.said(id, "Good morning") };
    Batch { events: (first..first + count).map(|id| Ok(event(id))).collect(), sent_at: None }
}

/// Sends a batch, and answers how many of it were stored. Whatever else there is, is wrong.
async fn send(hub: &Hub, house: &House, batch: Batch) -> u64 {
    let outcomes = hub.events().append(&house.owner(), batch).await.unwrap();
    for outcome in &outcomes {
        assert!(matches!(outcome.status, EventStatus::Stored | EventStatus::Private), "{outcome:?}");
    }
    outcomes.iter().filter(|outcome| outcome.status == EventStatus::Stored).count() as u64
}

/// One round of one process at one agent: events, one by one and together, a flip, an action.
async fn act(hub: &Hub, house: &House, closet: SpaceId, first: u128, round: u128) -> u64 {
    let both = futures_util::future::join(
        send(hub, house, batch(house, house.space, first, 1)),
        send(hub, house, batch(house, closet, first + 1, BATCH)),
    );
    let (single, many) = both.await;
    assert_eq!(single, 1, "the kitchen is never private");
    if round.is_multiple_of(3) {
        let patch = SpacePatch { privacy_mode: Some(round.is_multiple_of(2)), ..SpacePatch::default() };
        hub.spaces().update(&Context::admin(), closet, patch).await.unwrap();
    }
    if round.is_multiple_of(4) {
        let new = NewAction {
            action_id: None,
            space_id: house.space,
            tool: "memory.note".to_owned(),
            arguments: json!({ "text": "Good evening" }),
            reason: None,
        };
        let (actions, owner) = (hub.actions(), house.owner());
        let action = actions.propose(&owner, house.agent, new).await.unwrap();
        actions.approve(&owner, action.action_id, action.binding_digest).await.unwrap();
    }
    single + many
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_processes_write_to_the_same_twenty_agents_without_a_deadlock() {
    let Some(fresh) = Fresh::make().await else { return };
    let processes = join_all((0..PROCESSES).map(|_| Process::on(&fresh, &[]))).await;
    let mut homes = Vec::new();
    for _ in 0..AGENTS {
        let house = House::make(&processes[0].hub).await;
        let spaces = processes[0].hub.spaces();
        let closet = spaces.create(&Context::admin(), house.agent, "closet".to_owned()).await.unwrap();
        homes.push((house, closet.space_id));
    }
    let mut tasks = tokio::task::JoinSet::new();
    for (number, process) in (1..).zip(&processes) {
        let (hub, homes) = (process.hub.clone(), homes.clone());
        tasks.spawn(async move {
            let mut stored: BTreeMap<usize, u64> = BTreeMap::new();
            for round in 0..ROUNDS {
                let first: u128 = (number << 64) + (round << 32);
                // Two agents at a time, so that one commit carries several; each process in another order.
                let pair = [round * 7 + number * 3, round * 11 + number * 5 + 1]
                    .map(|agent| usize::try_from(agent % AGENTS).unwrap());
                let acts = (1..).zip(pair).map(|(turn, agent): (u128, usize)| {
                    let (house, closet) = &homes[agent];
                    act(&hub, house, *closet, first + turn * 100, round)
                });
                for (agent, more) in pair.into_iter().zip(join_all(acts).await) {
                    *stored.entry(agent).or_default() += more;
                }
            }
            stored
        });
    }
    let mut stored: BTreeMap<usize, u64> = BTreeMap::new();
    while let Some(done) = tasks.join_next().await {
        for (agent, more) in done.unwrap() {
            *stored.entry(agent).or_default() += more;
        }
    }
    for (index, (house, _)) in homes.iter().enumerate() {
        let of = format!("SELECT count(*) FROM events WHERE agent_id = '\\x{}'", house.agent.0.simple());
        let stored = stored.get(&index).copied().unwrap_or_default();
        assert_eq!(fresh.number(&of).await, i64::try_from(stored).unwrap(), "agent {index}");
    }
    assert!(processes[0].hub.audit().verify(&Context::admin()).await.unwrap().holds());
    join_all(processes.iter().map(|process| process.hub.shutdown())).await;
    // Backends tell what they counted at their end at the latest.
    assert_eq!(fresh.number(DEADLOCKS).await, 0, "the server had to undo somebody");
}

/// Holds the head of an agent's log, as another process does that is about to commit.
async fn hold(fresh: &Fresh, house: &House) -> PgConnection {
    let mut holder = fresh.connect().await;
    let agent = house.agent.0.simple();
    let hold = format!("BEGIN; SELECT 1 FROM audit_heads WHERE agent_id = '\\x{agent}' FOR UPDATE");
    holder.execute(sqlx::raw_sql(AssertSqlSafe(hold))).await.unwrap();
    holder
}

/// Who waits for his turn keeps nobody waiting who speaks for another agent, and what was said
/// meanwhile is in his commit, not in one each.
#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_its_turn_takes_along_what_comes_and_keeps_no_other_agent_waiting() {
    let Some(fresh) = Fresh::make().await else { return };
    let process = Process::on(&fresh, &[]).await;
    let (house, mut other) = (House::make(&process.hub).await, House::make(&process.hub).await);
    let writer = |house: &House| house.agent.0.as_bytes()[15] % 2;
    while writer(&house) == writer(&other) {
        other = House::make(&process.hub).await;
    }
    let mut holder = hold(&fresh, &house).await;
    let mut tasks = tokio::task::JoinSet::new();
    for id in 1..=12 {
        let (hub, house) = (process.hub.clone(), house.clone());
        tasks.spawn(async move { send(&hub, &house, batch(&house, house.space, id, 1)).await });
        until("a wait for the turn", async || fresh.number(WAITING).await > 0).await;
    }
    // What is no event of this agent is not in that commit, and not lost.
    let (hub, agent) = (process.hub.clone(), house.agent);
    let named =
        tokio::spawn(async move { hub.people().create(&Context::admin(), agent, "Ben".to_owned()).await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(process.tell(&other.owner(), other.said(100, "Good morning")).await, EventStatus::Stored);
    assert!(tasks.try_join_next().is_none(), "nothing is answered while the turn is another one's");
    holder.execute("COMMIT").await.unwrap();
    while let Some(stored) = tasks.join_next().await {
        assert_eq!(stored.unwrap(), 1);
    }
    assert_eq!(named.await.unwrap().unwrap().name, "Ben");
    let agent = house.agent.0.simple();
    let commits = format!("SELECT count(DISTINCT xmin::text) FROM events WHERE agent_id = '\\x{agent}'");
    let commits = fresh.number(&commits).await;
    assert_eq!(commits, 1, "twelve events waited together");
    // Each writer finishes what it has taken before it ends.
    let mut holder = hold(&fresh, &house).await;
    let (hub, late, owner) = (process.hub.clone(), house.said(200, "Good evening"), house.owner());
    let told = tokio::spawn(async move { hub.events().append(&owner, late).await });
    until("a wait for the turn", async || fresh.number(WAITING).await > 0).await;
    let stopping = process.hub.clone();
    let stopped = tokio::spawn(async move { stopping.shutdown().await });
    holder.execute("COMMIT").await.unwrap();
    assert_eq!(told.await.unwrap().unwrap()[0].status, EventStatus::Stored);
    tokio::time::timeout(Duration::from_secs(30), stopped).await.expect("both writers end").unwrap();
    let refused = process.hub.events().append(&other.owner(), other.said(201, "too late")).await;
    assert_eq!(refused.unwrap_err().code(), "stopping");
}

const WAITING: &str = "SELECT count(*) FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";

const WORDS: [&str; 8] = ["amber", "birch", "cedar", "dahlia", "elder", "fennel", "ginger", "hazel"];

/// Both processes make memories of the same agents' talk: no number is given twice, nothing is tried
/// twice, and recall finds each of them from either process.
#[tokio::test(flavor = "multi_thread")]
async fn two_processes_make_memories_at_once() {
    let Some(fresh) = Fresh::make().await else { return };
    let processes = join_all((0..2).map(|_| Process::on(&fresh, &[WorkerRole::Index]))).await;
    let homes = [House::make(&processes[0].hub).await, House::make(&processes[1].hub).await];
    let said =
        |id: u128| format!("{}{} stands on shelf {id}", WORDS[(id % 8) as usize], "x".repeat(id as usize));
    let mut tasks = Vec::new();
    for (number, process) in (0..).zip(&processes) {
        for house in &homes {
            tasks.push(async move {
                for id in (0..60_u128).filter(|id| id % 2 == number) {
                    assert_eq!(
                        process.tell(&house.owner(), house.said(id + 1, &said(id))).await,
                        EventStatus::Stored
                    );
                }
            });
        }
    }
    join_all(tasks).await;
    until("an empty queue", async || {
        fresh.number("SELECT count(*) FROM queue WHERE queue = 'index'").await == 0
    })
    .await;
    assert_eq!(fresh.number("SELECT count(DISTINCT doc) FROM memories").await, 120);
    assert_eq!(fresh.number("SELECT count(*) FROM memories").await, 120);
    assert_eq!(fresh.number("SELECT coalesce(max(attempts), 0) FROM queue").await, 0);
    for (house, process) in
        homes.iter().flat_map(|house| processes.iter().map(move |process| (house, process)))
    {
        for id in 0..60 {
            let question = RecallRequest::new(said(id).split(' ').next().unwrap());
            let found = process.hub.memory().recall(&house.owner(), question).await.unwrap().memories;
            assert_eq!(found.first().map(|hit| hit.memory.content.as_str()), Some(said(id).as_str()));
        }
    }
    assert!(processes[0].hub.audit().verify(&Context::admin()).await.unwrap().holds());
    join_all(processes.iter().map(|process| process.hub.shutdown())).await;
}
