//! The steps of a task: each is named and timed, a failure does not keep the others from running, and
//! what was skipped is said at the end.

use crate::error::{Error, Result};
use std::time::{Duration, Instant};

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It ran and found nothing.
    Passed,
    /// It cannot run here; the text says why and what would help.
    Skipped(String),
    /// It ran and found fault.
    Failed(String),
}

/// What happened so far.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    done: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    name: String,
    took: Duration,
    ending: Ending,
}

impl Steps {
    /// Runs a step. Its error is kept, and told again by [`Steps::finish`].
    pub(crate) fn run(&mut self, name: &str, step: impl FnOnce() -> Result<Ending>) {
        println!("\n== {name}");
        let start = Instant::now();
        let ending = step().unwrap_or_else(|error| Ending::Failed(with_causes(&error)));
        let took = start.elapsed();
        match &ending {
            Ending::Passed => println!("-- {name}: {}", seconds(took)),
            Ending::Skipped(why) => println!("-- {name}: skipped, {why}"),
            Ending::Failed(why) => println!("-- {name}: FAILED, {why}"),
        }
        self.done.push(Step { name: name.to_owned(), took, ending });
    }

    /// Prints the table of times, then what was skipped and what failed.
    pub(crate) fn report(&self) {
        println!("\nsteps:");
        for step in &self.done {
            let word = match step.ending {
                Ending::Passed => "ok",
                Ending::Skipped(_) => "skipped",
                Ending::Failed(_) => "FAILED",
            };
            println!("  {:<10} {:>8}  {}", word, seconds(step.took), step.name);
        }
        println!("  {:<10} {:>8}", "together", seconds(self.done.iter().map(|step| step.took).sum()));
        for step in &self.done {
            match &step.ending {
                Ending::Passed => {}
                Ending::Skipped(why) => println!("skipped: {}: {why}", step.name),
                Ending::Failed(why) => println!("failed: {}: {why}", step.name),
            }
        }
    }

    /// How many steps were skipped.
    pub(crate) fn skipped(&self) -> usize {
        self.done.iter().filter(|step| matches!(step.ending, Ending::Skipped(_))).count()
    }

    /// The names of the steps that failed.
    pub(crate) fn failed(&self) -> Vec<&str> {
        let failed = self.done.iter().filter(|step| matches!(step.ending, Ending::Failed(_)));
        failed.map(|step| step.name.as_str()).collect()
    }

    /// Success when no step failed.
    pub(crate) fn finish(&self) -> Result<()> {
        match self.failed() {
            failed if failed.is_empty() => Ok(()),
            failed => Err(Error::Found(format!("failed: {}", failed.join(", ")))),
        }
    }
}

fn with_causes(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    text
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_does_not_stop_the_next_and_fails_the_whole() {
        let mut steps = Steps::default();
        steps.run("first", || Err(Error::Found("a fault".to_owned())));
        steps.run("second", || Ok(Ending::Skipped("no network".to_owned())));
        steps.run("third", || Ok(Ending::Passed));
        assert_eq!((steps.failed(), steps.skipped()), (vec!["first"], 1));
        assert!(steps.finish().is_err());
    }
}
