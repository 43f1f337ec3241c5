//! The operations of an embedded hub by name, in JSON: what the bindings of other languages call.
//!
//! A binding translates and decides nothing. Each of them carries text across its border: the name of an
//! operation and a request go in, the answer or a [`Problem`] comes back, in the shapes of
//! [`hub_core::protocol`] that also travel over HTTP. So an operation is added in one place, here, and the
//! golden vectors that this crate writes hold for every language.
//!
//! A request:
//!
//! ```json
//! { "as": { "kind": "operator", "agent_id": "…", "person_id": "…", "role": "owner" },
//!   "arguments": { "space_id": "…" }, "page": { "limit": 50 }, "body": { "name": "kitchen" } }
//! ```
//!
//! | Module | Contents |
//! |---|---|
//! | [`begun`] | a call that has begun |
//! | [`embedded`] | the hub: open, call, shut down |
//! | [`operations`] | the table of operations |
//! | [`request`] | who calls, and with what |
//! | [`ids`] | ids of events, for hosts that need longer to make one |
//! | [`host`] | tools and planners that are written in the host's language |
//! | [`problem`] | an error as it crosses the border |

pub mod begun;
pub mod embedded;
pub mod host;
pub mod ids;
pub mod operations;
pub mod problem;
pub mod request;

use hub_core::clock::{Clock, SystemClock};

pub use begun::{Begun, Outcome};
pub use embedded::{Embedded, Plugins};
pub use host::{HostFailure, HostPlanner, HostTool};
pub use ids::new_id;
pub use problem::Problem;

/// The time of the machine's clock, as events carry it: for hosts that need longer to write it.
#[must_use]
pub fn now() -> String {
    SystemClock.now().to_string()
}
