//! What happened. Events are the only way in; everything else is derived from them.

mod decision;
pub(crate) mod ingest;
pub(crate) mod kind;
pub(crate) mod list;
mod new_event;
mod stored;

pub(crate) use decision::{SpaceState, is_private_between};
pub use kind::EventType;
pub use new_event::{Batch, EventOutcome, NewEvent};
pub use stored::Event;
