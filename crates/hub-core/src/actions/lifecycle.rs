//! Which state of an action follows which. Pure: who may cause an event, and whether it is time
//! for it, is decided elsewhere.
//!
//! ```text
//!                       ┌─ reject ─▶ rejected
//!  propose ─▶ awaiting ─┼─ approve ─▶ approved ── start ──▶ running ─┬─ finish ─▶ done
//!             _approval │                │                           ├─ fail ───▶ failed
//!                       ├─ cancel ───────┼─▶ cancelled               └─ lose ───▶ unknown
//!                       ├─ expire ───────┼─▶ expired                               │
//!  deny ────────────────┴─ deny ─────────┼─▶ denied              resolved as done or failed
//!                                        └─ refuse ─▶ failed
//! ```

use crate::{Error, Result};
use hub_protocol::vocabulary::ActionState;

/// What happens to an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// Somebody proposes it; the only event, besides a denial, without a state before it.
    Propose,
    /// Policy refuses it.
    PolicyDeny,
    /// A person approves it, or policy allows it.
    Approve,
    /// A person refuses it.
    Reject,
    /// It is withdrawn before it runs.
    Cancel,
    /// Its time is over before it runs.
    Expire,
    /// A runner begins, consuming the approval.
    Start,
    /// A runner finds that it is not what was approved, or may no longer run.
    Refuse,
    /// The tool reports success.
    Finish,
    /// The tool reports failure.
    Fail,
    /// The runner is lost while a tool runs that must not run twice.
    Lose,
    /// Somebody found out that the lost run did its work.
    ResolveDone,
    /// Somebody found out that the lost run did not do its work.
    ResolveFailed,
}

impl Event {
    /// Every event.
    pub const ALL: &'static [Self] = &[
        Self::Propose,
        Self::PolicyDeny,
        Self::Approve,
        Self::Reject,
        Self::Cancel,
        Self::Expire,
        Self::Start,
        Self::Refuse,
        Self::Finish,
        Self::Fail,
        Self::Lose,
        Self::ResolveDone,
        Self::ResolveFailed,
    ];
}

/// The state after an event; `None` before the action exists.
///
/// # Errors
/// `conflict`, code `action_state`, when the event cannot happen in this state.
pub fn next(state: impl Into<Option<ActionState>>, event: Event) -> Result<ActionState> {
    use ActionState as State;
    let state = state.into();
    match (state, event) {
        (None, Event::Propose) => Ok(State::AwaitingApproval),
        (None | Some(State::AwaitingApproval | State::Approved), Event::PolicyDeny) => Ok(State::Denied),
        (Some(State::AwaitingApproval), Event::Approve) => Ok(State::Approved),
        (Some(State::AwaitingApproval), Event::Reject) => Ok(State::Rejected),
        (Some(State::AwaitingApproval | State::Approved), Event::Cancel) => Ok(State::Cancelled),
        (Some(State::AwaitingApproval | State::Approved), Event::Expire) => Ok(State::Expired),
        (Some(State::Approved), Event::Start) => Ok(State::Running),
        (Some(State::Approved), Event::Refuse) => Ok(State::Failed),
        (Some(State::Running), Event::Finish) => Ok(State::Done),
        (Some(State::Running), Event::Fail) => Ok(State::Failed),
        (Some(State::Running), Event::Lose) => Ok(State::Unknown),
        (Some(State::Unknown), Event::ResolveDone) => Ok(State::Done),
        (Some(State::Unknown), Event::ResolveFailed) => Ok(State::Failed),
        (Some(state), _) => {
            Err(Error::conflict("action_state", format!("that cannot happen: the action is {state}")))
        }
        (None, _) => {
            Err(Error::conflict("action_state", "that cannot happen: the action is not proposed yet"))
        }
    }
}

/// Whether nothing can happen to the action any more.
#[must_use]
pub fn is_final(state: ActionState) -> bool {
    Event::ALL.iter().all(|event| next(state, *event).is_err())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ActionState as State;
    use proptest::prelude::*;

    /// Everything that can happen; whatever is not here cannot.
    const TABLE: &[(Option<State>, Event, State)] = &[
        (None, Event::Propose, State::AwaitingApproval),
        (None, Event::PolicyDeny, State::Denied),
        (Some(State::AwaitingApproval), Event::PolicyDeny, State::Denied),
        (Some(State::AwaitingApproval), Event::Approve, State::Approved),
        (Some(State::AwaitingApproval), Event::Reject, State::Rejected),
        (Some(State::AwaitingApproval), Event::Cancel, State::Cancelled),
        (Some(State::AwaitingApproval), Event::Expire, State::Expired),
        (Some(State::Approved), Event::PolicyDeny, State::Denied),
        (Some(State::Approved), Event::Cancel, State::Cancelled),
        (Some(State::Approved), Event::Expire, State::Expired),
        (Some(State::Approved), Event::Start, State::Running),
        (Some(State::Approved), Event::Refuse, State::Failed),
        (Some(State::Running), Event::Finish, State::Done),
        (Some(State::Running), Event::Fail, State::Failed),
        (Some(State::Running), Event::Lose, State::Unknown),
        (Some(State::Unknown), Event::ResolveDone, State::Done),
        (Some(State::Unknown), Event::ResolveFailed, State::Failed),
    ];

    #[test]
    fn the_whole_product_of_states_and_events() {
        let states = std::iter::once(None).chain(State::ALL.iter().copied().map(Some));
        for state in states {
            for event in Event::ALL {
                let wanted = TABLE.iter().find(|row| row.0 == state && row.1 == *event).map(|row| row.2);
                let found = next(state, *event);
                if let Err(error) = &found {
                    assert_eq!(error.code(), "action_state");
                }
                assert_eq!(found.ok(), wanted, "{state:?} {event:?}");
            }
        }
    }

    #[test]
    fn these_states_are_final() {
        let found: Vec<State> = State::ALL.iter().copied().filter(|state| is_final(*state)).collect();
        let wanted =
            [State::Done, State::Failed, State::Denied, State::Rejected, State::Cancelled, State::Expired];
        assert_eq!(found, wanted);
    }

    /// Half of the events are those that lead on, so that long paths are met.
    fn events() -> impl Strategy<Value = Vec<Event>> {
        let leading = vec![Event::Propose, Event::Approve, Event::Start, Event::Lose, Event::Finish];
        let any = prop::sample::select(Event::ALL);
        prop::collection::vec(prop_oneof![prop::sample::select(leading), any], 0..40)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn nothing_runs_without_approval_and_nothing_runs_twice(events in events()) {
            let (mut state, mut approved, mut started) = (None, 0, 0);
            for event in events {
                let Ok(after) = next(state, event) else { continue };
                prop_assert!(!state.is_some_and(is_final));
                approved += usize::from(event == Event::Approve);
                started += usize::from(after == State::Running);
                prop_assert!(started <= approved && approved <= 1);
                if matches!(after, State::Running | State::Done | State::Unknown) {
                    prop_assert_eq!((approved, started), (1, 1));
                }
                state = Some(after);
            }
        }
    }
}
