//! `hub copy`: moves everything from one database to another, and shows that it arrived.

mod place;
mod show;

use super::exit::{Exit, Failure, Outcome};
use super::home::Home;
use super::screen::Screen;
use super::{Common, database};
use crate::cli::database::DatabaseUrl;
use clap::Args;
use hub_core::clock::SystemClock;
use hub_core::copy::{Options, Progress, Stage, compare, copy};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use place::Place;
use std::io::IsTerminal as _;

#[derive(Debug, Args)]
pub(crate) struct Copy {
    /// The database to be copied: sqlite:FILE, postgres://… of its owner, or a data folder;
    /// HUB_DATABASE_ADMIN_URL is not read
    #[arg(long, env = "HUB_COPY_FROM", hide_env_values = true, value_name = "URL")]
    from: DatabaseUrl,
    /// Where to: the same, empty or with what an interrupted copy left
    #[arg(long, env = "HUB_COPY_TO", hide_env_values = true, value_name = "URL")]
    to: DatabaseUrl,
    /// Copy nothing: only compare both
    #[arg(long)]
    verify: bool,
    /// When both are the same, let the data folder (--data) belong to the new database
    #[arg(long)]
    switch: bool,
    /// Questions that each agent is asked on both sides
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(0..=1000))]
    questions: u32,
    /// Chooses the memories from whose words the questions are made
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

impl Copy {
    pub(crate) async fn run(&self, common: &Common, screen: &Screen) -> Outcome<Exit> {
        if shows_password(&self.from) || shows_password(&self.to) {
            screen.remark(
                "a password on the command line can be read by other users of this machine while the command \
                 runs: HUB_COPY_FROM and HUB_COPY_TO take URLs as well",
            );
        }
        let (from, to) = (Place::source(&self.from)?, Place::destination(&self.to, self.verify)?);
        if from.is(&to) {
            return Err(Failure::usage("same_database", "source and destination are the same database"));
        }
        let home = self.switch.then(|| switchable(common, &from)).transpose()?;
        let from_open = from.open().await?;
        let to_open = match to.open().await {
            Ok(to_open) => to_open,
            Err(failure) => {
                from_open.executor.shutdown().await;
                return Err(failure);
            }
        };
        let bar = bar(screen);
        let watch = |progress| show_progress(&bar, progress);
        let options = Options { seed: self.seed, questions: self.questions, watch: &watch };
        let (source, destination) = (from_open.executor.as_ref(), to_open.executor.as_ref());
        let outcome = if self.verify {
            compare(source, destination, &SystemClock, options).await.map(|comparison| (None, comparison))
        } else {
            let copied = copy(source, destination, &SystemClock, options).await;
            copied.map(|copied| (Some((copied.found, copied.written)), copied.comparison))
        };
        bar.finish_and_clear();
        source.shutdown().await;
        destination.shutdown().await;
        let (rows, comparison) = outcome?;
        show::show(&from.shown(), &to.shown(), rows, &comparison, self.seed, screen);
        if !comparison.holds() {
            return Ok(Exit::Wrong);
        }
        if let Some(home) = &home {
            database::switch(home, &to.shown())?;
        }
        if home.is_some() || !self.verify {
            show::next(&to, home.as_ref(), screen);
        }
        Ok(Exit::Done)
    }
}

/// Whether a password stands on the command line, not in the environment.
fn shows_password(url: &DatabaseUrl) -> bool {
    url.has_password() && std::env::args().any(|argument| argument.contains(url.expose()))
}

/// The data folder, if it belongs to the source.
fn switchable(common: &Common, from: &Place) -> Outcome<Home> {
    let home = Home::of(common)?;
    let remembered = database::remembered(&home)?;
    if remembered.as_deref().is_some_and(|remembered| from.is_remembered_as(remembered, &home)) {
        return Ok(home);
    }
    let belongs = remembered.map_or("no database yet".to_owned(), |url| format!("the database {url}"));
    let message =
        format!("the data folder {} belongs to {belongs}, not to the source", home.path().display());
    Err(Failure::usage("other_database", message).next("name the folder of the source's hub with --data"))
}

fn bar(screen: &Screen) -> ProgressBar {
    if screen.is_json() || !std::io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let style = ProgressStyle::with_template("{bar:32} {human_pos}/{human_len}  {msg}");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn show_progress(bar: &ProgressBar, progress: Progress) {
    bar.set_message(match progress.stage {
        Stage::Looking => "reading the log",
        Stage::Copying => "rows copied",
        Stage::Comparing => "rows compared",
        Stage::Asking => "questions asked",
    });
    bar.set_length(progress.total);
    bar.set_position(progress.done);
}
