//! `hub replay`: feeds a transcript, and ends with a table of what came of it.
//!
//! [`hub_server::transcript`] describes the two formats.

mod feed;
mod places;
mod report;

use super::Common;
use super::drain;
use super::exit::{Exit, Failure, Outcome};
use super::screen::Screen;
use super::session::{Reach, Session};
use clap::{Args, ValueEnum};
use feed::{Feed, Pace};
use hub_protocol::limits::EVENTS_PER_REQUEST;
use hub_protocol::status::Status;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use report::Report;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// JSON lines: events, or meetings
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Id or name of the space
    #[arg(long, value_name = "SPACE", conflicts_with = "space_per_meeting")]
    space: Option<String>,
    /// A space for each meeting, made when it is new
    #[arg(long)]
    space_per_meeting: bool,
    /// Leave speakers of meetings as labels; by default each becomes a person of the agent
    #[arg(long)]
    labels_only: bool,
    /// As fast as the hub takes it, or in the pace of the times in the file
    #[arg(long, value_enum, default_value_t = Speed::Full)]
    speed: Speed,
    /// Requests under way at once; with more than one, talk may arrive out of its order
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    connections: u16,
    /// Events in a request, 1 to 1000; in real time, those that are due
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1000))]
    batch: u16,
    /// Do not wait until everything is planned and recallable
    #[arg(long)]
    no_wait: bool,
    /// Seconds to wait for that
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    wait: u64,
    #[command(flatten)]
    reach: Reach,
}

/// How fast to feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Speed {
    Full,
    Real,
}

impl Replay {
    pub(crate) async fn run(&self, common: &Common, screen: &Screen) -> Outcome<Exit> {
        let bytes = std::fs::read(&self.file).map_err(|cause| {
            Failure::usage("file", format!("{} cannot be read: {cause}", self.file.display()))
        })?;
        let transcript = places::read(&bytes, &self.file)?;
        let session = Session::open(common, &self.reach).await?;
        let stem = self.file.file_stem().unwrap_or("transcript".as_ref()).to_string_lossy();
        let events = places::events(&transcript, &session, &self.places(&stem), &self.file).await?;
        let total = u64::try_from(events.len()).unwrap_or(u64::MAX);
        let before = drain::status(&session).await?;
        let bar = bar(total, screen);
        let begun = Instant::now();
        let feed = Feed {
            client: session.feeder().await?,
            connections: usize::from(self.connections),
            batch: usize::from(self.batch).min(EVENTS_PER_REQUEST),
            pace: if self.speed == Speed::Real { Pace::Real } else { Pace::Full },
            bar: bar.clone(),
        };
        let tally = feed.run(events).await?;
        let sent = begun.elapsed();
        let after = self.settle(&session, &bar).await?;
        bar.finish_and_clear();
        let drained = after.is_drained().then(|| begun.elapsed());
        let report = Report::new(&tally, sent, drained, &before, &after);
        report.show(&self.file, &places::described(&transcript), &tally, screen);
        Ok(if tally.refused == 0 && (self.no_wait || drained.is_some()) { Exit::Done } else { Exit::Wrong })
    }

    fn places<'a>(&'a self, stem: &'a str) -> places::Places<'a> {
        places::Places {
            stem,
            space: self.space.as_deref(),
            space_per_meeting: self.space_per_meeting,
            labels_only: self.labels_only,
        }
    }

    async fn settle(&self, session: &Session, bar: &ProgressBar) -> Outcome<Status> {
        let most = if self.no_wait { Duration::ZERO } else { Duration::from_secs(self.wait) };
        drain::drained(session, most, |status| {
            bar.set_message(format!("planning, {} jobs to go", drain::waiting(status)));
        })
        .await
    }
}

fn bar(total: u64, screen: &Screen) -> ProgressBar {
    if screen.is_json() || !std::io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
    }
    let style = "{bar:32} {human_pos}/{human_len} events  {rate}/s  {msg}";
    let style = ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar());
    let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        // Writing to a line of text does not fail.
        let _written = write!(out, "{:.0}", state.per_sec());
    };
    let bar = ProgressBar::new(total);
    bar.set_style(style.with_key("rate", rate));
    bar
}
