//! `/v1/events` and the events of a space.

mod append;
mod forget;
mod list;

pub(super) use append::append;
pub(super) use forget::forget;
pub(super) use list::list;
