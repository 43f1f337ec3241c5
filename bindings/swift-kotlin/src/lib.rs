//! The native part of the Swift package `HubCore` and of the Kotlin library `hub-core`: text across the
//! border, and nothing decided.

mod host;
mod hub;
mod problem;
mod stop;

pub use host::{BorderCode, BorderFailure, BorderPlanner, BorderTool};
pub use hub::{BorderHub, open_hub, operations};
pub use problem::BorderProblem;
pub use stop::Stop;

uniffi::setup_scaffolding!();
