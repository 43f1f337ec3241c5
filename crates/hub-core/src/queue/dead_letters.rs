//! Jobs that were given up, and trying them again.

use super::lease::Queue;
use crate::clock::Timestamp;
use crate::context::Scoped;
use crate::ids::DeadLetterId;
use crate::store::{Tx, declare};
use crate::{Error, Result};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A job that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Which.
    pub dead_letter_id: DeadLetterId,
    /// The stage: `index`, `window`, `plan` or `tools`.
    pub queue: String,
    /// What the job was about: the id of a space, window or action; in the queue `index` the sequence
    /// numbers of the first and last entry of a stretch of the log, eight bytes each.
    pub key: Uuid,
    /// Attempts that were made.
    pub attempts: i64,
    /// Why the last one failed.
    pub reason: String,
    /// When the job was enqueued.
    pub enqueued_at: Timestamp,
}

declare! {
    LIST = "SELECT dead_letter_id, queue, key, attempts, reason, enqueued_at FROM queue \
            WHERE agent_id = $1 AND state = 'dead' AND dead_letter_id > $2 ORDER BY dead_letter_id LIMIT $3";
    REPLAY = "UPDATE queue SET state = 'ready', attempts = 0, dead_letter_id = NULL, available_at = $3 \
              WHERE agent_id = $1 AND dead_letter_id = $2 AND state = 'dead' RETURNING queue, key";
    COUNTS = "SELECT queue, CASE WHEN state = 'ready' AND available_at > $2 THEN 'delayed' ELSE state END, count(*), \
              min(enqueued_at) FROM queue WHERE agent_id = $1 GROUP BY 1, 2";
}

/// How much waits in one queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// May be claimed now.
    pub ready: i64,
    /// Is being worked on.
    pub leased: i64,
    /// Rests until later.
    pub delayed: i64,
    /// Was given up.
    pub dead: i64,
}

pub(crate) async fn list(tx: &mut Tx, agent: Scoped, after: Uuid, limit: i64) -> Result<Vec<DeadLetter>> {
    let mut letters = Vec::new();
    for mut row in tx.rows(&LIST, vec![agent.agent_id().into(), after.into(), limit.into()]).await? {
        letters.push(DeadLetter {
            dead_letter_id: row.take(0)?,
            queue: row.take(1)?,
            key: row.take(2)?,
            attempts: row.take(3)?,
            reason: row.take::<Option<String>>(4)?.unwrap_or_default(),
            enqueued_at: row.take(5)?,
        });
    }
    Ok(letters)
}

pub(crate) async fn replay(tx: &mut Tx, agent: Scoped, id: DeadLetterId) -> Result<(String, Uuid)> {
    let now = tx.now();
    match tx.row(&REPLAY, vec![agent.agent_id().into(), id.into(), now.into()]).await? {
        Some(mut row) => {
            let queue: String = row.take(0)?;
            if let Some(waiting) = Queue::ALL.into_iter().find(|known| known.as_str() == queue) {
                tx.ring(waiting);
            }
            Ok((queue, row.take(1)?))
        }
        None => Err(Error::not_found("unknown_dead_letter", "no such dead letter")),
    }
}

pub(crate) async fn depths(tx: &mut Tx, agent: Scoped) -> Result<BTreeMap<String, Depth>> {
    let mut depths: BTreeMap<String, Depth> =
        Queue::ALL.into_iter().map(|queue| (queue.as_str().to_owned(), Depth::default())).collect();
    let now = tx.now();
    for mut row in tx.rows(&COUNTS, vec![agent.agent_id().into(), now.into()]).await? {
        let depth = depths.entry(row.take(0)?).or_default();
        let (state, count): (String, i64) = (row.take(1)?, row.take(2)?);
        match state.as_str() {
            "ready" => depth.ready = count,
            "leased" => depth.leased = count,
            "delayed" => depth.delayed = count,
            _ => depth.dead = count,
        }
    }
    Ok(depths)
}
