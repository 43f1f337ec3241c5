//! `hub-livekit doctor URL`: what is wrong between here and a LiveKit server.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it speaks to a person")]

use clap::{Args, Parser, Subcommand};
use hub_livekit::doctor::{self, Patient, Verdict};
use hub_livekit::net::Tls;
use hub_livekit::server::{Join, Keys};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

/// Tools for LiveKit servers.
#[derive(Debug, Parser)]
#[command(name = "hub-livekit", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Look at a server as a participant would reach it; ends with 1 when something fails.
    Doctor(Doctor),
}

#[derive(Debug, Args)]
struct Doctor {
    /// The server, such as wss://rooms.example.com.
    url: String,
    /// A token for a room, for the checks that need one.
    #[arg(long, env = "LIVEKIT_TOKEN", hide_env_values = true, conflicts_with_all = ["api_key", "api_secret"])]
    token: Option<String>,
    /// The API key, to make a token with.
    #[arg(long, env = "LIVEKIT_API_KEY", requires = "api_secret")]
    api_key: Option<String>,
    /// Its secret.
    #[arg(long, env = "LIVEKIT_API_SECRET", hide_env_values = true, requires = "api_key")]
    api_secret: Option<String>,
    /// The room that is joined, with a token that is made here.
    #[arg(long, default_value = "hub-livekit-doctor")]
    room: String,
    /// A file of certificates, in PEM form, of authorities to believe beside the public ones.
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,
    /// Print a JSON document.
    #[arg(long)]
    json: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Command::Doctor(doctor) = Arguments::parse().command;
    match look(&doctor).await {
        Ok(Verdict::Failed) => ExitCode::FAILURE,
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

async fn look(doctor: &Doctor) -> Result<Verdict, Box<dyn Error>> {
    let tls = match &doctor.root {
        Some(file) => Tls::with_roots(&std::fs::read_to_string(file)?)?,
        None => Tls::public()?,
    };
    let token = match (&doctor.token, &doctor.api_key, &doctor.api_secret) {
        (None, Some(key), Some(secret)) => {
            let join = Join::new(&doctor.room, "hub-livekit-doctor").microphone().data().hidden();
            Some(Keys::new(key, secret)?.join(&join)?)
        }
        (token, ..) => token.clone(),
    };
    let report = Box::pin(doctor::examine(&Patient { url: doctor.url.clone(), token, tls })).await;
    if doctor.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{report}");
    }
    Ok(report.verdict)
}
