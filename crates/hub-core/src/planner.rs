//! Planning: talk becomes proposals.

mod ask;
pub(crate) mod budget;
mod meter;
pub mod plan;
pub mod port;
pub(crate) mod read;
pub mod rules;
pub(crate) mod run;
pub(crate) mod surroundings;
pub(crate) mod traced;
mod validate;
pub(crate) mod window;
pub(crate) mod write;

pub use meter::{Meter, Usage};
pub use plan::{
    KnownMemory, KnownPerson, OfferedTool, OpenAction, Plan, ProposedAction, ProposedMemory, Surroundings,
    Utterance, Window,
};
pub use port::Planner;
pub use rules::{RuleSource, Rules, RulesPlanner};
pub use window::Pace;
