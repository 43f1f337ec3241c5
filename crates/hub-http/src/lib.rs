//! The tool `http.request`: an agent asks a service, where its rules let it, and nowhere else.
//!
//! | Module | Contents |
//! |---|---|
//! | [`settings`] | what an agent may ask for: rules, and limits |
//! | `rule` | whether a rule covers a request: pure |
//! | [`address`] | which addresses a request may reach: pure |
//! | [`ports`] | names to addresses, and secrets by their names |
//! | `arguments` | what an approver was shown, as a request |
//! | `exchange` | one request over one connection, to an address that was checked |
//! | [`tool`] | the tool itself |
//!
//! Nothing is taken from the environment of the machine: no proxy, no cookies, no credentials.

pub mod address;
mod arguments;
mod exchange;
pub mod ports;
mod rule;
pub mod settings;
pub mod tool;

pub use ports::{NoSecrets, Resolver, Secrets, SystemResolver};
pub use settings::{AgentRules, RuleSettings, Settings};
pub use tool::HttpRequest;
