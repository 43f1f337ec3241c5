//! The arguments that the examples share.
#![allow(dead_code, reason = "each example uses a part")]

use hub_livekit::server::{Join, Keys};
use hub_livekit::{Room, RoomEvents, RoomOptions};
use std::error::Error;

/// Joins the room that the command line names.
pub(crate) async fn join(identity: &str) -> Result<(Room, RoomEvents), Box<dyn Error>> {
    let (url, keys) = server()?;
    let room = argument("--room").ok_or("--room is missing")?;
    let identity = argument("--identity").unwrap_or_else(|| identity.to_owned());
    let join = Join::new(&room, &identity).microphone().data();
    Ok(Room::connect(&url, &keys.join(&join)?, RoomOptions::new()?).await?)
}

/// The server that the command line names.
pub(crate) fn server() -> Result<(String, Keys), Box<dyn Error>> {
    let url = argument("--url").ok_or("--url is missing")?;
    let key = argument("--api-key").ok_or("--api-key is missing")?;
    let secret = argument("--api-secret").ok_or("--api-secret is missing")?;
    Ok((url, Keys::new(&key, &secret)?))
}

/// What follows that name.
pub(crate) fn argument(name: &str) -> Option<String> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1)
}
