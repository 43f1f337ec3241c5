//! Tools that an agent's actions can use.

use crate::shape::answers;
use crate::vocabulary::{Effect, Scope};
use serde_json::Value;

answers! {
    /// A tool.
    pub struct Tool {
        /// Its name, such as `message.send`.
        pub tool: String,
        /// Its version.
        pub tool_version: String,
        /// `sha256:` and 64 hex digits of its schema in canonical form.
        pub tool_schema_digest: String,
        /// What it does, in a sentence.
        pub description: String,
        /// JSON Schema of its arguments.
        pub arguments_schema: Value,
        /// What it does to the world.
        pub effect: Effect,
        /// What it needs.
        pub scopes: Vec<Scope>,
        /// How long one run may take, in milliseconds.
        pub timeout_ms: u64,
        /// Whether running it twice does no more than once.
        pub idempotent: bool,
    }
}
