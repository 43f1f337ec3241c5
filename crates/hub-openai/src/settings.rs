//! What a user tunes. The key is no setting: it comes from the environment and is shown nowhere.

use serde::{Deserialize, Serialize};

/// Settings of the planner. Every field has a default; unknown fields are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where the API is, as the official clients are told it. Default `https://api.openai.com/v1`.
    pub base_url: String,
    /// The model. Default `gpt-5-mini`.
    pub model: String,
    /// Seconds within which an answer must be there, whole. Default 40, which is less than the 45 that the
    /// hub waits for a plan.
    pub timeout_seconds: u64,
    /// Tokens that an answer may have, thinking included. Default 8,192.
    pub max_output_tokens: u32,
    /// Bytes that an answer may have; the rest of a longer one is not read. Default 4 MiB.
    pub max_answer_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            base_url: "https://api.openai.com/v1".to_owned(),
            model: "gpt-5-mini".to_owned(),
            timeout_seconds: 40,
            max_output_tokens: 8_192,
            max_answer_bytes: 4 << 20,
        }
    }
}
