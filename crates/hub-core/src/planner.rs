//! Planning: talk becomes proposals.

pub mod plan;

pub use plan::{KnownPerson, Plan, ProposedAction, ProposedMemory, Utterance, Window};
