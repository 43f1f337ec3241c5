//! What each agent may ask for. Without a rule of its own an agent may ask for nothing.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Settings of `http.request`. Every field has a default; unknown fields are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Rules by agent. Default none: no agent may ask for anything.
    pub agents: BTreeMap<Uuid, AgentRules>,
    /// Seconds that a request may take, redirects included, 1 to 300. Default 20.
    pub seconds: u32,
    /// Bytes of an answer's body that are read; the rest is left, and the result says so. At most
    /// 49152. Default 32768.
    pub answer_bytes: usize,
    /// Redirects that are followed, each of them covered by a rule; 0 to 10. Default 3.
    pub redirects: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { agents: BTreeMap::new(), seconds: 20, answer_bytes: 32 * 1024, redirects: 3 }
    }
}

/// What one agent may ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AgentRules {
    /// A request is made when one of these covers it.
    pub allow: Vec<RuleSettings>,
}

/// A place that an agent may ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSettings {
    /// Scheme, host, port and the beginning of the path, such as `https://api.example.org/v1/`. With a
    /// slash at its end it covers what lies below; without, that path alone.
    pub url: String,
    /// The methods. Default `GET` and `HEAD`.
    #[serde(default = "reading")]
    pub methods: Vec<String>,
    /// Whether the host may be this machine or one of this house. Default no.
    #[serde(default)]
    pub private: bool,
    /// Names of the secrets that may be sent there. Default none.
    #[serde(default)]
    pub secrets: Vec<String>,
}

fn reading() -> Vec<String> {
    vec!["GET".to_owned(), "HEAD".to_owned()]
}
