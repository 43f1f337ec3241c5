//! What an operator tunes of the server.

use serde::{Deserialize, Serialize};

/// Settings of the server. Every field has a default; unknown fields are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Connections that are open at once; one more is answered 503 and closed. Default 1000.
    pub connections: usize,
    /// Seconds in which the head of a request must arrive, from the answer before it on, so that
    /// idle connections close too. Default 120: longer than the 90 after which common clients close
    /// theirs, so that no request meets a closing connection.
    pub head_seconds: u64,
    /// Seconds in which the body of a request must arrive. Default 60.
    pub body_seconds: u64,
    /// Seconds in which an artifact must arrive; between two pieces of it lie `body_seconds` at most.
    /// Default 3600.
    pub upload_seconds: u64,
    /// Bytes of request bodies above 64 KiB that are held at once; beyond it a request is answered
    /// 503. Default 256 MiB.
    pub bodies_bytes: usize,
    /// Refused tokens that one source address may send each second before it is answered 429.
    /// Default 20.
    pub failed_tokens_per_second: u32,
    /// Refused tokens that one source address may send at once after a rest. Default 100.
    pub failed_tokens_burst: u32,
    /// Events that one principal may send each second. Default 200,000.
    pub events_per_second: u32,
    /// Recalls that one principal may ask for each second. Default 5,000.
    pub recalls_per_second: u32,
    /// Seconds within which a stop ends, whatever the database does. Default 10.
    pub stop_seconds: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connections: 1_000,
            head_seconds: 120,
            body_seconds: 60,
            upload_seconds: 3_600,
            bodies_bytes: 256 * 1024 * 1024,
            failed_tokens_per_second: 20,
            failed_tokens_burst: 100,
            events_per_second: 200_000,
            recalls_per_second: 5_000,
            stop_seconds: 10,
        }
    }
}
