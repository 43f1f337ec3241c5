//! Actions that nobody decided about in time, or that were approved and not begun in time.

use crate::Result;
use crate::actions::lifecycle::Event;
use crate::actions::record::{Outcome, load, transition};
use crate::context::{Context, Scoped, scoped_by_hub};
use crate::ids::{ActionId, AgentId};
use crate::store::{Tx, across, declare};
use hub_protocol::vocabulary::ActionState;

/// Actions that one step expires.
const AT_ONCE: i64 = 100;

declare! {
    UNQUEUE = "DELETE FROM queue WHERE queue = 'tools' AND agent_id = $1 AND key = $2 AND state = 'ready'";
}

pub(super) async fn due(tx: &mut Tx) -> Result<Vec<(Scoped, ActionId)>> {
    let now = tx.now();
    let rows = tx.across(across::ACTIONS_DUE, vec![now.into(), AT_ONCE.into()]).await?;
    rows.into_iter().map(|mut row| Ok((scoped_by_hub(AgentId(row.take(0)?)), row.take(1)?))).collect()
}

pub(super) async fn expire(tx: &mut Tx, agent: Scoped, id: ActionId) -> Result<()> {
    let mut action = load(tx, agent, id).await?;
    let open = matches!(action.state, ActionState::AwaitingApproval | ActionState::Approved);
    if !open || action.expires_at > tx.now() {
        return Ok(());
    }
    let worker = Context::worker(agent.agent_id(), "timers");
    let outcome = Outcome::problem("action_expired", "nobody decided in time");
    transition(tx, agent, &worker.principal, &mut action, Event::Expire, outcome).await?;
    tx.run(&UNQUEUE, vec![agent.agent_id().into(), id.into()]);
    Ok(())
}
