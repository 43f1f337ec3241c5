//! Writes a WAV for each speaker, until the room ends or the program is interrupted.
//! `cargo run --example listen -- --url ws://127.0.0.1:7880 --api-key KEY --api-secret SECRET --room NAME [--folder heard]`
#![allow(clippy::print_stdout, reason = "the files are told to who ran it")]

mod arguments;
mod listening;

use std::error::Error;
use std::path::PathBuf;
use std::pin::pin;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(arguments::argument("--folder").unwrap_or_else(|| "heard".to_owned()));
    let (room, mut events) = arguments::join("listener").await?;
    let mut listening = pin!(listening::listen(&mut events, &folder));
    let written = tokio::select! {
        written = &mut listening => written?,
        _ = tokio::signal::ctrl_c() => {
            // The room ends, and with it what is heard.
            room.leave().await;
            listening.await?
        }
    };
    for file in written {
        println!("{}", file.display());
    }
    Ok(())
}
