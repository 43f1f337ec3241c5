//! `hub-livekit doctor` against the real server, healthy and not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod network;
mod support;

use hub_livekit::doctor::{Patient, Report, Verdict, examine};
use hub_livekit::net::Tls;
use hub_livekit::server::{Join, Keys};
use network::{Passing, Relay};
use std::time::Duration;
use support::own::Own;
use support::{Live, live, unique};
use tokio::process::Command;

async fn report(url: &str, token: Option<String>) -> Report {
    let patient = Patient { url: url.to_owned(), token, tls: Tls::public().unwrap() };
    let report = Box::pin(examine(&patient)).await;
    println!("{report}");
    report
}

fn verdict(report: &Report, check: &str) -> Verdict {
    let of_check = report.findings.iter().filter(|finding| finding.check == check);
    of_check.map(|finding| finding.verdict).max().unwrap_or_else(|| panic!("{check} is missing"))
}

fn token(live: &Live) -> Option<String> {
    Some(live.token(&unique("doctor"), "patient"))
}

#[tokio::test]
async fn a_healthy_server_passes_every_check_that_it_offers() {
    let Some(live) = live() else { return };
    let report = report(&live.url, token(&live)).await;
    for check in ["dns", "connection", "http", "clock", "token", "websocket", "permissions", "udp", "turn"] {
        assert_eq!(verdict(&report, check), Verdict::Passed, "{check}");
    }
    // Outside a namespace of its own the server of the tests has no ICE over TCP.
    assert_ne!(verdict(&report, "tcp"), Verdict::Failed);
    assert_eq!(report.verdict, Verdict::Passed);
}

#[tokio::test]
async fn udp_that_is_swallowed_is_found() {
    let Some(live) = live() else { return };
    let relay = Relay::start(&live.url, 5).await;
    relay.set_dead(true);
    let report = report(relay.url(), token(&live)).await;
    assert_eq!((verdict(&report, "websocket"), verdict(&report, "udp")), (Verdict::Passed, Verdict::Failed));
    // The relay takes out the rest.
    assert_eq!((verdict(&report, "tcp"), verdict(&report, "turn")), (Verdict::Warning, Verdict::Skipped));
}

#[tokio::test]
async fn relays_over_tls_and_tcp_are_asked_and_the_server_through_them() {
    for secure in [true, false] {
        let Some(own) = Own::relaying(secure).await else { return };
        let (relay, port) = (Relay::start(&own.live.url, 6).await, own.turn().stream);
        let url = if secure { "turns:localhost" } else { "turn:127.0.0.1" };
        let passing = Passing { turn: vec![format!("{url}:{port}?transport=tcp")], ..Passing::default() };
        relay.pass(passing.clone());
        let tls = Tls::with_roots(include_str!("certificates/root.pem")).unwrap();
        let ask = async || {
            let patient = Patient { url: relay.url().to_owned(), token: token(&own.live), tls: tls.clone() };
            let report = Box::pin(examine(&patient)).await;
            println!("{report}");
            report
        };
        let report = ask().await;
        assert_eq!(verdict(&report, "turn"), Verdict::Passed);
        assert!(report.to_string().contains("answers through it"));
        relay.pass(Passing { password: Some("wrong".to_owned()), ..passing });
        let report = ask().await;
        assert_eq!(verdict(&report, "turn"), Verdict::Failed);
        assert!(report.to_string().contains("it refuses us"));
    }
}

#[tokio::test]
async fn tokens_are_told_apart() {
    let Some(live) = live() else { return };
    let stranger = Keys::new(&live.key, &"s".repeat(32)).unwrap();
    let forged = report(&live.url, Some(stranger.join(&Join::new("a", "b")).unwrap())).await;
    assert_eq!((verdict(&forged, "token"), verdict(&forged, "http")), (Verdict::Failed, Verdict::Passed));
    assert_eq!(verdict(&forged, "websocket"), Verdict::Skipped);
    assert!(!forged.to_string().contains("eyJ"), "the report shows the token: {forged}");

    let brief = live.keys().join(&Join::new("a", "b").lifetime(Duration::from_secs(1))).unwrap();
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let expired = report(&live.url, Some(brief)).await;
    assert!(expired.findings.iter().any(|finding| finding.text.contains("expired")));

    let weak = live.keys().join(&Join::new(&unique("weak"), "weak").deaf()).unwrap();
    assert_eq!(verdict(&report(&live.url, Some(weak)).await, "permissions"), Verdict::Warning);
    assert_eq!(verdict(&report(&live.url, None).await, "websocket"), Verdict::Skipped);
}

#[tokio::test]
async fn what_is_not_there_or_is_no_livekit_is_said() {
    let nobody = report("ws://127.0.0.1:9", None).await;
    assert_eq!((verdict(&nobody, "dns"), verdict(&nobody, "connection")), (Verdict::Passed, Verdict::Failed));
    let nameless = report("wss://no-such-host.invalid", None).await;
    assert_eq!(verdict(&nameless, "dns"), Verdict::Failed);
    assert_eq!(verdict(&report("rooms.example.com", None).await, "url"), Verdict::Failed);
}

#[tokio::test]
async fn the_program_writes_json_and_ends_with_a_code() {
    let Some(live) = live() else { return };
    let run = async |url: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_hub-livekit"));
        program.args(["doctor", url, "--json", "--api-key", &live.key, "--api-secret", &live.secret]);
        let output = program.output().await.unwrap();
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), document)
    };
    let (code, document) = run(&live.url).await;
    assert_eq!((code, &document["verdict"], &document["version"]), (Some(0), &"passed".into(), &1.into()));
    let (code, document) = run("ws://127.0.0.1:9").await;
    assert_eq!((code, &document["verdict"]), (Some(1), &"failed".into()));
}
