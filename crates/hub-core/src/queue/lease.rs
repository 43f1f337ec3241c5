//! Enqueue, claim, finish, give back.

use super::{Due, delay};
use crate::clock::Timestamp;
use crate::context::{Scoped, scoped_by_hub};
use crate::ids::AgentId;
use crate::store::{BulkInsert, ListStatement, Row, Tx, Value, across, declare};
use crate::{Error, Result};
use std::collections::HashMap;
use std::time::Duration;
use uuid::Uuid;

/// The stages that recall, planning and acting need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Queue {
    /// Talk to be made recallable; the key is where it stands in the log.
    Index,
    /// A space whose talk is to be cut into windows; the key is the space.
    Window,
    /// A window to be planned; the key is the window.
    Plan,
    /// An approved action to be run; the key is the action.
    Tools,
}

impl Queue {
    pub(crate) const ALL: [Self; 4] = [Self::Index, Self::Window, Self::Plan, Self::Tools];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Window => "window",
            Self::Plan => "plan",
            Self::Tools => "tools",
        }
    }
}

/// A job that a worker holds until `leased_until`.
#[derive(Debug, Clone)]
pub(crate) struct Lease {
    pub(crate) job_id: i64,
    pub(crate) agent: Scoped,
    pub(crate) key: Uuid,
    pub(crate) fence: i64,
    /// Attempts begun, this one included.
    pub(crate) attempts: i64,
}

impl Lease {
    /// From the columns job, agent, key, fence, attempts.
    pub(crate) fn read(row: &mut Row) -> Result<Self> {
        Ok(Self {
            job_id: row.take(0)?,
            agent: scoped_by_hub(AgentId(row.take(1)?)),
            key: row.take(2)?,
            fence: row.take(3)?,
            attempts: row.take(4)?,
        })
    }
}

/// A job that is there already stays as it is; that of a window, whose talk goes on, is due then.
pub(crate) const ENQUEUE: BulkInsert = BulkInsert {
    into: "queue (queue, agent_id, key, state, available_at, enqueued_at, fence)",
    types: "tbbtiii",
    tail: "ON CONFLICT (queue, agent_id, key) DO UPDATE SET available_at = excluded.available_at \
           WHERE queue.queue = 'window' AND queue.state = 'ready'",
};

// A job is found by its number. An index of all leased jobs, or of all ready ones, may look as short to
// the database and be as long as what was finished since its oldest transaction began: `state || ''` fits
// none of them.
declare! {
    FINISH = "DELETE FROM queue WHERE job_id = $1 AND state || '' = 'leased' AND fence = $2 RETURNING job_id";
    REST = "UPDATE queue SET state = 'ready', leased_until = NULL, worker = NULL, available_at = $3, reason = $4 \
            WHERE job_id = $1 AND state || '' = 'leased' AND fence = $2 RETURNING job_id";
    HOLD = "UPDATE queue SET fence = fence WHERE job_id = $1 AND state || '' = 'leased' AND fence = $2 RETURNING job_id";
    WAIT = "UPDATE queue SET state = 'ready', leased_until = NULL, worker = NULL, available_at = $3, reason = $4, \
            attempts = attempts - 1 \
            WHERE job_id = $1 AND state || '' = 'leased' AND fence = $2 RETURNING job_id";
    BURY = "UPDATE queue SET state = 'dead', leased_until = NULL, worker = NULL, dead_letter_id = $3, reason = $4 \
            WHERE job_id = $1 AND state || '' = 'leased' AND fence = $2 RETURNING job_id";
    RELEASE = "UPDATE queue SET state = 'ready', leased_until = NULL, worker = NULL, available_at = $3 \
               WHERE job_id = $1 AND state || '' = 'leased' AND fence = $2 RETURNING job_id";
}

/// Work to be added.
pub(crate) struct Job {
    pub(crate) agent: Scoped,
    pub(crate) queue: Queue,
    pub(crate) key: Uuid,
    /// When it may be claimed.
    pub(crate) at: Timestamp,
}

/// Adds jobs that may be claimed at once.
pub(crate) fn enqueue(tx: &mut Tx, agent: Scoped, jobs: Vec<(Queue, Uuid)>) {
    let at = tx.now();
    enqueue_all(tx, jobs.into_iter().map(|(queue, key)| Job { agent, queue, key, at }));
}

/// Adds jobs of several agents.
pub(crate) fn enqueue_all(tx: &mut Tx, jobs: impl Iterator<Item = Job>) {
    let now = tx.now();
    let mut rows = Vec::new();
    for Job { agent, queue, key, at } in jobs {
        if at <= now {
            tx.ring(queue);
        }
        rows.push(row(queue, agent, key, at, now));
    }
    tx.bulk(&ENQUEUE, rows);
}

fn row(queue: Queue, agent: Scoped, key: Uuid, at: Timestamp, now: Timestamp) -> Vec<Value> {
    let mut row = vec![queue.as_str().into(), agent.agent_id().into(), key.into(), "ready".into()];
    // SQLite gives the number of a deleted row to a new one. Fences begin at the time, so that none of
    // the new job is one that the old one had.
    row.extend([at.into(), now.into(), now.into()]);
    row
}

/// Leases up to `limit` of the jobs that a look found, oldest first, across agents: each lease names
/// its own. Jobs whose worker did not come back in time are claimable again before.
pub(crate) async fn claim(
    tx: &mut Tx,
    due: Due,
    limit: usize,
    lease: Duration,
    worker: &str,
) -> Result<Vec<Lease>> {
    let now = tx.now();
    let queue = due.queue.as_str();
    if let Some(since) = due.expired {
        let parameters = vec![queue.into(), now.into(), since.into()];
        tx.run(&across::RELEASE_EXPIRED.of(tx.dialect()), parameters);
    }
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut parameters = vec![queue.into(), due.until(now).into(), limit.into(), now.after(lease).into()];
    parameters.extend([worker.into(), due.from().into()]);
    let mut leases = tx
        .across(across::CLAIM, parameters)
        .await?
        .iter_mut()
        .map(Lease::read)
        .collect::<Result<Vec<_>>>()?;
    leases.sort_by_key(|lease| lease.job_id);
    Ok(leases)
}

/// Leases these jobs, which a look found, where they are still ready.
pub(crate) async fn claim_these(
    tx: &mut Tx,
    due: Due,
    jobs: &[i64],
    lease: Duration,
    worker: &str,
) -> Result<Vec<Lease>> {
    let jobs: Vec<Value> = jobs.iter().map(|job| (*job).into()).collect();
    let before = [tx.now().after(lease).into(), worker.into(), due.until(tx.now()).into()];
    tx.rows_of_list(CLAIM_THESE, &before, &jobs).await?.iter_mut().map(Lease::read).collect()
}

/// Makes a job claimable again that this lease held. It is due from now on: who looks begins where
/// nothing older waits.
pub(crate) async fn release(tx: &mut Tx, lease: &Lease) -> Result<()> {
    let now = tx.now();
    held(tx.row(&RELEASE, vec![lease.job_id.into(), lease.fence.into(), now.into()]).await?.is_some())
}

/// Ends a job in the transaction of what it wrote. When the lease was lost nothing is written:
/// the error undoes the transaction.
pub(crate) async fn finish(tx: &mut Tx, lease: &Lease) -> Result<()> {
    held(tx.row(&FINISH, vec![lease.job_id.into(), lease.fence.into()]).await?.is_some())
}

const FINISH_ALL: ListStatement = ListStatement {
    sql: "DELETE FROM queue WHERE state || '' = 'leased' AND job_id IN ({}) RETURNING job_id, fence",
    before: 0,
};
const CLAIM_THESE: ListStatement = ListStatement {
    sql: "UPDATE queue SET state = 'leased', leased_until = $1, worker = $2, fence = fence + 1, \
          attempts = attempts + 1 WHERE available_at <= $3 AND state || '' = 'ready' AND job_id IN ({}) \
          RETURNING job_id, agent_id, key, fence, attempts",
    before: 3,
};
pub(crate) const LISTS: &[(&str, ListStatement)] =
    &[("FINISH_ALL", FINISH_ALL), ("CLAIM_THESE", CLAIM_THESE)];

/// Ends many jobs at once; one lost lease loses them all.
pub(crate) async fn finish_all(tx: &mut Tx, leases: &[Lease]) -> Result<()> {
    let jobs: Vec<Value> = leases.iter().map(|lease| lease.job_id.into()).collect();
    let fences: HashMap<i64, i64> = leases.iter().map(|lease| (lease.job_id, lease.fence)).collect();
    let ended = tx.rows_of_list(FINISH_ALL, &[], &jobs).await?;
    let mut all = ended.len() == leases.len();
    for mut row in ended {
        let (job, fence): (i64, i64) = (row.take(0)?, row.take(1)?);
        all &= fences.get(&job) == Some(&fence);
    }
    held(all)
}

/// Makes sure, until the transaction ends, that the job is held: for what is written before it is done.
pub(crate) async fn hold(tx: &mut Tx, lease: &Lease) -> Result<()> {
    held(tx.row(&HOLD, vec![lease.job_id.into(), lease.fence.into()]).await?.is_some())
}

/// The longest rest that somebody outside may ask for.
const LONGEST_HINT: Duration = Duration::from_secs(24 * 60 * 60);

/// Lets a job wait as long as the error says, without an attempt being counted.
pub(crate) async fn rest(tx: &mut Tx, lease: &Lease, problem: &Error) -> Result<()> {
    let at = tx.now().after(problem.retry_after().unwrap_or_default().min(LONGEST_HINT));
    let parameters = vec![lease.job_id.into(), lease.fence.into(), at.into(), reason(problem).into()];
    held(tx.row(&WAIT, parameters).await?.is_some())
}

/// What is kept of a problem beside its job.
fn reason(problem: &Error) -> String {
    format!("{}: {problem}", problem.code()).chars().take(500).collect()
}

/// Gives a job back after a failure: it rests, as long as the problem says if that is
/// longer, or after `max_attempts` becomes a dead letter.
/// Answers whether it did.
pub(crate) async fn give_back(
    tx: &mut Tx,
    lease: &Lease,
    max_attempts: i64,
    problem: &Error,
) -> Result<bool> {
    let reason = reason(problem);
    if lease.attempts >= max_attempts {
        let id = tx.new_id()?;
        let parameters = vec![lease.job_id.into(), lease.fence.into(), id.into(), reason.into()];
        held(tx.row(&BURY, parameters).await?.is_some())?;
        return Ok(true);
    }
    let hint = problem.retry_after().unwrap_or_default().min(LONGEST_HINT);
    let at = tx.now().after(delay(lease.attempts, tx.random()?).max(hint));
    let parameters = vec![lease.job_id.into(), lease.fence.into(), at.into(), reason.into()];
    held(tx.row(&REST, parameters).await?.is_some())?;
    Ok(false)
}

fn held(held: bool) -> Result<()> {
    if held {
        Ok(())
    } else {
        Err(Error::conflict("lease_lost", "the lease ended before the work did; another worker has the job"))
    }
}
