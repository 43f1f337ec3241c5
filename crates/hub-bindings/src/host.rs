//! Tools and planners that are written in the host's language.

mod planner;
mod tool;

pub(crate) use planner::ForeignPlanner;
pub use planner::HostPlanner;
pub use tool::HostTool;
pub(crate) use tool::foreign_tool;

use hub_core::vocabulary::ErrorKind;

/// Why the host's code came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostFailure {
    /// What is kept with the action or the dead letter, and shown to people.
    pub message: String,
    /// Whether trying again later can help.
    pub retryable: bool,
}

impl HostFailure {
    fn kind(&self) -> ErrorKind {
        if self.retryable { ErrorKind::Unavailable } else { ErrorKind::Invalid }
    }
}
