//! The traces that talk came in by: the window that is made of it goes on from them, in whatever process.

use crate::Result;
use crate::context::Scoped;
use crate::ids::SpaceId;
use crate::store::{BulkInsert, Tx, declare};
use crate::trace::TraceContext;
use std::collections::BTreeMap;
use tracing::Span;

/// Entries of an agent's log behind which a trace is let go of. A window that is planned so late begins one of
/// its own.
const KEPT_ENTRIES: i64 = 100_000;

/// A row for each request and space, not one for each event.
pub(crate) const INSERT: BulkInsert = BulkInsert {
    into: "talk_traces (agent_id, space_id, first_seq, last_seq, context)",
    types: "bbiib",
    tail: "",
};

declare! {
    OF_WINDOW = "SELECT first_seq, last_seq, context FROM talk_traces WHERE agent_id = $1 AND space_id = $2 \
                 AND first_seq <= $4 AND last_seq > $3 ORDER BY last_seq";
    LET_GO = "DELETE FROM talk_traces WHERE agent_id = $1 AND space_id = $2 AND last_seq < $3";
}

/// Talk of one request in one space: its first and last place in the log.
pub(crate) type Stretches = BTreeMap<(Scoped, SpaceId, TraceContext), (i64, i64)>;

/// Notes by which traces talk came in, in the transaction that stores it, and lets go of old ones.
pub(crate) fn note(tx: &mut Tx, traced: Stretches) {
    let mut rows = Vec::with_capacity(traced.len());
    let mut newest: BTreeMap<(Scoped, SpaceId), i64> = BTreeMap::new();
    for ((agent, space, context), (first, last)) in traced {
        rows.push(vec![agent.agent_id().into(), space.into(), first.into(), last.into(), context.into()]);
        let seq = newest.entry((agent, space)).or_insert(last);
        *seq = last.max(*seq);
    }
    for ((agent, space), last) in newest {
        let oldest = last.saturating_sub(KEPT_ENTRIES);
        tx.run(&LET_GO, vec![agent.agent_id().into(), space.into(), oldest.into()]);
    }
    tx.bulk(&INSERT, rows);
}

/// Talk that came in by one trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Traced {
    first: i64,
    last: i64,
    pub(super) context: TraceContext,
}

impl Traced {
    /// Whether an utterance is of it.
    pub(super) fn has(&self, seq: i64) -> bool {
        (self.first..=self.last).contains(&seq)
    }
}

/// By which traces the talk of a window came in, the last one last.
pub(super) async fn of_window(
    tx: &mut Tx,
    agent: Scoped,
    space: SpaceId,
    (after, to): (i64, i64),
) -> Result<Vec<Traced>> {
    if !tx.traces().are_recorded() {
        return Ok(Vec::new());
    }
    let parameters = vec![agent.agent_id().into(), space.into(), after.into(), to.into()];
    let mut traced = Vec::new();
    for mut row in tx.rows(&OF_WINDOW, parameters).await? {
        let (first, last, bytes): (i64, i64, Vec<u8>) = (row.take(0)?, row.take(1)?, row.take(2)?);
        // Bytes that are no context are no reason not to plan.
        traced.extend(TraceContext::from_bytes(&bytes).map(|context| Traced { first, last, context }));
    }
    Ok(traced)
}

/// Lets the span of a window go on from the request whose words ended it, and links it with the others.
pub(super) fn place(traces: &dyn crate::trace::Traces, span: &Span, traced: &[Traced]) {
    let Some((last, others)) = traced.split_last() else { return };
    traces.go_on(span, last.context);
    for other in others {
        traces.link(span, other.context);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::trial::Trial;
    use crate::store::{Executor as _, Statement};
    use crate::trace::Traces;
    use uuid::Uuid;

    const SPACE: Statement = Statement::new("INSERT INTO spaces VALUES ($1, $2, 'x', 0, 1, NULL)");

    #[derive(Debug)]
    struct Recorded;

    impl Traces for Recorded {
        fn are_recorded(&self) -> bool {
            true
        }
    }

    fn context(byte: u8) -> TraceContext {
        TraceContext::new([byte; 16], [byte; 8], true).unwrap()
    }

    /// What is found of a window after `noted`, each in a commit of its own: contexts by their byte.
    async fn found(noted: &[(i64, i64, u8)], window: (i64, i64)) -> Vec<u8> {
        let trial = Trial::new(Recorded).await;
        let (agent, space) = (trial.agent, SpaceId(Uuid::from_u128(2)));
        let mut tx = trial.begin().await;
        tx.run(&SPACE, vec![agent.agent_id().into(), space.into()]);
        tx.commit().await.unwrap();
        for (first, last, byte) in noted {
            let mut tx = trial.begin().await;
            note(&mut tx, Stretches::from([((agent, space, context(*byte)), (*first, *last))]));
            tx.commit().await.unwrap();
        }
        let mut tx = trial.begin().await;
        let traced = of_window(&mut tx, agent, space, window).await.unwrap();
        tx.rollback().await;
        trial.executor.shutdown().await;
        traced.iter().map(|traced| traced.context.to_bytes()[0]).collect()
    }

    #[tokio::test]
    async fn a_window_finds_those_that_it_shares_talk_with_the_last_one_last() {
        let noted = [(1, 3, 1), (4, 4, 2), (5, 9, 3), (10, 10, 4)];
        assert_eq!(found(&noted, (0, 4)).await, [1, 2]);
        assert_eq!(found(&noted, (2, 7)).await, [1, 2, 3], "a request may be in two windows");
        assert_eq!(found(&noted, (7, 9)).await, [3]);
        assert_eq!(found(&noted, (10, 12)).await, [0; 0]);
    }

    #[tokio::test]
    async fn old_ones_are_let_go_of_when_new_ones_come() {
        let far = KEPT_ENTRIES + 2;
        assert_eq!(found(&[(1, 1, 1), (2, 2, 2), (far, far, 3)], (0, far)).await, [2, 3]);
    }
}
