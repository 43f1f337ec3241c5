//! A job, as its handler sees it.

use livekit_protocol as proto;
use std::fmt;
use tokio::sync::watch;

/// A job that is offered.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// The job's id.
    pub job: String,
    /// The dispatch that it belongs to.
    pub dispatch: String,
    /// The room.
    pub room: String,
    /// The room's metadata.
    pub room_metadata: String,
    /// The participant whom it is for, where the worker is not one for rooms.
    pub participant: Option<String>,
    /// What whoever called the agent gave along.
    pub metadata: String,
    /// Whether another worker ran it before.
    pub resuming: bool,
}

impl Offer {
    pub(super) fn read(job: &proto::Job, resuming: bool) -> Self {
        Self {
            job: job.id.clone(),
            dispatch: job.dispatch_id.clone(),
            room: job.room.as_ref().map(|room| room.name.clone()).unwrap_or_default(),
            room_metadata: job.room.as_ref().map(|room| room.metadata.clone()).unwrap_or_default(),
            participant: job.participant.as_ref().map(|participant| participant.identity.clone()),
            metadata: job.metadata.clone(),
            resuming,
        }
    }
}

/// A job that this worker was given.
#[derive(Clone)]
pub struct Job {
    /// What was offered.
    pub offer: Offer,
    /// The server to join.
    pub url: String,
    /// The token to join with: the room and the identity are in it. It is good for an hour.
    pub token: String,
    /// The identity in the room.
    pub identity: String,
    pub(super) stop: watch::Receiver<bool>,
}

impl Job {
    /// Waits until the job is to end: its dispatch was ended, its agent was removed from the room, or the
    /// worker stops. That the room itself ended is told by the room, not here: LiveKit says nothing of it.
    pub async fn terminated(&self) {
        // A worker that is gone wants nothing to go on.
        let _ = self.stop.clone().wait_for(|stop| *stop).await;
    }

    /// Whether the job is to end.
    #[must_use]
    pub fn is_terminated(&self) -> bool {
        *self.stop.borrow()
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut job = formatter.debug_struct("Job");
        job.field("offer", &self.offer).field("identity", &self.identity).finish_non_exhaustive()
    }
}
