//! How a command ends: exit codes, and failures that say what to do next.

use hub_protocol::problem::Problem;
use hub_protocol::vocabulary::ErrorKind;
use std::fmt;
use std::process::ExitCode;

/// What `--help` says about exit codes; `docs/CLI.md` repeats it.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  done, and everything that was checked holds
  1  something is wrong: a check does not hold, an action did not end as done, an event was refused
  2  the command line or the settings are wrong
  3  the hub cannot be reached, or gave no answer in time
  4  the hub refused the request
  5  the data folder, its database or the machine cannot be used";

/// Exit codes, as [`EXIT_CODES`] describes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Done = 0,
    Wrong = 1,
    Usage = 2,
    Unreachable = 3,
    Refused = 4,
    Unusable = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What a command comes to.
pub(crate) type Outcome<T> = Result<T, Failure>;

/// Why a command ended early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// Stable code for programs.
    pub(crate) code: String,
    /// What is wrong, in a sentence.
    pub(crate) message: String,
    /// What to do next.
    pub(crate) next: Option<String>,
    /// Whether the same may succeed later.
    pub(crate) retryable: bool,
}

impl Failure {
    pub(crate) fn new(exit: Exit, code: &str, message: impl Into<String>) -> Self {
        Self { exit, code: code.to_owned(), message: message.into(), next: None, retryable: false }
    }

    /// The command line or the settings are wrong.
    pub(crate) fn usage(code: &str, message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, code, message)
    }

    /// The data folder or the machine cannot be used.
    pub(crate) fn unusable(code: &str, message: impl Into<String>) -> Self {
        Self::new(Exit::Unusable, code, message)
    }

    /// The machine refused something.
    pub(crate) fn machine(what: impl fmt::Display, cause: &std::io::Error) -> Self {
        Self::unusable("machine", format!("{what}: {cause}"))
    }

    /// No answer came from this address.
    pub(crate) fn unreachable(url: &str, cause: impl fmt::Display) -> Self {
        let failure =
            Self::new(Exit::Unreachable, "unreachable", format!("no hub answers at {url} ({cause})"));
        let next = "start one with `hub serve`, or name another with --url or --data; `hub doctor` looks for the cause";
        Self { retryable: true, ..failure.next(next) }
    }

    /// The hub answered with a problem.
    pub(crate) fn problem(problem: &Problem) -> Self {
        let exit = if problem.status >= 500 { Exit::Unreachable } else { Exit::Refused };
        let mut message = problem.detail.clone();
        for (name, value) in [("field", &problem.field), ("limit", &problem.limit)] {
            if let Some(value) = value {
                message.push_str(&format!("; {name}: {value}"));
            }
        }
        message.push_str(&format!(" ({}, request {})", problem.code, problem.request_id));
        Self { retryable: problem.retryable, ..Self::new(exit, &problem.code, message) }
    }

    /// Says what to do next.
    pub(crate) fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }
}

impl From<hub_core::Error> for Failure {
    /// An error of data that this process opened itself.
    fn from(error: hub_core::Error) -> Self {
        let exit = if error.kind() == ErrorKind::Invalid { Exit::Usage } else { Exit::Unusable };
        let mut message = match error.kind() {
            // The core's own sentence refers to a log, which a command does not have.
            ErrorKind::Internal => "the data cannot be used".to_owned(),
            _ => error.to_string(),
        };
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            let text = inner.to_string();
            // Some libraries repeat in a cause what they said before.
            if !message.contains(&text) {
                message.push_str(&format!(": {text}"));
            }
            cause = inner.source();
        }
        let next = match (error.code(), error.remedy()) {
            (_, Some(remedy)) => Some(remedy.to_owned()),
            ("folder_in_use" | "newer_schema", None) => None,
            _ => Some("`hub doctor` looks for the cause".to_owned()),
        };
        Self { next, retryable: error.is_retryable(), ..Self::new(exit, error.code(), message) }
    }
}
