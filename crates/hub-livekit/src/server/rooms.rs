//! Rooms and who is in them.

use super::{Error, Server};
use livekit_api::access_token::VideoGrants;
use livekit_protocol as proto;
use prost::Message;
use std::collections::HashMap;
use std::time::Duration;

/// The rooms of a server.
#[derive(Debug, Clone, Copy)]
pub struct Rooms<'a> {
    pub(super) server: &'a Server,
}

/// A room to be made.
#[derive(Debug, Clone, Default)]
pub struct NewRoom {
    request: proto::CreateRoomRequest,
}

impl NewRoom {
    /// A room of that name, with the server's own settings.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { request: proto::CreateRoomRequest { name: name.to_owned(), ..Default::default() } }
    }

    /// How long it waits for its first participant; whole seconds.
    #[must_use]
    pub fn empty_for(mut self, time: Duration) -> Self {
        self.request.empty_timeout = seconds(time);
        self
    }

    /// How long it stays after its last participant; whole seconds.
    #[must_use]
    pub fn deserted_for(mut self, time: Duration) -> Self {
        self.request.departure_timeout = seconds(time);
        self
    }

    /// The most participants; 0 is no limit.
    #[must_use]
    pub fn most_participants(mut self, count: u32) -> Self {
        self.request.max_participants = count;
        self
    }

    /// Its metadata.
    #[must_use]
    pub fn metadata(mut self, metadata: &str) -> Self {
        metadata.clone_into(&mut self.request.metadata);
        self
    }

    /// An agent that is called into it at once.
    #[must_use]
    pub fn agent(mut self, agent_name: &str, metadata: &str) -> Self {
        let (agent_name, metadata) = (agent_name.to_owned(), metadata.to_owned());
        let agent = proto::RoomAgentDispatch { agent_name, metadata, ..Default::default() };
        self.request.agents.push(agent);
        self
    }
}

fn seconds(time: Duration) -> u32 {
    u32::try_from(time.as_secs()).unwrap_or(u32::MAX)
}

impl Rooms<'_> {
    async fn administer<Answer: Message + Default>(
        &self,
        room: &str,
        method: &str,
        request: &impl Message,
    ) -> Result<Answer, Error> {
        let grants = VideoGrants { room_admin: true, room: room.to_owned(), ..Default::default() };
        self.server.call(&format!("RoomService/{method}"), request, grants).await
    }

    /// Makes a room, or answers the one of that name.
    ///
    /// # Errors
    /// As every method here: [`Error::Net`] where the server is not reached, [`Error::Refused`] where it
    /// refuses.
    pub async fn create(&self, room: &NewRoom) -> Result<proto::Room, Error> {
        let grants = VideoGrants { room_create: true, ..Default::default() };
        self.server.call("RoomService/CreateRoom", &room.request, grants).await
    }

    /// The rooms of these names, or all.
    ///
    /// # Errors
    /// See [`Rooms::create`].
    pub async fn list(&self, names: &[&str]) -> Result<Vec<proto::Room>, Error> {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let grants = VideoGrants { room_list: true, ..Default::default() };
        let request = proto::ListRoomsRequest { names };
        let answer: proto::ListRoomsResponse =
            self.server.call("RoomService/ListRooms", &request, grants).await?;
        Ok(answer.rooms)
    }

    /// Ends a room; everybody in it is sent away.
    ///
    /// # Errors
    /// See [`Rooms::create`].
    pub async fn delete(&self, room: &str) -> Result<(), Error> {
        let grants = VideoGrants { room_create: true, ..Default::default() };
        let request = proto::DeleteRoomRequest { room: room.to_owned() };
        let _: proto::DeleteRoomResponse =
            self.server.call("RoomService/DeleteRoom", &request, grants).await?;
        Ok(())
    }

    /// Replaces a room's metadata.
    ///
    /// # Errors
    /// See [`Rooms::create`].
    pub async fn set_metadata(&self, room: &str, metadata: &str) -> Result<proto::Room, Error> {
        let (room, metadata) = (room.to_owned(), metadata.to_owned());
        let request = proto::UpdateRoomMetadataRequest { room: room.clone(), metadata };
        self.administer(&room, "UpdateRoomMetadata", &request).await
    }

    /// Everybody in a room.
    ///
    /// # Errors
    /// See [`Rooms::create`].
    pub async fn participants(&self, room: &str) -> Result<Vec<proto::ParticipantInfo>, Error> {
        let request = proto::ListParticipantsRequest { room: room.to_owned() };
        let answer: proto::ListParticipantsResponse =
            self.administer(room, "ListParticipants", &request).await?;
        Ok(answer.participants)
    }

    /// One participant.
    ///
    /// # Errors
    /// See [`Rooms::create`].
    pub async fn participant(&self, room: &str, identity: &str) -> Result<proto::ParticipantInfo, Error> {
        self.administer(room, "GetParticipant", &whom(room, identity)).await
    }

    /// Sends a participant away. With a token that is still good it can come back.
    ///
    /// # Errors
    /// See [`Rooms::create`].
    pub async fn remove(&self, room: &str, identity: &str) -> Result<(), Error> {
        let _: proto::RemoveParticipantResponse =
            self.administer(room, "RemoveParticipant", &whom(room, identity)).await?;
        Ok(())
    }

    /// Mutes a published track, or unmutes it where the server's settings allow that.
    ///
    /// # Errors
    /// See [`Rooms::create`].
    pub async fn mute(&self, room: &str, identity: &str, track: &str, muted: bool) -> Result<(), Error> {
        let (identity, track_sid) = (identity.to_owned(), track.to_owned());
        let request = proto::MuteRoomTrackRequest { room: room.to_owned(), identity, track_sid, muted };
        let _: proto::MuteRoomTrackResponse = self.administer(room, "MutePublishedTrack", &request).await?;
        Ok(())
    }

    /// Changes what a participant who is in the room may do.
    ///
    /// # Errors
    /// See [`Rooms::create`].
    pub async fn permit(
        &self,
        room: &str,
        identity: &str,
        permission: proto::ParticipantPermission,
    ) -> Result<proto::ParticipantInfo, Error> {
        let (to, identity) = (room.to_owned(), identity.to_owned());
        let permission = Some(permission);
        let request =
            proto::UpdateParticipantRequest { room: to, identity, permission, ..Default::default() };
        self.administer(room, "UpdateParticipant", &request).await
    }

    /// Sets attributes of a participant; an empty value removes one.
    ///
    /// # Errors
    /// See [`Rooms::create`].
    pub async fn set_attributes(
        &self,
        room: &str,
        identity: &str,
        attributes: HashMap<String, String>,
    ) -> Result<proto::ParticipantInfo, Error> {
        let (to, identity) = (room.to_owned(), identity.to_owned());
        let request =
            proto::UpdateParticipantRequest { room: to, identity, attributes, ..Default::default() };
        self.administer(room, "UpdateParticipant", &request).await
    }

    /// Subscribes a participant to tracks, or takes them away from it.
    ///
    /// # Errors
    /// See [`Rooms::create`].
    pub async fn subscribe(
        &self,
        room: &str,
        identity: &str,
        tracks: &[&str],
        subscribe: bool,
    ) -> Result<(), Error> {
        let request = proto::UpdateSubscriptionsRequest {
            room: room.to_owned(),
            identity: identity.to_owned(),
            track_sids: tracks.iter().map(|track| (*track).to_owned()).collect(),
            subscribe,
            ..Default::default()
        };
        let _: proto::UpdateSubscriptionsResponse =
            self.administer(room, "UpdateSubscriptions", &request).await?;
        Ok(())
    }

    /// Sends a reliable data packet to these participants, or to everybody.
    ///
    /// # Errors
    /// See [`Rooms::create`].
    pub async fn send(&self, room: &str, topic: &str, data: &[u8], to: &[&str]) -> Result<(), Error> {
        let mut nonce = vec![0; 16];
        getrandom::fill(&mut nonce).map_err(|cause| Error::Token(cause.to_string()))?;
        let request = proto::SendDataRequest {
            room: room.to_owned(),
            data: data.to_vec(),
            kind: proto::data_packet::Kind::Reliable.into(),
            destination_identities: to.iter().map(|identity| (*identity).to_owned()).collect(),
            topic: Some(topic.to_owned()),
            nonce,
            ..Default::default()
        };
        let _: proto::SendDataResponse = self.administer(room, "SendData", &request).await?;
        Ok(())
    }
}

fn whom(room: &str, identity: &str) -> proto::RoomParticipantIdentity {
    proto::RoomParticipantIdentity {
        room: room.to_owned(),
        identity: identity.to_owned(),
        ..Default::default()
    }
}
