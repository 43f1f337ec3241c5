//! An error on its way into another language.

use hub_bindings::Problem;

/// Why a call came to nothing. The libraries throw `HubError` for it.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum BorderProblem {
    /// A problem of the hub.
    #[error("{problem}")]
    Told {
        /// As JSON: `kind`, `code`, `message`, `retryable`, `context`.
        problem: String,
    },
}

impl From<Problem> for BorderProblem {
    fn from(problem: Problem) -> Self {
        Self::Told { problem: problem.to_json() }
    }
}

impl BorderProblem {
    fn of_the_border(kind: &str, code: &str, retryable: bool, message: &str) -> Self {
        let problem = format!(
            r#"{{"kind":"{kind}","code":"{code}","message":"{message}","retryable":{retryable},"context":{{}}}}"#
        );
        Self::Told { problem }
    }

    /// What the core says of itself when it has stopped; here nobody is left to ask it.
    pub(crate) fn closed() -> Self {
        Self::of_the_border("unavailable", "stopping", true, "the hub was shut down")
    }

    /// The caller waits no more.
    pub(crate) fn cancelled() -> Self {
        Self::of_the_border("unavailable", "cancelled", true, "the call was cancelled")
    }

    /// The machine gives no threads.
    pub(crate) fn no_threads() -> Self {
        Self::of_the_border("unavailable", "no_threads", true, "the machine gives the hub no threads")
    }
}
