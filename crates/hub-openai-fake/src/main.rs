//! `hub-openai-fake`: the server as a program.

use clap::Parser;
use hub_openai_fake::{Fake, Script, recording};
use std::path::PathBuf;
use std::process::ExitCode;

/// Speaks OpenAI's Responses API from a script, on loopback.
#[derive(Debug, Parser)]
struct Arguments {
    /// The script: a JSON file, or recorded traffic (.yaml)
    script: PathBuf,
    /// Address and port
    #[arg(long, default_value = "127.0.0.1:8390")]
    listen: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    match serve(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            tell(&format!("error: {problem}"));
            ExitCode::FAILURE
        }
    }
}

async fn serve(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string(&arguments.script)?;
    let recorded = arguments.script.extension().is_some_and(|kind| kind == "yaml" || kind == "yml");
    let script = if recorded { recording::script(&text)? } else { Script::parse(&text)? };
    let fake = Fake::listen(script, &arguments.listen).await?;
    tell(&format!("OPENAI_BASE_URL={}", fake.url()));
    tokio::signal::ctrl_c().await?;
    Ok(())
}

/// A program talks to whoever started it.
#[allow(clippy::print_stdout)]
fn tell(line: &str) {
    println!("{line}");
}
