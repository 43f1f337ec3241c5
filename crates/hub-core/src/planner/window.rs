//! Cutting talk into windows. A window's bounds are committed before it is planned, and the next
//! one begins where the last ended, so each utterance is in exactly one.

use crate::Result;
use crate::clock::Timestamp;
use crate::context::{Scoped, scoped_by_hub};
use crate::ids::{AgentId, SpaceId};
use crate::queue::{self, Queue};
use crate::store::{Tx, Value, declare};
use std::time::Duration;

/// When a stretch of talk is long enough to be planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Silence after which what was said is planned.
    pub pause: Duration,
    /// Utterances after which a window is full.
    pub utterances: i64,
    /// Time since the first utterance after which a window is closed, silence or not.
    pub longest: Duration,
}

impl Default for Pace {
    /// 1.5 s of silence, 40 utterances, or 60 s.
    fn default() -> Self {
        Self { pause: Duration::from_millis(1_500), utterances: 40, longest: Duration::from_secs(60) }
    }
}

declare! {
    NOTE = "INSERT INTO talk (agent_id, space_id, cut_to_seq, pending, pending_since, last_at) \
            VALUES ($1, $2, 0, $3, $4, $4) \
            ON CONFLICT (agent_id, space_id) DO UPDATE SET pending = talk.pending + excluded.pending, \
            pending_since = CASE WHEN talk.pending = 0 THEN excluded.pending_since ELSE talk.pending_since END, \
            last_at = excluded.last_at";
    // Due now when the window is full, else after the pause, or the longest time after the first.
    ARM_NOTED = "INSERT INTO queue (queue, agent_id, key, state, available_at, enqueued_at) \
                 SELECT 'window', agent_id, space_id, 'ready', CASE WHEN pending >= $3 THEN $4 \
                 WHEN pending_since + $6 < $5 THEN pending_since + $6 ELSE $5 END, $4 \
                 FROM talk WHERE agent_id = $1 AND space_id = $2 \
                 ON CONFLICT (queue, agent_id, key) DO UPDATE SET available_at = excluded.available_at \
                 WHERE queue.state = 'ready'";
    ARM = "INSERT INTO queue (queue, agent_id, key, state, available_at, enqueued_at) \
           VALUES ('window', $1, $2, 'ready', $3, $4) \
           ON CONFLICT (queue, agent_id, key) DO UPDATE SET available_at = excluded.available_at \
           WHERE queue.state = 'ready'";
    DUE = "SELECT agent_id, key FROM queue WHERE queue = 'window' AND state = 'ready' AND available_at <= $1 \
           ORDER BY available_at, job_id LIMIT $2";
    DISARM = "DELETE FROM queue WHERE queue = 'window' AND agent_id = $1 AND key = $2";
    TALK = "SELECT cut_to_seq, pending, pending_since, last_at FROM talk WHERE agent_id = $1 AND space_id = $2";
    SAID = "SELECT seq FROM events WHERE agent_id = $1 AND space_id = $2 AND seq > $3 AND role = 'user' \
            AND type IN ('transcript_chunk', 'chat_message') ORDER BY seq LIMIT $4";
    CUT = "INSERT INTO windows (agent_id, window_id, space_id, after_seq, to_seq, state, cut_at) \
           VALUES ($1, $2, $3, $4, $5, 'cut', $6)";
    ADVANCE = "UPDATE talk SET cut_to_seq = $3, pending = $4, pending_since = $5 WHERE agent_id = $1 AND space_id = $2";
}

/// Windows that one transaction cuts of one space at most.
const WINDOWS_AT_ONCE: i64 = 50;

/// Counts utterances of people, in the transaction that stores them, and sets when they are cut.
pub(crate) fn note_talk(tx: &mut Tx, agent: Scoped, space: SpaceId, utterances: i64, pace: Pace) {
    let now = tx.now();
    let own = [agent.agent_id().into(), space.into()];
    let mut note = own.to_vec();
    note.extend([utterances.into(), now.into()]);
    tx.run(&NOTE, note);
    let mut arm = own.to_vec();
    let longest = i64::try_from(pace.longest.as_micros()).unwrap_or(i64::MAX);
    arm.extend([pace.utterances.into(), now.into(), now.after(pace.pause).into(), longest.into()]);
    tx.run(&ARM_NOTED, arm);
}

fn arm(tx: &mut Tx, agent: Scoped, space: SpaceId, at: Timestamp) {
    let now = tx.now();
    tx.run(&ARM, vec![agent.agent_id().into(), space.into(), at.into(), now.into()]);
}

/// Whether any talk is due to be cut. A read, so that looking costs no commit.
pub(crate) async fn any_due(tx: &mut Tx) -> Result<bool> {
    queue::any_due(tx, Queue::Window).await
}

/// Cuts the talk of up to `spaces` spaces whose time has come. Answers how many windows it made.
pub(crate) async fn cut_due(tx: &mut Tx, spaces: i64, pace: Pace) -> Result<usize> {
    let now = tx.now();
    let mut cut = 0;
    for mut row in tx.rows(&DUE, vec![now.into(), spaces.into()]).await? {
        let agent = scoped_by_hub(AgentId(row.take(0)?));
        cut += cut_space(tx, agent, row.take(1)?, pace).await?;
    }
    Ok(cut)
}

/// Cuts what is due of one space: every full window, and what is left when the talk has paused or
/// has waited long enough.
async fn cut_space(tx: &mut Tx, agent: Scoped, space: SpaceId, pace: Pace) -> Result<usize> {
    let own = vec![agent.agent_id().into(), space.into()];
    tx.run(&DISARM, own.clone());
    let Some(mut talk) = tx.row(&TALK, own.clone()).await? else { return Ok(0) };
    let (mut after, pending): (i64, i64) = (talk.take(0)?, talk.take(1)?);
    let (since, last): (Timestamp, Timestamp) = (talk.take(2)?, talk.take(3)?);
    let rest_due = last.after(pace.pause).min(since.after(pace.longest));
    let size = usize::try_from(pace.utterances.max(1)).unwrap_or(usize::MAX);
    let seqs = said(tx, &own, after, pace.utterances.saturating_mul(WINDOWS_AT_ONCE)).await?;
    let now = tx.now();
    let mut jobs = Vec::new();
    let mut taken = 0;
    for window in seqs.chunks(size).filter(|window| window.len() == size || rest_due <= now) {
        let Some(to) = window.last().copied() else { continue };
        let id = tx.new_id()?;
        let mut parameters = vec![agent.agent_id().into(), id.into(), space.into()];
        parameters.extend([after.into(), to.into(), now.into()]);
        tx.run(&CUT, parameters);
        jobs.push((Queue::Plan, id));
        taken += window.len();
        after = to;
    }
    let made = jobs.len();
    queue::enqueue(tx, agent, jobs);
    let left = pending.saturating_sub(i64::try_from(taken).unwrap_or(i64::MAX)).max(0);
    let all = taken == seqs.len() && made < usize::try_from(WINDOWS_AT_ONCE).unwrap_or(usize::MAX);
    let mut advance = own;
    advance.extend([after.into(), (if all { 0 } else { left }).into(), since.into()]);
    tx.run(&ADVANCE, advance);
    if !all {
        arm(tx, agent, space, rest_due.max(now));
    }
    Ok(made)
}

async fn said(tx: &mut Tx, own: &[Value], after: i64, most: i64) -> Result<Vec<i64>> {
    let mut parameters = own.to_vec();
    parameters.extend([after.into(), most.into()]);
    tx.rows(&SAID, parameters).await?.into_iter().map(|mut row| row.take(0)).collect()
}
