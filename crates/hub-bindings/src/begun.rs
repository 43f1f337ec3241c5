//! A call that has begun: many need not be waited for.

use crate::problem::Problem;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// What came of a call.
pub type Outcome = Result<String, Problem>;

/// Requests of up to so many bytes are begun where they are made. Reading a larger one takes long enough that the
/// hub's own threads do it, while the host's thread goes on.
const AT_ONCE_BYTES: usize = 4 * 1024;

/// A call after its beginning.
pub enum Begun {
    /// It needed nothing that must be waited for.
    Ended(Outcome),
    /// It waits, for the database as a rule: to be spawned on the hub's runtime.
    Waits(Pin<Box<dyn Future<Output = Outcome> + Send>>),
}

impl std::fmt::Debug for Begun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Ended(_) => "Begun::Ended",
            Self::Waits(_) => "Begun::Waits",
        })
    }
}

/// Begins a call of a request of that many bytes. To be called within the hub's runtime.
pub(crate) fn begin(bytes: usize, call: impl Future<Output = Outcome> + Send + 'static) -> Begun {
    let mut call = Box::pin(call);
    if bytes > AT_ONCE_BYTES {
        return Begun::Waits(call);
    }
    // Whoever spawns what waits polls it again first, so nothing that woke this waker is missed.
    match call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => Begun::Ended(outcome),
        Poll::Pending => Begun::Waits(call),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;
    use std::future::{pending, ready};

    #[test]
    fn what_needs_no_waiting_has_ended_and_the_rest_is_handed_back_whole() {
        let answer = || Ok("null".to_owned());
        assert!(matches!(begin(10, ready(answer())), Begun::Ended(Ok(_))));
        assert!(matches!(begin(10, pending()), Begun::Waits(_)));
        let Begun::Waits(mut large) = begin(AT_ONCE_BYTES + 1, ready(answer())) else {
            panic!("it was read here")
        };
        let polled = large.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(polled, Poll::Ready(answer()));
    }
}
