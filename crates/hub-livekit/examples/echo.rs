//! Gives back what it hears: the track that came last is the one that is heard.
//! `cargo run --example echo -- --url ws://127.0.0.1:7880 --api-key KEY --api-secret SECRET --room NAME`

mod arguments;
mod echoing;

use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (room, mut events) = arguments::join("echo").await?;
    echoing::echo(&room, &mut events).await?;
    room.leave().await;
    Ok(())
}
