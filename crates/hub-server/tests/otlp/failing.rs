//! Collectors that are away, slow or busy: the hub does not mind, and says what it lost.

use crate::cli_support::Folder;
use crate::collector::{Collector, Manner};
use crate::house::{House, collecting, number, until};
use serde_json::Value;
use std::net::TcpListener;
use std::time::{Duration, Instant};

/// A port at which nobody listens.
fn nowhere() -> String {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    format!("http://127.0.0.1:{port}")
}

/// Asks so often, one after the other; answers how long the slowest took.
async fn ask_often(house: &House, times: usize) -> Duration {
    let mut slowest = Duration::ZERO;
    for _ in 0..times {
        let began = Instant::now();
        house.get(&format!("/v1/agents/{}/status", house.agent)).await;
        slowest = slowest.max(began.elapsed());
    }
    slowest
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_away_costs_its_spans_and_nothing_else() {
    let mut environment = collecting(&nowhere());
    environment.push(("OTEL_EXPORTER_OTLP_TIMEOUT", "300".to_owned()));
    let house = House::start(Folder::new(), &[], &environment);
    house.say(&["remind me to water the plants tomorrow at 9"], None).await;
    let action = house.proposed().await;
    house.approve(&action, None).await;
    house.done(&action).await;
    let lost = until("losses that are counted", async || {
        let metrics = house.metrics().await;
        let failed = number(&metrics, "hub_otlp_spans_total{outcome=\"failed\"}");
        let messages = number(&metrics, "hub_otlp_messages_total{signal=\"metrics\",outcome=\"failed\"}");
        (failed > 5.0 && messages > 1.0).then_some(metrics)
    })
    .await;
    assert_eq!(number(&lost, "hub_otlp_spans_total{outcome=\"sent\"}"), 0.0);
    let log = house.log();
    assert_eq!(log.matches("the collector takes no telemetry").count(), 2, "once for each kind: {log}");
    let (_, took) = house.stop().await;
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_slow_holds_up_no_request_and_no_stop() {
    let collector = Collector::start(Manner { delay: Duration::from_secs(60), refuses: None }).await;
    let mut environment = collecting(&collector.url);
    environment.push(("OTEL_BSP_MAX_QUEUE_SIZE", "20".to_owned()));
    let house = House::start(Folder::new(), &[], &environment);
    let slowest = ask_often(&house, 100).await;
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    let metrics = house.metrics().await;
    let full = number(&metrics, "hub_otlp_spans_total{outcome=\"full\"}");
    // A batch is under way, twenty wait, and what came after them found no place.
    assert!((40.0..=100.0).contains(&full), "{full}");
    let (_, took) = house.stop().await;
    // Two seconds for the last spans, and what a stop takes.
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert!(collector.spans().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_busy_for_a_moment_gets_everything_after_it() {
    let collector = Collector::start(Manner { delay: Duration::ZERO, refuses: Some((503, 2)) }).await;
    let house = House::start(Folder::new(), &[], &collecting(&collector.url));
    house.say(&["good morning"], None).await;
    house.drained().await;
    until("the spans", async || (!collector.spans().is_empty()).then_some(())).await;
    let metrics = house.metrics().await;
    assert_eq!(number(&metrics, "hub_otlp_spans_total{outcome=\"failed\"}"), 0.0);
    house.stop().await;
}

#[test]
fn a_variable_that_asks_for_what_is_not_there_is_named_at_the_start() {
    for (variable, value) in [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nowhere"),
    ] {
        let folder = Folder::new();
        let mut command = folder.command(&["serve", "--listen", "127.0.0.1:0", "--json"]);
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", "https://127.0.0.1:1").env(variable, value);
        let ended = crate::cli_support::Ended::of(command.output().unwrap());
        assert_eq!(ended.code, 2, "{ended:?}");
        let told: Value = ended.value();
        assert_eq!(told["error"]["code"], "otlp");
        let text = told.to_string();
        assert!(text.contains(variable) && !text.contains("collector:4317"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_says_whether_somebody_takes_telemetry() {
    let well = Collector::start(Manner::default()).await;
    let closed = Collector::start(Manner { delay: Duration::ZERO, refuses: Some((401, 9)) }).await;
    let nobody = nowhere();
    for (url, state, found) in [
        (&well.url, "good", "takes telemetry"),
        (&closed.url, "wrong", "it answers with status 401"),
        (&nobody, "wrong", "nobody answers there"),
    ] {
        let folder = Folder::new();
        let mut command = folder.command(&["doctor", "--listen", "127.0.0.1:0", "--json"]);
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", url);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let told = crate::cli_support::Ended::of(output).value();
        let checks = told["checks"].as_array().unwrap();
        let own: Vec<&Value> = checks.iter().filter(|check| check["name"] == "collector").collect();
        assert_eq!(own.len(), 2, "traces and metrics: {told}");
        for check in own {
            assert_eq!(check["state"], state, "{check}");
            assert!(check["found"].as_str().unwrap().contains(found), "{check}");
            assert_eq!(check["mend"].is_null(), state == "good");
        }
    }
}
