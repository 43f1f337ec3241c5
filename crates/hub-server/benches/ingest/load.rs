//! Load: connections that each have one request under way, and what they saw.

use super::client::Connection;
use super::hub::Hub;
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Events of one measurement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) connections: usize,
    pub(crate) events: usize,
    pub(crate) batch: usize,
}

/// Somebody who talks to an agent.
#[derive(Debug, Clone)]
pub(crate) struct Talker {
    pub(crate) token: String,
    pub(crate) space_id: String,
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
    /// Posts the events of the hub's own agent and demands that each was stored.
    pub(crate) async fn run(self, hub: &Hub) -> Outcome {
        self.share(&[hub], vec![hub.talker()]).await
    }

    /// Posts the events, to each hub from its share of the connections, and for each agent in turn.
    pub(crate) async fn share(self, hubs: &[&Hub], talkers: Vec<Talker>) -> Outcome {
        let each = self.events / self.connections / self.batch;
        let talkers = Arc::new(talkers);
        let began = Instant::now();
        let tasks = (0..self.connections).map(|connection| {
            let (host, talkers) = (hubs[connection % hubs.len()].host.clone(), talkers.clone());
            tokio::spawn(async move {
                let mut client = Connection::open(&host, "").await;
                let mut latencies = Vec::with_capacity(each);
                for request in 0..each {
                    let talker = &talkers[(connection + request * self.connections) % talkers.len()];
                    let body = self.body(connection, request, &talker.space_id);
                    client.token.clone_from(&talker.token);
                    let sent = Instant::now();
                    let (status, answer) = client.ask("POST", "/v1/events", &body).await;
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
