//! Load: connections that each have one request under way, and what they saw.

use super::client::Connection;
use super::hub::Hub;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Events of one measurement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) connections: usize,
    pub(crate) events: usize,
    pub(crate) batch: usize,
}

/// What was seen.
#[derive(Debug)]
pub(crate) struct Outcome {
    done: usize,
    took: Duration,
    latencies: Vec<Duration>,
}

impl Outcome {
    pub(crate) fn rate(&self) -> f64 {
        self.done as f64 / self.took.as_secs_f64()
    }

    /// A percentile of the requests' latencies, in milliseconds.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.latencies.clone();
        sorted.sort();
        sorted[(sorted.len() - 1) * percent / 100].as_secs_f64() * 1e3
    }
}

impl Load {
    /// Posts the events and demands that each was stored.
    pub(crate) async fn run(self, hub: &Hub) -> Outcome {
        let each = self.events / self.connections / self.batch;
        let (path, space) = ("/v1/events", hub.space_id.clone());
        let began = Instant::now();
        let tasks = (0..self.connections).map(|connection| {
            let (host, token, space) = (hub.host.clone(), hub.token.clone(), space.clone());
            tokio::spawn(async move {
                let mut client = Connection::open(&host, &token).await;
                let mut latencies = Vec::with_capacity(each);
                for request in 0..each {
                    let body = self.body(connection, request, &space);
                    let sent = Instant::now();
                    let (status, answer) = client.ask("POST", path, &body).await;
                    latencies.push(sent.elapsed());
                    let stored = answer.windows(10).filter(|window| window == b"\"stored\"},").count();
                    let last = answer.windows(11).filter(|window| window == b"\"stored\"}]}").count();
                    assert_eq!(
                        (status, stored + last),
                        (200, self.batch),
                        "{}",
                        String::from_utf8_lossy(answer)
                    );
                }
                latencies
            })
        });
        let tasks: Vec<_> = tasks.collect();
        let mut latencies = Vec::new();
        for task in tasks {
            latencies.extend(task.await.unwrap());
        }
        Outcome { done: latencies.len() * self.batch, took: began.elapsed(), latencies }
    }

    fn body(self, connection: usize, request: usize, space: &str) -> String {
        let events: Vec<String> =
            (0..self.batch).map(|n| self.event(connection, request, n, space)).collect();
        match events.as_slice() {
            [event] => event.clone(),
            events => format!("{{\"events\":[{}]}}", events.join(",")),
        }
    }

    /// Ordinary talk under a random id, as callers make them.
    fn event(self, connection: usize, request: usize, n: usize, space: &str) -> String {
        format!(
            "{{\"event_id\":\"{}\",\"space_id\":\"{space}\",\"type\":\"transcript_chunk\",\
             \"occurred_at\":\"2026-03-01T10:00:00Z\",\"payload\":{{\"role\":\"user\",\"text\":\"I think button {n} of \
             remote control number {request} should be yellow, and client {connection} says so too\"}}}}",
            Uuid::new_v4()
        )
    }
}

/// Requests that ask for nothing: what client, server and kernel do at most.
pub(crate) async fn empty(hub: &Hub, connections: usize, requests: usize) -> Outcome {
    let each = requests / connections;
    let began = Instant::now();
    let tasks = (0..connections).map(|_| {
        let host = hub.host.clone();
        tokio::spawn(async move {
            let mut client = Connection::open(&host, "").await;
            let mut latencies = Vec::with_capacity(each);
            for _ in 0..each {
                let sent = Instant::now();
                assert_eq!(client.ask("GET", "/healthz", "").await.0, 200);
                latencies.push(sent.elapsed());
            }
            latencies
        })
    });
    let tasks: Vec<_> = tasks.collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await.unwrap());
    }
    Outcome { done: latencies.len(), took: began.elapsed(), latencies }
}
