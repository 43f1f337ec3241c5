//! Errors over HTTP (RFC 9457), and the shorter form inside other answers.

use crate::shape::answers;

/// Media type of a [`Problem`].
pub const PROBLEM_MEDIA_TYPE: &str = "application/problem+json";

answers! {
    /// Why a request failed.
    pub struct Problem {
        /// A URI that names the code.
        #[serde(rename = "type")]
        pub kind: String,
        /// The code as a short phrase.
        pub title: String,
        /// The HTTP status.
        pub status: u16,
        /// What is wrong with this request, in a sentence.
        pub detail: String,
        /// Stable code, such as `unknown_space`.
        pub code: String,
        /// Whether the same request may succeed later.
        pub retryable: bool,
        /// The field at fault.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub field: Option<String>,
        /// The bound that was passed, with its unit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<String>,
        /// Finds this request in the hub's log.
        pub request_id: String,
    }

    /// Why one part of a request that was otherwise answered came to nothing: an event of a batch,
    /// or the run of an action.
    pub struct PartProblem {
        /// Stable code, such as `unknown_space`.
        pub code: String,
        /// What is wrong, in a sentence.
        pub detail: String,
        /// Whether the same may succeed later.
        pub retryable: bool,
        /// The field at fault.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub field: Option<String>,
        /// The bound that was passed, with its unit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<String>,
    }
}
