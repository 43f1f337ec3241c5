//! The index stage: every utterance becomes an episodic memory. Needs no model.

use super::record::{NewMemory, Voice, terms, write};
use crate::audit::EntryDraft;
use crate::clock::Timestamp;
use crate::context::{Context, Scoped};
use crate::hub::{Found, Inner};
use crate::panics::caught;
use crate::queue::{Lease, Queue, claim, enqueue, finish, finish_all, give_back, look};
use crate::store::{Reach, Tx, boxed, declare};
use crate::{Error, Result};
use hub_protocol::vocabulary::{ErrorKind, SpeakerRole, Tier};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// Events that one job covers at most.
const EVENTS_PER_JOB: i64 = 128;
/// Jobs that one step leases.
const JOBS_AT_ONCE: usize = 64;
/// Workers that may die over a job before it is the job's fault. A hub that is killed again and
/// again leases the same jobs each time and may not come to the last of them for long; they must not
/// be given up for that.
const DEATHS: i64 = 200;
/// Events that one transaction indexes, give or take a job: what waits behind it waits that long.
const EVENTS_AT_ONCE: i64 = 512;

declare! {
    EVENTS = "SELECT seq, space_id, person_id, role, occurred_at, payload FROM events \
              WHERE agent_id = $1 AND seq >= $2 AND seq <= $3 AND forgotten_at IS NULL \
              AND type IN ('transcript_chunk', 'chat_message') ORDER BY seq";
}

/// The events of one job: those of the agent with first <= seq <= last that are talk. What one
/// commit stores is one stretch of the log, so it takes one row of the queue, not one an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    first: i64,
    last: i64,
}

impl Stretch {
    pub(crate) fn new(first: i64, last: i64) -> Self {
        Self { first, last }
    }

    /// Stretches of what a job covers at most.
    pub(crate) fn jobs(self) -> impl Iterator<Item = (Queue, Uuid)> {
        let step = EVENTS_PER_JOB.unsigned_abs().try_into().unwrap_or(usize::MAX);
        (self.first..=self.last).step_by(step).map(move |first| {
            let last = self.last.min(first.saturating_add(EVENTS_PER_JOB - 1));
            (Queue::Index, Self { first, last }.key())
        })
    }

    /// Both ends, eight bytes each: keys grow as jobs come.
    fn key(self) -> Uuid {
        Uuid::from_u64_pair(self.first.unsigned_abs(), self.last.unsigned_abs())
    }

    fn of(lease: &Lease) -> Self {
        let (first, last) = lease.key.as_u64_pair();
        let bound = |seq| i64::try_from(seq).unwrap_or(i64::MAX);
        Self { first: bound(first), last: bound(last) }
    }

    fn length(self) -> i64 {
        self.last.saturating_sub(self.first).saturating_add(1)
    }

    /// Two halves, unless it is a single event.
    fn halves(self) -> Option<[Self; 2]> {
        let middle = self.first + (self.last - self.first) / 2;
        (self.first < self.last)
            .then(|| [Self { first: self.first, last: middle }, Self { first: middle + 1, last: self.last }])
    }
}

/// Indexes what waits.
pub(crate) async fn step(hub: &Arc<Inner>) -> Result<Found> {
    let lease = hub.settings.lease();
    let due = look(&hub.store, Queue::Index).await?;
    if due.is_nothing() {
        return Ok(Found::Nothing);
    }
    let leases = hub
        .store
        .write(Reach::nobody(), move |tx| {
            boxed(async move { claim(tx, due, JOBS_AT_ONCE, lease, "index").await })
        })
        .await?;
    let found = match leases.len() {
        0 => return Ok(Found::Nothing),
        JOBS_AT_ONCE.. => Found::Plenty,
        _ => Found::Some,
    };
    let mut of_agent: BTreeMap<Scoped, Vec<Lease>> = BTreeMap::new();
    for lease in leases {
        of_agent.entry(lease.agent).or_default().push(lease);
    }
    for (agent, leases) in of_agent {
        for group in groups(leases) {
            match index(hub, agent, group.clone()).await {
                // The database is away, not wrong: the leases run out, and the jobs come again.
                Err(error) if error.kind() == ErrorKind::Unavailable => return Err(error),
                Err(error) => each_alone(hub, agent, group, error).await?,
                Ok(()) => {}
            }
        }
    }
    Ok(found)
}

/// Leases by the transaction that they are done in.
fn groups(leases: Vec<Lease>) -> Vec<Vec<Lease>> {
    let (mut groups, mut open, mut events) = (Vec::new(), Vec::new(), 0);
    for lease in leases {
        // What ended its worker every time so far is not to take others with it.
        let alone = lease.attempts > 2;
        let length = Stretch::of(&lease).length();
        if !open.is_empty() && (alone || events + length > EVENTS_AT_ONCE) {
            groups.push(std::mem::take(&mut open));
            events = 0;
        }
        events += if alone { EVENTS_AT_ONCE } else { length };
        open.push(lease);
    }
    groups.push(open);
    groups
}

/// Finds, after a failure, the event that it comes from: jobs by themselves, then halves of one,
/// then the event, which rests and at last becomes a dead letter.
async fn each_alone(hub: &Arc<Inner>, agent: Scoped, leases: Vec<Lease>, error: Error) -> Result<()> {
    if let [lease] = leases.as_slice() {
        return set_aside(hub, lease.clone(), error).await;
    }
    for lease in leases {
        match index(hub, agent, vec![lease.clone()]).await {
            Err(error) if error.kind() == ErrorKind::Unavailable => return Err(error),
            Err(error) => set_aside(hub, lease, error).await?,
            Ok(()) => {}
        }
    }
    Ok(())
}

async fn set_aside(hub: &Arc<Inner>, lease: Lease, error: Error) -> Result<()> {
    if error.code() == "lease_lost" {
        // Another worker has the job, or had it.
        return Ok(());
    }
    let attempts = hub.settings.max_attempts();
    tracing::warn!(attempt = lease.attempts, code = error.code(), "talk could not be indexed");
    hub.store
        .write(lease.agent, move |tx| {
            boxed(async move {
                let stretch = Stretch::of(&lease);
                if let Some(halves) = stretch.halves() {
                    finish(tx, &lease).await?;
                    let jobs = halves.map(|half| (Queue::Index, half.key())).to_vec();
                    enqueue(tx, lease.agent, jobs);
                    return Ok(());
                }
                if give_back(tx, &lease, attempts, &error).await? {
                    let worker = Context::worker(lease.agent.agent_id(), "index");
                    let draft = EntryDraft::new(tx.now(), "index.dead", &worker.principal)
                        .subject("entry", stretch.first)
                        .fact("code", error.code());
                    tx.audit(lease.agent, draft).await?;
                }
                Ok(())
            })
        })
        .await
}

async fn index(hub: &Arc<Inner>, agent: Scoped, leases: Vec<Lease>) -> Result<()> {
    if leases.iter().any(|lease| lease.attempts > DEATHS) {
        // Every attempt was begun and none ended.
        return Err(Error::internal(WorkerDied));
    }
    let stretches: Vec<Stretch> = leases.iter().map(Stretch::of).collect();
    let read = caught(hub.store.read(agent, move |tx| boxed(read(tx, agent, stretches)))).await?;
    let Some((voice, memories)) = read else { return Ok(()) };
    hub.store
        .write(agent, move |tx| {
            boxed(async move {
                // The fence is asked first: a worker that lost its lease writes nothing.
                finish_all(tx, &leases).await?;
                let memories = still_there(tx, agent, memories).await?;
                write(tx, agent, &voice, memories).await.map(|_| ())
            })
        })
        .await
}

/// The workers that had the job did not come back.
#[derive(Debug, thiserror::Error)]
#[error("the workers that indexed this did not come back")]
struct WorkerDied;

async fn read(
    tx: &mut Tx,
    agent: Scoped,
    stretches: Vec<Stretch>,
) -> Result<Option<(Voice, Vec<NewMemory>)>> {
    let Some(voice) = Voice::of(tx, agent).await? else { return Ok(None) };
    let analyzer = voice.analyzer();
    let mut rows = Vec::new();
    for Stretch { first, last } in together(stretches) {
        rows.extend(tx.rows(&EVENTS, vec![agent.agent_id().into(), first.into(), last.into()]).await?);
    }
    let mut memories = Vec::with_capacity(rows.len());
    for mut row in rows {
        let seq = row.take(0)?;
        let payload: serde_json::Value = row.json(5)?;
        let text = payload.get("text").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let speaker = payload.get("speaker").and_then(serde_json::Value::as_str).map(str::to_owned);
        let role: Option<String> = row.take(3)?;
        let occurred_at: Timestamp = row.take(4)?;
        memories.push(NewMemory {
            tier: Tier::Episodic,
            terms: terms(&analyzer, Tier::Episodic, occurred_at, speaker.as_deref(), &text),
            content: text,
            predicate: None,
            space_id: row.take(1)?,
            person_id: row.take(2)?,
            speaker,
            role: role.and_then(|role| role.parse::<SpeakerRole>().ok()),
            confidence: None,
            seq,
            occurred_at,
            derivation: None,
            sources: vec![seq],
        });
    }
    memories.sort_by_key(|memory| memory.seq);
    Ok(Some((voice, memories)))
}

/// Stretches that follow on one another, as one.
fn together(mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    stretches.sort_by_key(|stretch| stretch.first);
    let mut joined: Vec<Stretch> = Vec::new();
    for stretch in stretches {
        match joined.last_mut() {
            Some(before) if before.last.saturating_add(1) >= stretch.first => {
                before.last = before.last.max(stretch.last);
            }
            _ => joined.push(stretch),
        }
    }
    joined
}

/// Leaves out what was forgotten, or lost its grant, between the reading and this transaction.
async fn still_there(tx: &mut Tx, agent: Scoped, memories: Vec<NewMemory>) -> Result<Vec<NewMemory>> {
    let sources: Vec<i64> = memories.iter().map(|memory| memory.seq).collect();
    let kept = super::erase::remembered_seqs(tx, agent, &sources).await?;
    Ok(memories.into_iter().filter(|memory| kept.contains(&memory.seq)).collect())
}
