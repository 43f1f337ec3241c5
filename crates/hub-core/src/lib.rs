//! The hub for agents that live with people.

pub mod audit;
pub mod clock;
pub mod entropy;
pub mod error;
pub mod ids;
pub mod memory;
pub mod planner;

pub use error::{Error, Result};
pub use hub_protocol as protocol;
