//! What is only known by asking: how much waits in the queues, and for how long.

use super::recorder::Metrics;
use hub_core::Hub;
use std::time::Duration;
use tokio::time::timeout;

/// Brings the gauges up to date; leaves them when the database does not answer within `patience`.
pub(crate) async fn scrape(hub: &Hub, metrics: &Metrics, patience: Duration) {
    let registry = metrics.registry();
    let asked = timeout(patience, hub.backlog()).await;
    registry.gauge("hub_ready", &[]).set(if matches!(asked, Ok(Ok(_))) { 1.0 } else { 0.0 });
    let budget = u32::try_from(hub.plan_tokens_per_day()).unwrap_or(u32::MAX);
    registry.gauge("hub_plan_tokens_per_day", &[]).set(budget);
    let Ok(Ok(backlog)) = asked else { return };
    for (queue, waiting) in backlog {
        let depth = waiting.depth;
        for (state, jobs) in [
            ("ready", depth.ready),
            ("leased", depth.leased),
            ("delayed", depth.delayed),
            ("dead", depth.dead),
        ] {
            let jobs = u32::try_from(jobs).unwrap_or(u32::MAX);
            registry.gauge("hub_queue_depth", &[("queue", &queue), ("state", state)]).set(jobs);
        }
        registry.gauge("hub_queue_oldest_seconds", &[("queue", &queue)]).set(waiting.oldest.as_secs_f64());
    }
}
