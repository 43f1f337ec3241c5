//! The trace of an action: what is decided about it, and its run, go on from where it was proposed, however
//! much later and in whatever process.

use crate::Result;
use crate::context::Scoped;
use crate::ids::ActionId;
use crate::store::{Tx, declare};
use crate::trace::TraceContext;
use tracing::Span;

declare! {
    KEEP = "UPDATE actions SET trace_context = $3 WHERE agent_id = $1 AND action_id = $2";
    OF = "SELECT trace_context FROM actions WHERE agent_id = $1 AND action_id = $2";
}

/// Keeps a span as that from which the action goes on.
pub(super) fn keep(tx: &mut Tx, agent: Scoped, id: ActionId, span: &Span) {
    if let Some(context) = tx.traces().context(span) {
        tx.run(&KEEP, vec![agent.agent_id().into(), id.into(), context.into()]);
    }
}

/// From where an action goes on.
pub(super) async fn of(tx: &mut Tx, agent: Scoped, id: ActionId) -> Result<Option<TraceContext>> {
    if !tx.traces().are_recorded() {
        return Ok(None);
    }
    let Some(mut row) = tx.row(&OF, vec![agent.agent_id().into(), id.into()]).await? else { return Ok(None) };
    let bytes: Option<Vec<u8>> = row.take(0)?;
    Ok(bytes.and_then(|bytes| TraceContext::from_bytes(&bytes)))
}

/// Lets the span of a decision go on from the action. The request that decides has a trace of its own, which
/// knows of this one, and this one of it.
pub(super) async fn place(tx: &mut Tx, agent: Scoped, id: ActionId, span: &Span) -> Result<()> {
    let (traces, request) = (tx.traces(), Span::current());
    let Some(asked) = traces.context(&request) else { return Ok(()) };
    match of(tx, agent, id).await? {
        None => traces.go_on(span, asked),
        Some(from) => {
            traces.go_on(span, from);
            traces.link(span, asked);
            if let Some(decision) = traces.context(span) {
                traces.link(&request, decision);
            }
        }
    }
    Ok(())
}
