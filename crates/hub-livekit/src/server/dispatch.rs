//! Calling agents into rooms.

use super::{Error, Server};
use livekit_api::access_token::VideoGrants;
use livekit_protocol as proto;
use prost::Message;

/// The dispatches of a server.
#[derive(Debug, Clone, Copy)]
pub struct Dispatches<'a> {
    pub(super) server: &'a Server,
}

impl Dispatches<'_> {
    async fn administer<Answer: Message + Default>(
        &self,
        room: &str,
        method: &str,
        request: &impl Message,
    ) -> Result<Answer, Error> {
        let grants = VideoGrants { room_admin: true, room: room.to_owned(), ..Default::default() };
        self.server.call(&format!("AgentDispatchService/{method}"), request, grants).await
    }

    /// Calls an agent into a room, which is made where it does not exist.
    ///
    /// # Errors
    /// As every method here: [`Error::Net`] where the server is not reached, [`Error::Refused`] where it
    /// refuses.
    pub async fn create(
        &self,
        room: &str,
        agent_name: &str,
        metadata: &str,
    ) -> Result<proto::AgentDispatch, Error> {
        let request = proto::CreateAgentDispatchRequest {
            agent_name: agent_name.to_owned(),
            room: room.to_owned(),
            metadata: metadata.to_owned(),
            ..Default::default()
        };
        self.administer(room, "CreateDispatch", &request).await
    }

    /// The dispatches of a room, each with its jobs.
    ///
    /// # Errors
    /// See [`Dispatches::create`].
    pub async fn list(&self, room: &str) -> Result<Vec<proto::AgentDispatch>, Error> {
        let request = proto::ListAgentDispatchRequest { room: room.to_owned(), ..Default::default() };
        let answer: proto::ListAgentDispatchResponse =
            self.administer(room, "ListDispatch", &request).await?;
        Ok(answer.agent_dispatches)
    }

    /// Ends a dispatch; its agents are sent away.
    ///
    /// # Errors
    /// See [`Dispatches::create`].
    pub async fn delete(&self, room: &str, dispatch: &str) -> Result<(), Error> {
        let dispatch_id = dispatch.to_owned();
        let request = proto::DeleteAgentDispatchRequest { dispatch_id, room: room.to_owned() };
        let _: proto::AgentDispatch = self.administer(room, "DeleteDispatch", &request).await?;
        Ok(())
    }
}
