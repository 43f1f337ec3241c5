//! Jobs whose worker died, or that no worker had room for, are dispatched again.
//!
//! A LiveKit server of one's own gives a job once: when its worker dies, or when nobody could take it, the
//! dispatch stays and nothing happens any more. What is looked for is an agent in the room, not what the
//! server says of the job: it says that a dead worker's jobs run.

use crate::server::{Error, Server};
use livekit_protocol as proto;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// Watches the rooms of a server, and calls an agent again where one should be and is not.
///
/// Several may watch one server: who finds that another was quicker takes his own call back.
#[derive(Debug)]
pub struct Rescue {
    server: Server,
    agent_name: String,
    patience: Duration,
    /// Since when a room lacks its agent.
    missing: HashMap<String, Instant>,
}

/// A room into which an agent was called again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rescued {
    /// The room.
    pub room: String,
    /// The new dispatch.
    pub dispatch: String,
}

/// What is known of a room.
struct Seen {
    room: String,
    /// What the dispatch that lacks its agent was made with.
    lacks: Option<proto::AgentDispatch>,
}

impl Rescue {
    /// Watches for the agent of that name, as in [`super::Options::agent_name`].
    ///
    /// `patience` is how long a room may lack its agent: an agent that joins slowly is not called twice.
    /// The server itself needs 20 seconds to notice that a participant was killed.
    #[must_use]
    pub fn new(server: Server, agent_name: &str, patience: Duration) -> Self {
        Self { server, agent_name: agent_name.to_owned(), patience, missing: HashMap::new() }
    }

    /// Looks once; answers what it did. A room that the server cannot speak of, as one that is just ending, is passed
    /// over until the next time.
    ///
    /// # Errors
    /// Those of the server's services, when it cannot list its rooms, and from the first room into which an agent
    /// cannot be called. Look again later.
    pub async fn look(&mut self) -> Result<Vec<Rescued>, Error> {
        let mut seen = Vec::new();
        for room in self.server.rooms().list(&[]).await? {
            if room.num_participants == 0 {
                continue;
            }
            match self.see(&room.name).await {
                Ok(room) => seen.push(room),
                Err(cause) => tracing::info!(room = room.name, %cause, "a room cannot be looked at"),
            }
        }
        let due = self.due(&seen, Instant::now());
        let mut rescued = Vec::new();
        for Seen { room, lacks } in seen.into_iter().filter(|seen| due.contains(&seen.room)) {
            let Some(old) = lacks else { continue };
            let dispatches = self.server.dispatches();
            let new = dispatches.create(&room, &self.agent_name, &old.metadata).await?;
            match dispatches.delete(&room, &old.id).await {
                Ok(()) => rescued.push(Rescued { room, dispatch: new.id }),
                // Another rescuer was quicker.
                Err(error) if error.is_not_found() => dispatches.delete(&room, &new.id).await?,
                Err(error) => return Err(error),
            }
        }
        Ok(rescued)
    }

    async fn see(&self, room: &str) -> Result<Seen, Error> {
        let dispatches = self.server.dispatches().list(room).await?;
        let ours = dispatches.into_iter().find(|dispatch| dispatch.agent_name == self.agent_name);
        let seen = |lacks| Ok(Seen { room: room.to_owned(), lacks });
        let Some(dispatch) = ours else { return seen(None) };
        let participants = self.server.rooms().participants(room).await?;
        seen((!has_agent(&participants, &self.agent_name)).then_some(dispatch))
    }

    /// The rooms whose agent has been missing for too long; what is not missing is forgotten.
    fn due(&mut self, seen: &[Seen], now: Instant) -> Vec<String> {
        let lacking = |room: &str| seen.iter().any(|seen| seen.room == room && seen.lacks.is_some());
        self.missing.retain(|room, _| lacking(room));
        let mut due = Vec::new();
        for Seen { room, .. } in seen.iter().filter(|seen| seen.lacks.is_some()) {
            let since = *self.missing.entry(room.clone()).or_insert(now);
            if now.duration_since(since) >= self.patience {
                self.missing.remove(room);
                due.push(room.clone());
            }
        }
        due
    }
}

/// Whether somebody in the room is the agent of that name. Its name is an attribute that the server gives it.
fn has_agent(participants: &[proto::ParticipantInfo], agent_name: &str) -> bool {
    participants.iter().any(|participant| {
        let name = participant.attributes.get("lk.agent_name").map(String::as_str);
        participant.kind() == proto::participant_info::Kind::Agent
            && participant.state() != proto::participant_info::State::Disconnected
            && name.unwrap_or_default() == agent_name
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Tls;
    use crate::server::Keys;

    #[tokio::test]
    async fn a_room_is_due_only_after_it_lacked_its_agent_without_a_break() {
        let keys = Keys::new("key", &"x".repeat(32)).unwrap();
        let server = Server::new("ws://127.0.0.1:1", keys, &Tls::public().unwrap()).unwrap();
        let mut rescue = Rescue::new(server, "", Duration::from_secs(10));
        let start = Instant::now();
        let mut at = |second: u64, lacks: bool| {
            let lacks = lacks.then(proto::AgentDispatch::default);
            rescue.due(&[Seen { room: "a".to_owned(), lacks }], start + Duration::from_secs(second))
        };
        assert!(at(0, true).is_empty() && at(9, true).is_empty());
        assert!(at(10, false).is_empty() && at(11, true).is_empty() && at(20, true).is_empty());
        assert_eq!(at(21, true), ["a"]);
        // Called once; then the patience begins anew.
        assert!(at(22, true).is_empty());
    }
}
