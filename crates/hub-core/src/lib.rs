//! The hub for agents that live with people: identity, memory, consent, policy and a log that
//! anyone can verify, embedded in one folder.
//!
//! Satellites (phones, speakers, browsers, sensors) come and go; one hub owns durable truth. A
//! planner proposes; people and policy decide; a tool runner acts; every step is in the log.
//!
//! | Module | Contents |
//! |---|---|
//! | [`hub`] | the handle and its sub-clients: start here |
//! | [`context`] | who calls, and the guard that every operation asks |
//! | [`events`], [`consent`] | what happened, and whether it may be kept |
//! | [`memory`] | what is remembered, and recall |
//! | [`artifacts`] | blobs: photos, recordings, files |
//! | [`planner`] | talk becomes proposals |
//! | [`actions`], [`tools`] | proposals become deeds, after approval |
//! | [`audit`] | the log |
//! | [`store`] | the SQL, written once, and its executors |
//! | [`copy`] | everything moves from one database to another |
//! | [`settings`], [`clock`], [`entropy`], [`observe`], [`trace`] | what a program tunes and plugs in |
//! | [`wire`] | the same in the shapes that travel |
//! | [`error`], [`ids`], [`page`], [`sensitive`] | what every operation shares |
//! | `testkit` (a feature) | for tests: a clock moved by hand, a failing database, the contract of the store as a suite |

pub mod actions;
pub mod artifacts;
pub mod audit;
pub(crate) mod canonical;
pub mod clock;
pub mod consent;
pub mod context;
pub mod copy;
pub mod entropy;
pub mod error;
pub mod events;
mod folder;
pub mod hub;
pub mod ids;
pub mod memory;
pub mod observe;
pub mod page;
pub(crate) mod panics;
pub mod planner;
pub(crate) mod queue;
pub(crate) mod schema;
pub mod sensitive;
pub mod settings;
pub mod store;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
pub(crate) mod text;
pub(crate) mod timers;
pub mod tools;
pub mod trace;
pub mod wire;

/// The version of this crate.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What `fuzz/` reaches into. Only its builds set `cfg(fuzzing)`.
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing {
    /// The canonical text of a value.
    ///
    /// # Errors
    /// As what the log is written with.
    pub fn canonical(value: &serde_json::Value) -> crate::Result<String> {
        crate::canonical::canonical(value)
    }
}

pub use context::{Context, Principal};
pub use error::{Error, Result};
pub use folder::DataFolder;
pub use hub::{Hub, HubBuilder};
pub use hub_protocol as protocol;
pub use hub_protocol::vocabulary;
pub use sensitive::Secret;
pub use settings::Settings;
