//! Cutting talk into windows. A window's bounds are committed before it is planned, and the next
//! one begins where the last ended, so each utterance is in exactly one.

use crate::Result;
use crate::clock::Timestamp;
use crate::context::{Scoped, scoped_by_hub};
use crate::ids::{AgentId, SpaceId};
use crate::queue::{self, Due, Job, Queue, too_far_ahead};
use crate::store::{BulkInsert, Tx, Value, across, declare};
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

impl Pace {
    /// How long talk waits at least.
    pub(crate) fn rest(self) -> Duration {
        self.pause.min(self.longest)
    }
}

impl Default for Pace {
    /// 1.5 s of silence, 40 utterances, or 60 s.
    fn default() -> Self {
        Self { pause: Duration::from_millis(1_500), utterances: 40, longest: Duration::from_secs(60) }
    }
}

/// How much talk waits, by space.
pub(crate) const NOTE: BulkInsert = BulkInsert {
    into: "talk (agent_id, space_id, cut_to_seq, pending, pending_since, last_at)",
    types: "bbiiii",
    tail: "ON CONFLICT (agent_id, space_id) DO UPDATE SET pending = excluded.pending, \
           pending_since = excluded.pending_since, last_at = excluded.last_at",
};

declare! {
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

/// Talk of a space that waits to be cut.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waiting {
    /// Utterances of people.
    pub(crate) utterances: i64,
    /// When the first of them came in.
    pub(crate) since: Timestamp,
}

impl Waiting {
    /// With more of them.
    fn and(self, utterances: i64, now: Timestamp) -> Self {
        let since = if self.utterances == 0 { now } else { self.since };
        Self { utterances: self.utterances.saturating_add(utterances), since }
    }

    /// When it is to be looked at, now that there is `more`: at once when a window has become full, and
    /// where none waited after the pause. Else somebody looks already, who finds out whether there was
    /// a pause.
    fn due(self, more: Self, now: Timestamp, pace: Pace) -> Option<Timestamp> {
        let full = |waiting: Self| waiting.utterances >= pace.utterances;
        if full(more) && !full(self) {
            return Some(now);
        }
        (self.utterances == 0).then(|| now.after(pace.rest()))
    }
}

/// Talk that came in: whose, where, what waited before, and how many utterances more.
pub(crate) type Said = (Scoped, SpaceId, Waiting, i64);

/// Notes what waits now, in the transaction that stores it, and answers the jobs that cut it.
pub(crate) fn note_talk(tx: &mut Tx, talk: &[Said], pace: Pace) -> Vec<Job> {
    let now = tx.now();
    let (mut rows, mut jobs) = (Vec::with_capacity(talk.len()), Vec::new());
    for (agent, space, before, utterances) in talk {
        let after = before.and(*utterances, now);
        let mut row = vec![agent.agent_id().into(), (*space).into(), 0_i64.into()];
        row.extend([after.utterances.into(), after.since.into(), now.into()]);
        rows.push(row);
        let due = before.due(after, now, pace);
        jobs.extend(due.map(|at| Job { agent: *agent, queue: Queue::Window, key: space.0, at }));
    }
    tx.bulk(&NOTE, rows);
    jobs
}

fn arm(tx: &mut Tx, agent: Scoped, space: SpaceId, at: Timestamp) {
    queue::enqueue_all(tx, [Job { agent, queue: Queue::Window, key: space.0, at }].into_iter());
}

/// Up to `most` spaces whose talk a look found due to be cut.
pub(crate) async fn due(tx: &mut Tx, due: Due, most: i64) -> Result<Vec<(Scoped, SpaceId)>> {
    let parameters = vec![due.until(tx.now()).into(), most.into(), due.from().into()];
    let rows = tx.across(across::WINDOWS_DUE, parameters).await?;
    rows.into_iter().map(|mut row| Ok((scoped_by_hub(AgentId(row.take(0)?)), row.take(1)?))).collect()
}

/// Cuts the talk of spaces whose time has come. Answers how many windows it made.
pub(crate) async fn cut_due(tx: &mut Tx, due: Vec<(Scoped, SpaceId)>, pace: Pace) -> Result<usize> {
    let mut cut = 0;
    for (agent, space) in due {
        cut += cut_space(tx, agent, space, pace).await?;
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
    // Talk that is dated far ahead was said before the clock was set back.
    let rest_is_due = rest_due <= now || rest_due > too_far_ahead(now, pace.rest());
    let mut jobs = Vec::new();
    let mut taken = 0;
    for window in seqs.chunks(size).filter(|window| window.len() == size || rest_is_due) {
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
