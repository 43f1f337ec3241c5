//! Recall: a question, and the memories that bear on it.

use crate::shape::{answers, requests};
use crate::vocabulary::Tier;
use std::collections::BTreeMap;
use uuid::Uuid;

requests! {
    /// `POST /v1/recall`; the agent is the token's.
    pub struct RecallRequest {
        /// At most [`crate::limits::QUERY_BYTES`] bytes.
        pub query: String,
        /// How many, 1 to [`crate::limits::RECALL_K`]; absent is 10.
        #[serde(default = "k_default")]
        pub k: u32,
        /// Only what was said in this space.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub space_id: Option<Uuid>,
        /// Only what this person said or what is about them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub person_id: Option<Uuid>,
        /// Only these tiers; absent is all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub tiers: Option<Vec<Tier>>,
        /// RFC 3339: what was known and valid then; absent is now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub as_of: Option<String>,
        /// Stops before the contents exceed so many tokens, estimated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub budget_tokens: Option<u32>,
    }
}

const fn k_default() -> u32 {
    10
}

answers! {
    /// What was recalled.
    pub struct RecallAnswer {
        /// Best first.
        pub memories: Vec<RecalledMemory>,
        /// Whether a source of candidates failed or ran out of time, so that more may exist.
        pub partial: bool,
    }

    /// One memory and how it earned its place.
    pub struct RecalledMemory {
        /// Which.
        pub memory_id: Uuid,
        /// Said or derived.
        pub tier: Tier,
        /// What was said, or the fact.
        pub content: String,
        /// Higher is better; comparable within one answer only.
        pub score: f64,
        /// RFC 3339.
        pub occurred_at: String,
        /// What it rests on.
        pub source_event_ids: Vec<Uuid>,
        /// How it earned its place.
        pub why: Why,
    }

    /// How a memory earned its place.
    #[derive(Default)]
    pub struct Why {
        /// Stems of the query that the memory contains.
        #[serde(default)]
        pub terms: Vec<String>,
        /// What each leg of the ranking gave, by name.
        #[serde(default)]
        pub legs: BTreeMap<String, f64>,
    }
}
