//! What a worker tells of itself.

use std::sync::Arc;
use std::time::Duration;

/// What happened to a worker.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event {
    /// The server took it; from now on it is offered jobs.
    Registered {
        /// The server's name for it.
        worker: String,
        /// The server's version.
        server: String,
    },
    /// The connection was lost, or not made; jobs go on. It is called again after the pause.
    Away {
        /// Why.
        cause: Arc<super::Error>,
        /// The pause.
        pause: Duration,
    },
    /// A job was refused.
    Refused {
        /// The job.
        job: String,
        /// Its room.
        room: String,
        /// Why.
        why: Refusal,
    },
    /// A job was accepted, but the server did not assign it in time.
    Unassigned {
        /// The job.
        job: String,
    },
    /// A job's handler runs.
    Started {
        /// The job.
        job: String,
        /// Its room.
        room: String,
    },
    /// The server, or whoever stops the worker, asked a job to end.
    Terminated {
        /// The job.
        job: String,
    },
    /// A job's handler ended.
    Ended {
        /// The job.
        job: String,
        /// What went wrong, if anything did.
        error: Option<String>,
    },
    /// The server sent what this worker does not know.
    Unknown,
}

/// Why a job was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// As many jobs run as the options allow.
    Full,
    /// No more jobs are taken.
    Draining,
    /// The job runs here already.
    Running,
    /// The handler's owner did not want it; the text says why.
    Unwanted(String),
}
