//! The port through which talk becomes proposals.

use super::meter::Meter;
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

    /// Whether a model answers. A model is told the surroundings of the talk, is never asked while the
    /// space is private, has the agent's budget of tokens, and hears once what was wrong with its plan.
    fn is_model(&self) -> bool {
        false
    }

    /// Plans one window. What the answer costs goes to the meter, also when there is none in the end.
    ///
    /// # Errors
    /// `unavailable` when trying again later can help, with [`crate::Error::after`] where it is known
    /// when; `invalid` with the code `invalid_plan` when the answer cannot be read as a plan; any other
    /// kind ends the window's work as a dead letter.
    async fn plan(&self, window: Window, meter: &Meter) -> Result<Plan>;
}
