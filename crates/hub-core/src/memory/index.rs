//! The index stage: every utterance becomes an episodic memory. Needs no model.
//!
//! What an agent's log holds of talk, from a place on, is one job, however many commits it came in: whoever
//! stores talk adds none while such a job waits. It is done in passes. What a pass fails at becomes a job
//! with an end, which is halved until the event is found that cannot be indexed.

use super::record::{NewMemory, Voice, terms, write};
use crate::audit::EntryDraft;
use crate::clock::Timestamp;
use crate::context::{Context, Scoped};
use crate::hub::{Found, Inner};
use crate::panics::caught;
use crate::queue::{Lease, Queue, claim, enqueue, finish, finish_all, give_back, look};
use crate::store::{Reach, Tx, Value, boxed, declare};
use crate::{Error, Result};
use hub_protocol::vocabulary::{ErrorKind, SpeakerRole, Tier};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// Events that a job with an end covers at most.
const EVENTS_PER_JOB: i64 = 128;
/// Jobs that one step leases: each may be a whole pass, and the last of them is to be done within its lease.
const JOBS_AT_ONCE: usize = 16;
/// Workers that may die over a job before it is the job's fault. A hub that is killed again and
/// again leases the same jobs each time and may not come to the last of them for long; they must not
/// be given up for that.
const DEATHS: i64 = 200;
/// Events that one transaction indexes, give or take a job: what waits behind it waits that long.
const EVENTS_AT_ONCE: i64 = 512;
/// No key of a job is smaller that has no end.
pub(crate) const WITHOUT_END: Uuid = Uuid::from_u64_pair(u64::MAX, 0);

declare! {
    EVENTS = "SELECT seq, space_id, person_id, role, occurred_at, payload FROM events \
              WHERE agent_id = $1 AND seq >= $2 AND seq <= $3 AND forgotten_at IS NULL \
              AND type IN ('transcript_chunk', 'chat_message') ORDER BY seq LIMIT $4";
    NEXT = "SELECT seq FROM events WHERE agent_id = $1 AND seq > $2 AND forgotten_at IS NULL \
            AND type IN ('transcript_chunk', 'chat_message') ORDER BY seq LIMIT 1";
    LAST = "SELECT seq FROM events WHERE agent_id = $1 AND seq >= $2 AND seq <= $3 ORDER BY seq DESC LIMIT 1";
    WAITS = "SELECT key FROM queue WHERE queue = 'index' AND agent_id = $1 AND key >= $2 AND state || '' = 'ready' \
             ORDER BY key DESC LIMIT 1";
}

/// The events of one job: those of the agent with first <= seq <= last that are talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    first: i64,
    /// None is the end of the log, wherever that is by then.
    last: Option<i64>,
}

impl Stretch {
    /// All talk from here on.
    pub(crate) fn since(first: i64) -> Self {
        Self { first, last: None }
    }

    fn between(first: i64, last: i64) -> Self {
        Self { first, last: Some(last) }
    }

    pub(crate) fn job(self) -> (Queue, Uuid) {
        (Queue::Index, self.key())
    }

    /// Both ends, eight bytes each: keys grow as jobs come. Those without an end stand behind all others.
    fn key(self) -> Uuid {
        let first = self.first.unsigned_abs();
        match self.last {
            Some(last) => Uuid::from_u64_pair(first, last.unsigned_abs()),
            None => Uuid::from_u64_pair(u64::MAX, first),
        }
    }

    fn of(key: Uuid) -> Self {
        let bound = |seq| i64::try_from(seq).unwrap_or(i64::MAX);
        match key.as_u64_pair() {
            (u64::MAX, first) => Self::since(bound(first)),
            (first, last) => Self::between(bound(first), bound(last)),
        }
    }

    /// The last event that it may have.
    fn end(self) -> i64 {
        self.last.unwrap_or(i64::MAX)
    }

    fn length(self) -> i64 {
        self.end().saturating_sub(self.first).saturating_add(1)
    }

    /// Two halves, unless it is a single event.
    fn halves(self) -> Option<[Self; 2]> {
        let last = self.last?;
        let middle = self.first + (last - self.first) / 2;
        (self.first < last).then(|| [Self::between(self.first, middle), Self::between(middle + 1, last)])
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
    let mut found = match leases.len() {
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
                Ok(Pass::Full) => found = Found::Plenty,
                Ok(Pass::Whole) => {}
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
        let length = Stretch::of(lease.key).length().min(EVENTS_AT_ONCE);
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
            Ok(_) => {}
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
                let stretch = Stretch::of(lease.key);
                if let Some(parts) = parts(tx, lease.agent, stretch).await? {
                    finish(tx, &lease).await?;
                    enqueue(tx, lease.agent, parts.into_iter().map(Stretch::job).collect());
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

/// The smaller jobs that one becomes which failed, unless it is a single event.
async fn parts(tx: &mut Tx, agent: Scoped, stretch: Stretch) -> Result<Option<Vec<Stretch>>> {
    if stretch.last.is_some() {
        return Ok(stretch.halves().map(Vec::from));
    }
    let to = stretch.first.saturating_add(EVENTS_PER_JOB - 1);
    let there = vec![agent.agent_id().into(), stretch.first.into(), to.into()];
    let last = tx.row(&LAST, there).await?.map(|mut row| row.take(0)).transpose()?;
    let first = last.map(|last| Stretch::between(stretch.first, last));
    Ok(Some(first.into_iter().chain(rest(tx, agent, to).await?).collect()))
}

/// The job for talk behind an event, if there is any and none waits for it. Asked in the agent's turn:
/// talk that is stored later finds that no job waits.
async fn rest(tx: &mut Tx, agent: Scoped, behind: i64) -> Result<Option<Stretch>> {
    let own: Value = agent.agent_id().into();
    let Some(mut next) = tx.row(&NEXT, vec![own.clone(), behind.into()]).await? else { return Ok(None) };
    let next = Stretch::since(next.take(0)?);
    let waits = tx.row(&WAITS, vec![own, WITHOUT_END.into()]).await?;
    let waits: Option<Uuid> = waits.map(|mut row| row.take(0)).transpose()?;
    Ok(waits.is_none_or(|key| Stretch::of(key).first > next.first).then_some(next))
}

/// What a pass came to.
enum Pass {
    /// All that there was.
    Whole,
    /// As much as one takes: more may wait.
    Full,
}

async fn index(hub: &Arc<Inner>, agent: Scoped, leases: Vec<Lease>) -> Result<Pass> {
    if leases.iter().any(|lease| lease.attempts > DEATHS) {
        // Every attempt was begun and none ended.
        return Err(Error::internal(WorkerDied));
    }
    let stretches: Vec<Stretch> = leases.iter().map(|lease| Stretch::of(lease.key)).collect();
    // A job without an end stands in a group of its own.
    let endless = stretches.iter().find(|stretch| stretch.last.is_none()).copied();
    let read = caught(hub.store.read(agent, move |tx| boxed(read(tx, agent, stretches)))).await?;
    let Some((voice, memories)) = read else { return Ok(Pass::Whole) };
    let is_full = i64::try_from(memories.len()).is_ok_and(|length| length >= EVENTS_AT_ONCE);
    let reached = endless.map(|stretch| memories.last().map_or(stretch.first - 1, |memory| memory.seq));
    hub.store
        .write(agent, move |tx| {
            boxed(async move {
                // The fence is asked first: a worker that lost its lease writes nothing.
                finish_all(tx, &leases).await?;
                if let Some(reached) = reached {
                    let rest = rest(tx, agent, reached).await?;
                    enqueue(tx, agent, rest.into_iter().map(Stretch::job).collect());
                }
                let memories = still_there(tx, agent, memories).await?;
                write(tx, agent, &voice, memories).await.map(|_| ())
            })
        })
        .await?;
    Ok(if is_full { Pass::Full } else { Pass::Whole })
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
    for stretch in together(stretches) {
        let most = stretch.length().min(EVENTS_AT_ONCE);
        let bounds = [stretch.first, stretch.end(), most].map(Value::from);
        rows.extend(tx.rows(&EVENTS, [vec![agent.agent_id().into()], bounds.to_vec()].concat()).await?);
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
            Some(before) if before.end().saturating_add(1) >= stretch.first => {
                *before = Stretch::between(before.first, before.end().max(stretch.end()));
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

#[cfg(test)]
mod tests {
    use super::{Stretch, WITHOUT_END};

    #[test]
    fn a_key_tells_its_stretch_and_those_without_an_end_stand_behind_all_others() {
        for stretch in
            [Stretch::between(1, 1), Stretch::between(7, i64::MAX), Stretch::between(i64::MAX, i64::MAX)]
        {
            assert_eq!(Stretch::of(stretch.key()), stretch);
            assert!(stretch.key() < WITHOUT_END);
        }
        for (first, later) in [(1, 2), (255, 256), (i64::MAX - 1, i64::MAX)] {
            let (first, later) = (Stretch::since(first), Stretch::since(later));
            assert_eq!((Stretch::of(first.key()), Stretch::of(later.key())), (first, later));
            assert!(WITHOUT_END < first.key() && first.key() < later.key());
        }
    }

    #[test]
    fn halves_meet_and_a_single_event_has_none() {
        assert_eq!(Stretch::between(3, 3).halves(), None);
        assert_eq!(Stretch::since(3).halves(), None, "it has no middle");
        let halves = Stretch::between(3, 6).halves();
        assert_eq!(halves, Some([Stretch::between(3, 4), Stretch::between(5, 6)]));
    }
}
