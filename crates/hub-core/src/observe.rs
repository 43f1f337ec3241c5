//! What the hub tells whoever watches it: counts and durations, never content.

use crate::events::EventOutcome;
use crate::planner::Usage;
use std::fmt::Debug;
use std::time::Duration;

/// A watcher. Every method has an empty default; none may block.
pub trait Observer: Send + Sync + Debug {
    /// A group of writes was committed, or failed to be.
    fn committed(&self, events: usize, operations: usize, took: Duration) {
        let _ = (events, operations, took);
    }

    /// Events of one request have their outcomes.
    fn ingested(&self, outcomes: &[EventOutcome]) {
        let _ = outcomes;
    }

    /// A planner made a plan of a window of talk, or failed.
    fn planned(&self, planner: &str, succeeded: bool, took: Duration) {
        let _ = (planner, succeeded, took);
    }

    /// A window was planned and what came of it written, so long after it was claimed.
    fn window_planned(&self, planner: &str, took: Duration) {
        let _ = (planner, took);
    }

    /// A model was asked, and cost this.
    fn spent(&self, planner: &str, usage: Usage) {
        let _ = (planner, usage);
    }

    /// A tool ran to an end.
    fn ran(&self, tool: &str, succeeded: bool, took: Duration) {
        let _ = (tool, succeeded, took);
    }
}

/// Watches nothing.
#[derive(Debug, Default, Clone, Copy)]
pub struct Unobserved;

impl Observer for Unobserved {}
