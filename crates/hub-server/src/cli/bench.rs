//! `hub bench`: how fast a hub is on this machine, measured with data of its own that is gone afterwards.

mod house;
mod work;

use super::Common;
use super::exit::{Exit, Failure, Outcome};
use super::home::Home;
use super::screen::Screen;
use super::speed::{millis, percentile, rate};
use super::table::number;
use clap::Args;
use hub_core::tools::shown;
use serde::Serialize;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// Seconds that each part takes
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Where the data is written meanwhile: by default on the disk of the data folder
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// What one part came to.
#[derive(Debug, Serialize)]
struct Figure {
    name: &'static str,
    /// What is counted.
    of: &'static str,
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
}

/// What was done in a stretch of time, and how long each piece of it took.
#[derive(Debug, Default)]
struct Done {
    count: u64,
    took: Duration,
    each: Vec<Duration>,
}

impl Done {
    fn figure(mut self, name: &'static str, of: &'static str) -> Figure {
        self.each.sort_unstable();
        let at = |percent| millis(percentile(&self.each, percent));
        Figure { name, of, per_second: rate(self.count, self.took), p50_ms: at(50), p99_ms: at(99) }
    }
}

impl Bench {
    pub(crate) fn run(&self, common: &Common, screen: &Screen) -> Outcome<Exit> {
        let beside = match &self.folder {
            Some(folder) => folder.clone(),
            None => nearest(Home::of(common)?.path()),
        };
        let folder = tempfile::Builder::new().prefix("hub-bench-").tempdir_in(&beside);
        let folder = folder.map_err(|cause| {
            Failure::machine(format_args!("nothing can be written in {}", beside.display()), &cause)
        })?;
        // As many threads as `serve` has: what is measured is the same hub.
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(|cause| Failure::machine("no runtime can be started", &cause))?;
        let lasting = Duration::from_secs(self.seconds);
        screen.line(screen.strong(format_args!(
            "SQLite in {}, {} s for each part",
            shown(&beside.display().to_string()),
            self.seconds
        )));
        let tell = |figure: &Figure| show(figure, screen);
        let figures = runtime.block_on(async {
            tokio::select! {
                figures = work::all(folder.path(), lasting, &tell) => figures,
                _pressed = tokio::signal::ctrl_c() => {
                    Err(Failure::new(Exit::Wrong, "interrupted", "the bench was interrupted; what it wrote is removed"))
                }
            }
        })?;
        screen.value(&json!({"folder": beside, "seconds": self.seconds, "figures": figures}));
        folder.close().map_err(|cause| Failure::machine("what was written cannot be removed", &cause))?;
        Ok(Exit::Done)
    }
}

fn show(figure: &Figure, screen: &Screen) {
    let Figure { name, of, per_second, p50_ms, p99_ms } = figure;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is rounded, and not negative"
    )]
    let per_second = number(per_second.round() as u64);
    screen.line(format_args!(
        "  {name:<34}  {per_second:>8} {of:<9}  p50 {p50_ms:>8.2} ms  p99 {p99_ms:>8.2} ms"
    ));
}

/// The folder, or the nearest one around it that is there.
fn nearest(folder: &Path) -> PathBuf {
    folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new(".")).to_path_buf()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_nearest_folder_is_one_that_is_there() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(nearest(folder.path()), folder.path());
        assert_eq!(nearest(&folder.path().join("not/there")), folder.path());
    }
}
