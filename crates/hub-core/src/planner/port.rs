//! The port through which talk becomes proposals.

use super::plan::{Plan, Window};
use crate::Result;
use std::fmt;

/// Reads a window of talk and proposes what to remember and what to do.
///
/// A planner decides nothing: its plan is validated against the window before anything of it is
/// written, and a side effect still needs a person's approval. The same window may be planned more
/// than once, after a crash for instance; a planner keeps no state between windows.
#[async_trait::async_trait]
pub trait Planner: Send + Sync + fmt::Debug {
    /// Short stable name, such as `rules`; recorded beside what was proposed.
    fn name(&self) -> &str;

    /// Changes whenever the same window may yield another plan.
    fn version(&self) -> &str;

    /// Plans one window.
    ///
    /// # Errors
    /// `unavailable` when trying again later can help; any other kind ends the window's work as a
    /// dead letter.
    async fn plan(&self, window: Window) -> Result<Plan>;
}
