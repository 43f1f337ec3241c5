//! Blobs that nothing refers to: left by a process that died between a blob and its row, or between the
//! end of a row and that of its blob.

use super::rows;
use crate::Result;
use crate::audit::Digest;
use crate::clock::Timestamp;
use crate::context::{Scoped, scoped_by_hub};
use crate::hub::Inner;
use crate::ids::AgentId;
use crate::store::{Executor, Intent, Reach, boxed};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use uuid::Uuid;

/// How often everything is looked through; the first time when the hub starts.
const EVERY: Duration = Duration::from_secs(3_600);
/// Blobs that are asked about at once.
const AT_ONCE: usize = 512;

/// Sweeps when it is time to.
pub(crate) async fn when_due(hub: &Arc<Inner>) -> Result<()> {
    let (now, last) = (hub.now(), Timestamp(hub.swept_at.load(Ordering::Relaxed)));
    if now.since(last) < EVERY {
        return Ok(());
    }
    hub.swept_at.store(now.0, Ordering::Relaxed);
    if let Err(error) = sweep(hub).await {
        tracing::warn!(code = error.code(), %error, "blobs that nothing refers to were not looked for");
    }
    Ok(())
}

/// Removes what uploads left that nobody continues, and blobs without an artifact.
async fn sweep(hub: &Arc<Inner>) -> Result<()> {
    let unfinished = hub.blobs.remove_unfinished().await?;
    let mut orphans = 0;
    for agent_id in hub.blobs.agents().await? {
        let agent = scoped_by_hub(agent_id);
        // Blobs of an agent that this database never had belong to somebody else.
        let home = hub.store.read(agent, move |tx| boxed(rows::home(tx, agent))).await?;
        if home.is_none() || home != Some(hub.blobs.home(hub.store.new_id(hub.now())?).await?) {
            continue;
        }
        for part in hub.blobs.digests(agent_id).await?.chunks(AT_ONCE) {
            orphans += let_go_of_orphans(hub, agent, part.to_vec()).await?;
        }
    }
    if unfinished + orphans > 0 {
        tracing::info!(unfinished, orphans, "blobs that nothing refers to were removed");
    }
    Ok(())
}

/// What has no artifact now may get one before it is removed: the writer looks again, with the agent's
/// turn in its hands.
async fn let_go_of_orphans(hub: &Arc<Inner>, agent: Scoped, blobs: Vec<Digest>) -> Result<usize> {
    let asked = blobs.clone();
    let kept = hub
        .store
        .read(agent, move |tx| boxed(async move { rows::of_blobs(tx, agent, &asked).await }))
        .await?;
    let orphans: Vec<Digest> = blobs.into_iter().filter(|blob| !kept.contains(blob)).collect();
    let count = orphans.len();
    if count > 0 {
        let let_go = hub.store.write(agent, move |tx| {
            orphans.iter().for_each(|blob| tx.let_go(agent, *blob));
            boxed(async { Ok(()) })
        });
        let_go.await?;
    }
    Ok(count)
}

/// The stores in which the agents of a database have their blobs, by the names that those gave
/// themselves. Hubs on one database need one.
///
/// # Errors
/// `unavailable` when the database cannot be asked, or has no schema that knows of artifacts.
pub async fn homes(executor: &dyn Executor) -> Result<BTreeSet<Uuid>> {
    let mut tx = executor.begin(Intent::Read, &Reach::nobody()).await?;
    let agents = tx.query(&executor.dialect().log_agents(), vec![]).await?;
    tx.rollback().await?;
    let mut homes = BTreeSet::new();
    for mut row in agents {
        let agent = AgentId(row.take(0)?);
        let mut tx = executor.begin(Intent::Read, &Reach::of([agent])).await?;
        for mut row in tx.query(&rows::HOME, vec![agent.into()]).await? {
            homes.insert(row.take(0)?);
        }
        tx.rollback().await?;
    }
    Ok(homes)
}
