//! The native part of the npm package `hub-core`: text across the border, and nothing decided.

mod host;
mod hub;
mod waiting;

pub use host::Reply;
pub use hub::{Hub, new_id, operations};
pub use waiting::{Ended, Pending};
