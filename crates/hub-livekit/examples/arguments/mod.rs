//! The arguments that the examples share.

use hub_livekit::server::{Join, Keys};
use hub_livekit::{Room, RoomEvents, RoomOptions};
use std::error::Error;

/// Joins the room that the command line names.
pub(crate) async fn join(identity: &str) -> Result<(Room, RoomEvents), Box<dyn Error>> {
    let url = argument("--url").ok_or("--url is missing")?;
    let key = argument("--api-key").ok_or("--api-key is missing")?;
    let secret = argument("--api-secret").ok_or("--api-secret is missing")?;
    let room = argument("--room").ok_or("--room is missing")?;
    let identity = argument("--identity").unwrap_or_else(|| identity.to_owned());
    let join = Join::new(&room, &identity).microphone().data();
    let token = Keys::new(&key, &secret)?.join(&join)?;
    Ok(Room::connect(&url, &token, RoomOptions::new()?).await?)
}

fn argument(name: &str) -> Option<String> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1)
}
