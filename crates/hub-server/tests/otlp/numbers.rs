//! The metrics that a collector gets are those of `/metrics`.

use crate::cli_support::Folder;
use crate::collector::{Collector, Manner, attributes};
use crate::house::{House, collecting, until};
use opentelemetry_proto::tonic::metrics::v1::{Metric, metric, number_data_point};
use std::collections::BTreeMap;

/// Series and number, as Prometheus writes them.
type Numbers = BTreeMap<String, f64>;

fn series(name: &str, labels: &BTreeMap<String, String>) -> String {
    let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
    format!("{name}{{{}}}", labels.join(","))
}

/// Of a message: numbers, and of histograms each bucket with those before it, the sum and the count.
#[allow(clippy::cast_precision_loss, reason = "counts of a test")]
fn sent(metrics: &[Metric]) -> Numbers {
    let mut numbers = Numbers::new();
    for Metric { name, data, .. } in metrics {
        let points = match data.as_ref().unwrap() {
            metric::Data::Sum(sum) => {
                assert!(
                    sum.is_monotonic && sum.aggregation_temporality == 2,
                    "{name} counts from the start on"
                );
                assert!(sum.data_points.iter().all(|point| point.start_time_unix_nano > 0));
                &sum.data_points
            }
            metric::Data::Gauge(gauge) => &gauge.data_points,
            metric::Data::Histogram(histogram) => {
                for point in &histogram.data_points {
                    let labels = attributes(&point.attributes);
                    let bounds = point.explicit_bounds.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
                    let mut before = 0;
                    for (bound, count) in bounds.zip(&point.bucket_counts) {
                        before += count;
                        let mut labels = labels.clone();
                        labels.insert("le".to_owned(), bound);
                        numbers.insert(series(&format!("{name}_bucket"), &labels), before as f64);
                    }
                    numbers.insert(series(&format!("{name}_sum"), &labels), point.sum.unwrap());
                    numbers.insert(series(&format!("{name}_count"), &labels), point.count as f64);
                }
                continue;
            }
            other => panic!("{name}: {other:?}"),
        };
        for point in points {
            let Some(number_data_point::Value::AsDouble(value)) = point.value else { panic!("{name}") };
            numbers.insert(series(name, &attributes(&point.attributes)), value);
        }
    }
    numbers
}

/// Of the text, labels in the order of their names. Values of this hub's labels hold no comma.
fn scraped(text: &str) -> Numbers {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let read = |line: &str| {
        let (series_text, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = series_text.split_once('{').unwrap_or((series_text, "}"));
        let pairs = labels.strip_suffix('}').unwrap().split(',').filter(|pair| !pair.is_empty());
        let labels = pairs.map(|pair| pair.split_once('=').unwrap());
        let labels =
            labels.map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned())).collect();
        (series(name, &labels), value.parse().unwrap())
    };
    lines.map(read).collect()
}

/// What goes on while it is looked at.
fn moves(series: &str) -> bool {
    ["hub_otlp_", "hub_http_", "hub_queue_oldest"].iter().any(|name| series.starts_with(name))
        || series.contains("GET /metrics")
}

fn still(numbers: &Numbers) -> Numbers {
    let still = numbers.iter().filter(|(series, _)| !moves(series));
    still.map(|(series, value)| (series.clone(), *value)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_gets_the_numbers_of_the_text() {
    let collector = Collector::start(Manner::default()).await;
    let house = House::start(Folder::new(), &[], &collecting(&collector.url));
    house.say(&["remind me to water the plants tomorrow at 9", "it rains"], None).await;
    let action = house.proposed().await;
    house.approve(&action, None).await;
    house.done(&action).await;
    house.drained().await;
    // What was done last may be counted a moment after it is seen.
    let (text, last) = until("a message of the same numbers", async || {
        let text = scraped(&house.metrics().await);
        let before = collector.metrics().len();
        until("two more messages", async || (collector.metrics().len() > before + 1).then_some(())).await;
        let last = sent(collector.metrics().last().unwrap());
        (still(&text) == still(&last)).then_some((text, last))
    })
    .await;
    house.stop().await;

    for name in ["hub_events_total{status=\"stored\"}", "hub_ready{}"] {
        assert!(text.contains_key(name) && text[name] > 0.0, "{text:?}");
    }
    assert!(text.keys().any(|name| name.starts_with("hub_tool_seconds_bucket")));
    // Those that move are there all the same.
    let names = |numbers: &Numbers| numbers.keys().cloned().collect::<std::collections::BTreeSet<_>>();
    let missing: Vec<String> = names(&text).difference(&names(&last)).cloned().collect();
    assert!(missing.is_empty(), "{missing:?}");
}
