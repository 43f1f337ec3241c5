//! Planning: talk becomes proposals.

pub mod plan;
pub mod port;

pub use plan::{KnownPerson, Plan, ProposedAction, ProposedMemory, Utterance, Window};
pub use port::Planner;
