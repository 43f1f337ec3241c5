//! The table at the end of a replay.

use super::feed::Tally;
use crate::cli::drain::count;
use crate::cli::screen::Screen;
use crate::cli::speed::{millis, percentile, rate};
use crate::cli::table::{counted, figures, number};
use hub_core::tools::shown;
use hub_protocol::status::Status;
use serde::Serialize;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

/// What a replay came to. What the hub has more than before counts as the replay's: on a busy
/// hub, the talk of others is in it.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    events: u64,
    stored: u64,
    private: u64,
    duplicate: u64,
    refused: u64,
    memories: u64,
    proposed_actions: u64,
    audit_entries: u64,
    requests: usize,
    sending_seconds: f64,
    events_per_second: f64,
    /// From the first request until everything was planned and recallable; absent when it was not.
    drained_seconds: Option<f64>,
    request_p50_ms: f64,
    request_p99_ms: f64,
}

impl Report {
    pub(super) fn new(
        tally: &Tally,
        sent: Duration,
        drained: Option<Duration>,
        before: &Status,
        after: &Status,
    ) -> Self {
        let more = |beginning| count(after, beginning).saturating_sub(count(before, beginning));
        let mut latencies = tally.latencies.clone();
        latencies.sort_unstable();
        Self {
            events: tally.events(),
            stored: tally.stored,
            private: tally.private,
            duplicate: tally.duplicate,
            refused: tally.refused,
            memories: more("memories"),
            proposed_actions: more("actions"),
            audit_entries: after.audit.size.saturating_sub(before.audit.size),
            requests: latencies.len(),
            sending_seconds: sent.as_secs_f64(),
            events_per_second: rate(tally.events(), sent),
            drained_seconds: drained.map(|drained| drained.as_secs_f64()),
            request_p50_ms: millis(percentile(&latencies, 50)),
            request_p99_ms: millis(percentile(&latencies, 99)),
        }
    }

    pub(super) fn show(&self, file: &Path, described: &str, tally: &Tally, screen: &Screen) {
        screen.value(&json!({"file": file, "report": self, "refusals": tally.refusals}));
        let requests = counted(u64::try_from(self.requests).unwrap_or(u64::MAX), "request", "requests");
        let name = shown(&file.display().to_string());
        screen.line(screen.strong(format_args!("{name}: {described}, in {requests}")));
        let drained = match self.drained_seconds {
            Some(seconds) => format!("{seconds:.2} s"),
            None => "not yet".to_owned(),
        };
        for line in figures(&[
            ("events stored", number(self.stored)),
            ("events private", number(self.private)),
            ("events duplicate", number(self.duplicate)),
            ("events refused", number(self.refused)),
            ("memories", number(self.memories)),
            ("proposed actions", number(self.proposed_actions)),
            ("audit entries", number(self.audit_entries)),
            ("sent in", format!("{:.2} s", self.sending_seconds)),
            ("planned and recallable after", drained),
            ("rate", format!("{:.0} events/s", self.events_per_second)),
            ("p50 of a request", format!("{:.2} ms", self.request_p50_ms)),
            ("p99 of a request", format!("{:.2} ms", self.request_p99_ms)),
        ]) {
            screen.line(format_args!("  {line}"));
        }
        for refusal in &tally.refusals {
            screen.line(format_args!("  {} {}", screen.bad("refused"), shown(refusal)));
        }
    }
}
