//! Every refusal by a limit says which and how much, and does not hold up others.

use super::harness::{ADMIN, Server};
use super::world::World;
use hub_server::server::Settings;
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[tokio::test]
async fn refused_tokens_are_slowed_and_good_ones_are_not() {
    let settings = Settings { failed_tokens_per_second: 1, failed_tokens_burst: 3, ..Settings::default() };
    let server = Server::start_with(settings, |builder| builder).await;
    let world = World::make(&server, "rules").await;
    for _ in 0..3 {
        server.call("GET", "/v1/agents", "wrong", None).await.problem(401, "unknown_token");
    }
    let slowed = server.call("GET", "/v1/agents", "wrong", None).await;
    let problem = slowed.problem(429, "failed_token_rate");
    assert_eq!(
        (&problem["limit"], &problem["retryable"]),
        (&json!("1 refused tokens a second"), &json!(true))
    );
    assert_eq!(slowed.headers["retry-after"], "1");
    // Guesses at the admin's token are slowed too, right ones included; tokens that the hub gave out
    // are not guessed, so their bearers go on.
    server.call("GET", "/v1/agents", ADMIN, None).await.problem(429, "failed_token_rate");
    assert_eq!(server.call("GET", "/v1/agents", &world.owner, None).await.status, 200);
}

#[tokio::test]
async fn events_and_recalls_are_counted_for_each_principal() {
    let settings = Settings { events_per_second: 2, recalls_per_second: 1, ..Settings::default() };
    let server = Server::start_with(settings, |builder| builder).await;
    let world = World::make(&server, "rules").await;
    let three = json!({"events": [world.event("a"), world.event("b"), world.event("c")]});
    assert_eq!(server.call("POST", "/v1/events", &world.device, Some(three)).await.status, 200);
    let slowed = server.call("POST", "/v1/events", &world.device, Some(world.event("d"))).await;
    assert_eq!(slowed.problem(429, "event_rate")["limit"], "2 events a second");
    assert_eq!(server.call("POST", "/v1/events", &world.owner, Some(world.event("e"))).await.status, 200);

    let question = || Some(json!({"query": "a"}));
    assert_eq!(server.call("POST", "/v1/recall", &world.owner, question()).await.status, 200);
    let slowed = server.call("POST", "/v1/recall", &world.owner, question()).await;
    assert_eq!(slowed.problem(429, "recall_rate")["limit"], "1 recalls a second");
    assert_eq!(server.call("POST", "/v1/recall", &world.member, question()).await.status, 200);
}

#[tokio::test]
async fn one_connection_too_many_is_told_so_and_closed() {
    let settings = Settings { connections: 2, ..Settings::default() };
    let server = Server::start_with(settings, |builder| builder).await;
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        assert!(asked(&mut stream).await.starts_with("HTTP/1.1 200 OK"));
        held.push(stream);
    }
    let mut third = TcpStream::connect(server.address).await.unwrap();
    let mut answer = String::new();
    third.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("too_many_connections") && answer.contains("2 connections"), "{answer}");
    held.pop();
    super::harness::until("the place to be free again", async || {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        asked(&mut stream).await.starts_with("HTTP/1.1 200 OK").then_some(())
    })
    .await;
}

async fn asked(stream: &mut TcpStream) -> String {
    let _closed_already = stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: hub\r\n\r\n").await;
    let mut answer = vec![0; 1_024];
    let read = stream.read(&mut answer).await.unwrap_or(0);
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

#[tokio::test]
async fn a_head_or_a_body_that_does_not_come_is_not_waited_for() {
    let settings = Settings { head_seconds: 1, body_seconds: 1, ..Settings::default() };
    let server = Server::start_with(settings, |builder| builder).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost:").await.unwrap();
    let mut answer = String::new();
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read_to_string(&mut answer)).await;
    assert!(read.is_ok(), "the connection is still open");

    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST /v1/agents HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer {ADMIN}\r\ncontent-length: 10\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 2_048];
    let read =
        tokio::time::timeout(Duration::from_secs(10), stream.read(&mut answer)).await.unwrap().unwrap();
    let answer = String::from_utf8_lossy(&answer[..read]);
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("\"limit\":\"1 s\""), "{answer}");
}

#[tokio::test]
async fn request_ids_come_back_and_metrics_count() {
    let server = Server::start().await;
    let world = World::make(&server, "rules").await;
    let sent = server
        .client
        .get(format!("{}/v1/agents", server.url))
        .header("authorization", format!("Bearer {}", world.owner))
        .header("x-request-id", "trace-7.a")
        .send()
        .await
        .unwrap();
    assert_eq!(sent.headers()["x-request-id"], "trace-7.a");

    server.post("/v1/events", &world.device, world.event("hello")).await;
    server.call("GET", "/v1/agents", "wrong", None).await;
    server.call("POST", "/v1/events", &world.bare_device, Some(world.event("hello"))).await;
    let planned = "hub_plan_seconds_count{planner=\"rules\",outcome=\"succeeded\"}";
    let metrics = super::harness::until("a plan", async || {
        let text = server.raw("GET", "/metrics", None, None).await.text;
        text.contains(planned).then_some(text)
    })
    .await;
    for line in [
        "hub_events_total{status=\"stored\"} 1",
        "hub_denials_total{code=\"unknown_token\"} 1",
        "hub_denials_total{code=\"missing_scope\"} 1",
        "hub_ready 1",
        "hub_http_requests_total{route=\"POST /v1/events\",status=\"2xx\"} ",
        "hub_queue_depth{queue=\"plan\",state=\"dead\"} 0",
        "hub_queue_oldest_seconds{queue=\"index\"} ",
        "hub_commit_events_sum 1",
        "hub_commit_seconds_bucket{le=",
    ] {
        assert!(metrics.lines().any(|found| found.starts_with(line)), "{line} is not in\n{metrics}");
    }
    for (path, status) in [("/healthz", 200), ("/readyz", 200), ("/nowhere", 404)] {
        assert_eq!(server.raw("GET", path, None, None).await.status, status, "{path}");
    }
}
