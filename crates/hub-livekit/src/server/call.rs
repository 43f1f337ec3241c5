//! One request to one of the server's services: Twirp, protobuf over HTTP.

use super::{Dispatches, Error, Keys, Rooms, Webhooks};
use crate::net::{self, Http, Tls};
use livekit_api::access_token::VideoGrants;
use prost::Message;
use serde::Deserialize;
use std::time::Duration;

/// How long a request may take.
const REQUEST_TIME: Duration = Duration::from_secs(10);
/// How long the token of one request is good.
const TOKEN_LIFETIME: Duration = Duration::from_secs(60);

/// A LiveKit server, as one who has its keys sees it. A clone is cheap, and shares connections.
#[derive(Debug, Clone)]
pub struct Server {
    url: String,
    keys: Keys,
    http: Http,
}

impl Server {
    /// The server at that URL (`ws`, `wss`, `http` or `https`). Nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Net`] for a URL that is none of a LiveKit server.
    pub fn new(url: &str, keys: Keys, tls: &Tls) -> Result<Self, Error> {
        Ok(Self { url: net::with_scheme(url, false)?, keys, http: Http::new(tls)? })
    }

    /// Its rooms.
    #[must_use]
    pub fn rooms(&self) -> Rooms<'_> {
        Rooms { server: self }
    }

    /// Which agents are called into which rooms.
    #[must_use]
    pub fn dispatches(&self) -> Dispatches<'_> {
        Dispatches { server: self }
    }

    /// Its webhooks.
    #[must_use]
    pub fn webhooks(&self) -> Webhooks {
        Webhooks::new(&self.keys)
    }

    /// The keys that it was made with.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    pub(super) async fn call<Answer: Message + Default>(
        &self,
        method: &str,
        request: &impl Message,
        grants: VideoGrants,
    ) -> Result<Answer, Error> {
        let url = format!("{}/twirp/livekit.{method}", self.url);
        let token = format!("Bearer {}", self.keys.own(grants, TOKEN_LIFETIME)?);
        let headers = [("authorization", token.as_str()), ("content-type", "application/protobuf")];
        let answer = self.http.post(&url, &headers, request.encode_to_vec(), REQUEST_TIME).await?;
        if answer.status >= 400
            && let Ok(refusal) = serde_json::from_slice::<Refusal>(&answer.body)
        {
            return Err(Error::Refused { code: refusal.code, message: refusal.msg });
        }
        let body = answer.success()?;
        Answer::decode(body.as_slice()).map_err(|cause| Error::Answer(cause.to_string()))
    }
}

/// How Twirp says no.
#[derive(Deserialize)]
struct Refusal {
    code: String,
    #[serde(default)]
    msg: String,
}
