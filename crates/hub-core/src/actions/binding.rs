//! The digest of exactly what would run. An approver is shown the whole binding and answers with
//! its digest; the runner makes the digest again from what it is about to run.
//!
//! The digest is SHA-256 over canonical JSON (RFC 8785) with the members `agent_id`, `arguments`,
//! `expires_at` (RFC 3339), `policy_version`, `requester`, `scopes` (sorted, each once),
//! `space_id`, `tool`, `tool_schema_digest`, `tool_version`. Its bytes are frozen by
//! `testdata/actions/bindings-v1.json`.

use crate::audit::Digest;
use crate::canonical::canonical;
use crate::clock::Timestamp;
use crate::ids::{AgentId, SpaceId};
use crate::tools::display::{shown, shown_json};
use crate::{Error, Result};
use hub_protocol::vocabulary::Scope;
use serde_json::{Value, json};

/// Exactly what would run.
#[derive(Debug, Clone, PartialEq)]
pub struct Binding {
    /// Whose action.
    pub agent_id: AgentId,
    /// Where.
    pub space_id: SpaceId,
    /// Who proposed it: kind of principal, a colon, its identifier or name.
    pub requester: String,
    /// Name of the tool.
    pub tool: String,
    /// Its version.
    pub tool_version: String,
    /// Digest of the schema of its arguments.
    pub tool_schema_digest: Digest,
    /// With what it would run.
    pub arguments: Value,
    /// What it may use; order and repetition do not matter.
    pub scopes: Vec<Scope>,
    /// Version of the policy that judged it.
    pub policy_version: u64,
    /// After this it cannot begin.
    pub expires_at: Timestamp,
}

impl Binding {
    /// The canonical text.
    ///
    /// # Errors
    /// `invalid`, code `number_precision`, when an integer in the arguments, or the policy's
    /// version, is too large for canonical JSON.
    pub fn canonical(&self) -> Result<String> {
        check(&self.arguments, "arguments")?;
        check(&json!(self.policy_version), "policy_version")?;
        canonical(&json!({
            "agent_id": self.agent_id,
            "arguments": self.arguments,
            "expires_at": self.expires_at.to_string(),
            "policy_version": self.policy_version,
            "requester": self.requester,
            "scopes": self.scope_words(),
            "space_id": self.space_id,
            "tool": self.tool,
            "tool_schema_digest": self.tool_schema_digest.to_string(),
            "tool_version": self.tool_version,
        }))
    }

    /// What an approval must name.
    ///
    /// # Errors
    /// As [`Self::canonical`].
    pub fn digest(&self) -> Result<Digest> {
        Ok(Digest::of(self.canonical()?.as_bytes()))
    }

    /// The whole binding for the person who decides, unshortened, one member a line, arguments
    /// last; characters that hide or reorder are shown as escapes ([`shown`]).
    #[must_use]
    pub fn shown(&self) -> String {
        format!(
            "tool: {}\nversion: {}\nschema: {}\nrequested by: {}\nagent: {}\nspace: {}\nscopes: {}\npolicy: {}\n\
             expires: {}\narguments: {}",
            shown(&self.tool),
            shown(&self.tool_version),
            self.tool_schema_digest,
            shown(&self.requester),
            self.agent_id,
            self.space_id,
            self.scope_words().join(" "),
            self.policy_version,
            self.expires_at,
            shown_json(&self.arguments),
        )
    }

    fn scope_words(&self) -> Vec<&'static str> {
        let mut words: Vec<&'static str> = self.scopes.iter().map(|scope| scope.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        words
    }
}

fn check(value: &Value, field: &str) -> Result<()> {
    canonical(value).map(drop).map_err(|error: Error| error.field(field))
}

#[cfg(test)]
mod tests;
