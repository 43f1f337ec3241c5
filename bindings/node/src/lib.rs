//! The native part of the npm package `hub-core`: text across the border, and nothing decided.

mod host;
mod hub;
mod waiting;

use mimalloc::MiMalloc;

pub use host::Reply;
pub use hub::{Hub, new_id, operations};
pub use waiting::{Ended, Pending};

/// What the hub allocates with; Node's own objects are none of its business.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;
