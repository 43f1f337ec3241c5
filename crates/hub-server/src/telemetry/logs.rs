//! Logs for people or as JSON lines.
//!
//! Only this project's crates speak below the level `warn`: others may print what they handle.

use serde::{Deserialize, Serialize};
use std::str::FromStr;
use tracing::level_filters::LevelFilter;
use tracing::{Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

/// Crates whose log lines carry no content at any level.
const OURS: [&str; 5] = ["hub", "hub_core", "hub_protocol", "hub_server", "hub_openai"];

/// How a log line looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

impl FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "human" => Ok(Self::Human),
            "json" => Ok(Self::Json),
            _ => Err("a log format is human or json"),
        }
    }
}

/// A layer that writes log lines of `level` and above, in colour when `colour` is set.
pub fn layer<S, W>(
    format: LogFormat,
    level: Level,
    colour: bool,
    writer: W,
) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let level = LevelFilter::from_level(level);
    let targets = Targets::new()
        .with_default(LevelFilter::WARN.min(level))
        .with_targets(OURS.map(|target| (target, level)));
    match format {
        LogFormat::Human => tracing_subscriber::fmt::layer()
            .with_ansi(colour)
            .with_writer(writer)
            .with_filter(targets)
            .boxed(),
        LogFormat::Json => tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(writer)
            .with_filter(targets)
            .boxed(),
    }
}

/// Makes these the logs of the process, and lets `traces` hear its spans. Later calls change nothing.
pub fn init<W>(
    format: LogFormat,
    level: Level,
    colour: bool,
    writer: W,
    traces: Option<Box<dyn Layer<Registry> + Send + Sync>>,
) where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let _only_the_first_counts = match traces {
        Some(traces) => {
            let subscriber = tracing_subscriber::registry().with(traces);
            tracing::subscriber::set_global_default(subscriber.with(layer(format, level, colour, writer)))
        }
        None => {
            let subscriber = tracing_subscriber::registry().with(layer(format, level, colour, writer));
            tracing::subscriber::set_global_default(subscriber)
        }
    };
}
