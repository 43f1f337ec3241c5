//! Planning: talk becomes proposals.

pub mod plan;
pub mod port;
pub mod rules;
pub(crate) mod run;
mod validate;
pub(crate) mod window;

pub use plan::{KnownPerson, Plan, ProposedAction, ProposedMemory, Utterance, Window};
pub use port::Planner;
pub use rules::{RuleSource, Rules, RulesPlanner};
pub use window::Pace;
