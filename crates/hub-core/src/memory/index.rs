//! The index stage: every utterance becomes an episodic memory. Needs no model.

use super::record::{NewMemory, Voice, terms, write};
use crate::context::Scoped;
use crate::hub::Inner;
use crate::queue::{Lease, Queue, any_due, claim, finish_all, release_expired};
use crate::store::{ListStatement, Tx, Value, boxed};
use crate::{Result, clock::Timestamp};
use hub_protocol::vocabulary::{SpeakerRole, Tier};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Utterances that one step indexes.
const AT_ONCE: usize = 512;

const EVENTS: ListStatement = ListStatement {
    sql: "SELECT event_id, seq, space_id, person_id, role, occurred_at, payload FROM events \
          WHERE agent_id = $1 AND seq IN ({})",
    before: 1,
};
pub(crate) const LISTS: &[(&str, ListStatement)] = &[("EVENTS", EVENTS)];

/// Indexes what waits. Answers whether there was anything.
pub(crate) async fn step(hub: &Arc<Inner>) -> Result<bool> {
    let lease = hub.settings.lease();
    if !hub.store.read(|tx| boxed(any_due(tx, Queue::Index))).await? {
        return Ok(false);
    }
    let leases = hub
        .store
        .write(move |tx| {
            boxed(async move {
                release_expired(tx, Queue::Index).await?;
                claim(tx, Queue::Index, AT_ONCE, lease, "index").await
            })
        })
        .await?;
    if leases.is_empty() {
        return Ok(false);
    }
    let mut of_agent: BTreeMap<Scoped, Vec<Lease>> = BTreeMap::new();
    for lease in leases {
        of_agent.entry(lease.agent).or_default().push(lease);
    }
    for (agent, leases) in of_agent {
        index(hub, agent, leases).await?;
    }
    Ok(true)
}

async fn index(hub: &Arc<Inner>, agent: Scoped, leases: Vec<Lease>) -> Result<()> {
    let keys: Vec<Value> = leases.iter().map(|lease| seq(lease.key).into()).collect();
    let read = hub.store.read(move |tx| boxed(read(tx, agent, keys))).await?;
    let Some((voice, memories)) = read else { return Ok(()) };
    hub.store
        .write(move |tx| {
            boxed(async move {
                // The fence is asked first: a worker that lost its lease writes nothing.
                finish_all(tx, &leases).await?;
                let memories = still_there(tx, agent, memories).await?;
                write(tx, agent, &voice, memories).await.map(|_| ())
            })
        })
        .await
}

async fn read(tx: &mut Tx, agent: Scoped, keys: Vec<Value>) -> Result<Option<(Voice, Vec<NewMemory>)>> {
    let Some(voice) = Voice::of(tx, agent).await? else { return Ok(None) };
    let analyzer = voice.analyzer();
    let mut memories = Vec::with_capacity(keys.len());
    for mut row in tx.rows_of_list(EVENTS, &[agent.agent_id().into()], &keys).await? {
        let event_id = row.take(0)?;
        // A forgotten event has no payload; its job ends without a memory.
        let Some(payload) = row.take::<Option<String>>(6)? else { continue };
        let payload: serde_json::Value = serde_json::from_str(&payload).map_err(crate::Error::internal)?;
        let text = payload.get("text").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let speaker = payload.get("speaker").and_then(serde_json::Value::as_str).map(str::to_owned);
        let role: Option<String> = row.take(4)?;
        let occurred_at: Timestamp = row.take(5)?;
        memories.push(NewMemory {
            tier: Tier::Episodic,
            terms: terms(&analyzer, Tier::Episodic, occurred_at, speaker.as_deref(), &text),
            content: text,
            predicate: None,
            space_id: row.take(2)?,
            person_id: row.take(3)?,
            speaker,
            role: role.and_then(|role| role.parse::<SpeakerRole>().ok()),
            confidence: None,
            seq: row.take(1)?,
            occurred_at,
            derivation: derivation(event_id),
            sources: vec![event_id],
        });
    }
    memories.sort_by_key(|memory| memory.seq);
    Ok(Some((voice, memories)))
}

/// Leaves out what was forgotten, or lost its grant, between the reading and this transaction.
async fn still_there(tx: &mut Tx, agent: Scoped, memories: Vec<NewMemory>) -> Result<Vec<NewMemory>> {
    let sources: Vec<crate::ids::EventId> =
        memories.iter().flat_map(|memory| memory.sources.iter().copied()).collect();
    let kept = super::erase::remembered(tx, agent, &sources).await?;
    Ok(memories.into_iter().filter(|memory| memory.sources.iter().all(|id| kept.contains(id))).collect())
}

/// The key of an utterance's job: its event's sequence number, so that keys grow as jobs come.
pub(crate) fn key(seq: i64) -> uuid::Uuid {
    uuid::Uuid::from_u128(u128::from(seq.unsigned_abs()))
}

fn seq(key: uuid::Uuid) -> i64 {
    i64::try_from(key.as_u128()).unwrap_or(i64::MAX)
}

/// The one episodic memory of an event.
fn derivation(event_id: crate::ids::EventId) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"episode");
    hash.update(event_id.0.as_bytes());
    hash.finalize().into()
}
