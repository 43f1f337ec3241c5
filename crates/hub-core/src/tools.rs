//! Tools: what can carry out an action.
//!
//! | Module | Contents |
//! |---|---|
//! | [`manifest`] | what a tool says of itself |
//! | [`port`] | the port [`Tool`], and [`FnTool`] for a closure of the host program |
//! | [`registry`] | the tools that this process has, by name and version |
//! | [`schema`] | the compiled schema of a tool's arguments |
//! | [`display`] | text and JSON as an approver is shown them |
//!
//! The tools that every hub has stand in `built_in`, one file each.

pub(crate) mod built_in;
pub mod display;
pub mod manifest;
pub mod port;
pub mod registry;
pub mod schema;

pub(crate) use built_in::built_in;
pub use display::{shown, shown_json};
pub use manifest::ToolManifest;
pub use port::{FnTool, Tool, ToolCall};
pub use registry::{RegisteredTool, ToolRegistry};
pub use schema::ArgumentSchema;
