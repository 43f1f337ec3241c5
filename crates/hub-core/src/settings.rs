//! What a user tunes. Objects go through the [`crate::HubBuilder`].

use crate::planner::Pace;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Settings of a hub. Every field has a default; unknown fields are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Silence in milliseconds after which talk is planned. Default 1500.
    pub window_pause_ms: u64,
    /// Utterances after which a window of talk is full. Default 40.
    pub window_utterances: u32,
    /// Seconds after which a window is closed though talk goes on. Default 60.
    pub window_longest_seconds: u64,
    /// Seconds for which a worker holds a job before another may take it. Default 60.
    pub lease_seconds: u64,
    /// Seconds after which a planner's answer is no longer waited for; less than the lease.
    /// Default 45.
    pub plan_timeout_seconds: u64,
    /// Loops that plan in a process, 1 to 64. Each takes up to 32 windows at once and waits for all of
    /// them, so that one which waits long for a model holds up those that were taken with it alone.
    /// Default 4.
    pub plan_loops: u32,
    /// Milliseconds for which a plan by a model waits for memory; then it is made without. Default 250.
    pub plan_recall_ms: u64,
    /// Tokens that models may read and write for one agent in a day (UTC). Once they are spent, windows
    /// wait for the next day. Default 1,000,000.
    pub plan_tokens_per_day: u64,
    /// Attempts after which a job becomes a dead letter. Default 5.
    pub max_attempts: u32,
    /// Hours for which an action waits for a person. Default 24.
    pub action_expiry_hours: u32,
    /// Seconds after which a report of presence no longer counts. Default 300.
    pub presence_seconds: u64,
    /// Bytes of one artifact. Default 4 GiB.
    pub artifact_bytes: u64,
    /// Bytes of all artifacts of one agent. Default 256 GiB.
    pub artifacts_agent_bytes: u64,
    /// Artifacts that may arrive at once. Default 32.
    pub artifact_uploads: usize,
    /// Milliseconds between looks for work that other processes left. Default 250.
    pub poll_ms: u64,
    /// IANA name of the time zone in which people mean "at five". Default `UTC`.
    pub time_zone: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            window_pause_ms: 1_500,
            window_utterances: 40,
            window_longest_seconds: 60,
            lease_seconds: 60,
            plan_timeout_seconds: 45,
            plan_loops: 4,
            plan_recall_ms: 250,
            plan_tokens_per_day: 1_000_000,
            max_attempts: 5,
            action_expiry_hours: 24,
            presence_seconds: 300,
            artifact_bytes: 4 * 1024 * 1024 * 1024,
            artifacts_agent_bytes: 256 * 1024 * 1024 * 1024,
            artifact_uploads: 32,
            poll_ms: 250,
            time_zone: "UTC".to_owned(),
        }
    }
}

impl Settings {
    pub(crate) fn pace(&self) -> Pace {
        Pace {
            pause: Duration::from_millis(self.window_pause_ms),
            utterances: i64::from(self.window_utterances.max(1)),
            longest: Duration::from_secs(self.window_longest_seconds),
        }
    }

    pub(crate) fn lease(&self) -> Duration {
        Duration::from_secs(self.lease_seconds)
    }

    pub(crate) fn plan_timeout(&self) -> Duration {
        Duration::from_secs(self.plan_timeout_seconds)
    }

    pub(crate) fn plan_loops(&self) -> usize {
        usize::try_from(self.plan_loops.clamp(1, 64)).unwrap_or(1)
    }

    pub(crate) fn plan_recall(&self) -> Duration {
        Duration::from_millis(self.plan_recall_ms)
    }

    pub(crate) fn action_expiry(&self) -> Duration {
        Duration::from_secs(u64::from(self.action_expiry_hours.max(1)) * 3_600)
    }

    pub(crate) fn poll(&self) -> Duration {
        Duration::from_millis(self.poll_ms.max(10))
    }

    pub(crate) fn max_attempts(&self) -> i64 {
        i64::from(self.max_attempts.max(1))
    }
}
