//! What became of the telemetry that was to leave this process.
#![cfg_attr(not(feature = "otlp"), allow(dead_code, reason = "the counters are there, and stay at zero"))]

use super::recorder::Registry;
use metrics::Counter;
use std::fmt;
#[cfg(feature = "otlp")]
use std::sync::Arc;
#[cfg(feature = "otlp")]
use std::sync::atomic::{AtomicBool, Ordering};

/// What becomes of a span or a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The collector has it.
    Sent,
    /// It found no place in the queue.
    Full,
    /// The collector was away, too slow, or did not want it.
    Failed,
}

/// A kind of telemetry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    Traces,
    Metrics,
}

impl Signal {
    fn as_str(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Metrics => "metrics",
        }
    }
}

/// Counts it. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Sent {
    spans: [Counter; 3],
    messages: [[Counter; 2]; 2],
    #[cfg(feature = "otlp")]
    away: Arc<[AtomicBool; 2]>,
}

impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sent")
    }
}

impl Sent {
    pub(super) fn new(registry: &Registry<'_>) -> Self {
        let spans = |outcome| registry.counter("hub_otlp_spans_total", &[("outcome", outcome)]);
        let message = |signal: Signal, outcome| {
            let labels = [("signal", signal.as_str()), ("outcome", outcome)];
            registry.counter("hub_otlp_messages_total", &labels)
        };
        let messages = |signal| [message(signal, "sent"), message(signal, "failed")];
        Self {
            spans: [spans("sent"), spans("full"), spans("failed")],
            messages: [messages(Signal::Traces), messages(Signal::Metrics)],
            #[cfg(feature = "otlp")]
            away: Arc::default(),
        }
    }
}

#[cfg(feature = "otlp")]
impl Sent {
    pub(crate) fn spans(&self, outcome: Outcome, spans: usize) {
        let [sent, full, failed] = &self.spans;
        let counter = match outcome {
            Outcome::Sent => sent,
            Outcome::Full => full,
            Outcome::Failed => failed,
        };
        counter.increment(u64::try_from(spans).unwrap_or(u64::MAX));
    }

    /// Counts a message. The log says when a collector goes and when it comes back, not each time.
    pub(crate) fn message(&self, signal: Signal, sent: Result<(), super::otlp::Lost>) {
        let ([traces, metrics], [no_traces, no_metrics]) = (&self.messages, &*self.away);
        let ([went, failed], away) = match signal {
            Signal::Traces => (traces, no_traces),
            Signal::Metrics => (metrics, no_metrics),
        };
        let was_away = away.swap(sent.is_err(), Ordering::Relaxed);
        let signal = signal.as_str();
        match sent {
            Ok(()) => {
                went.increment(1);
                if was_away {
                    tracing::info!(signal, "the collector takes telemetry again");
                }
            }
            Err(lost) => {
                failed.increment(1);
                if !was_away {
                    tracing::warn!(signal, %lost, "the collector takes no telemetry; until it does, some is lost");
                }
            }
        }
    }
}
