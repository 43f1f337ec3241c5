//! Temporary.
use crate::{Error, Result};
use hub_protocol::vocabulary::ActionState as S;
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    PolicyDeny,
    Approve,
    Reject,
    Cancel,
    Expire,
    Start,
    Refuse,
    Finish,
    Fail,
    Lose,
    ResolveDone,
    ResolveFailed,
}
pub fn next(s: S, e: Event) -> Result<S> {
    Ok(match (s, e) {
        (S::AwaitingApproval, Event::Approve) => S::Approved,
        (S::AwaitingApproval, Event::PolicyDeny) => S::Denied,
        (S::AwaitingApproval, Event::Reject) => S::Rejected,
        (S::AwaitingApproval | S::Approved, Event::Cancel) => S::Cancelled,
        (S::AwaitingApproval | S::Approved, Event::Expire) => S::Expired,
        (S::Approved, Event::Start) => S::Running,
        (S::Approved, Event::Refuse) | (S::Running, Event::Fail) | (S::Unknown, Event::ResolveFailed) => {
            S::Failed
        }
        (S::Running, Event::Finish) | (S::Unknown, Event::ResolveDone) => S::Done,
        (S::Running, Event::Lose) => S::Unknown,
        _ => {
            return Err(Error::conflict("action_state", format!("an action that is {s} does not allow this")));
        }
    })
}
