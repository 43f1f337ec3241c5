//! The native part of the Swift package `HubCore` and of the Kotlin library `hub-core`: text across the
//! border, and nothing decided.

mod host;
mod hub;
mod jvm;
mod problem;
mod stop;

use mimalloc::MiMalloc;

pub use host::{BorderCode, BorderFailure, BorderPlanner, BorderTool};
pub use hub::{BorderHub, new_id, open_hub, operations};
pub use problem::BorderProblem;
pub use stop::Stop;

/// What the hub allocates with; objects of the host are none of its business.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

uniffi::setup_scaffolding!();
