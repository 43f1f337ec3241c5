//! One thing that was looked at.

use crate::cli::exit::Failure;
use serde::Serialize;
use std::borrow::Cow;

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Good,
    /// Worth knowing, and no fault.
    Doubtful,
    Wrong,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    pub(super) name: Cow<'static, str>,
    pub(super) state: State,
    /// What was found.
    pub(super) found: String,
    /// What to do.
    pub(super) mend: Option<String>,
}

impl Check {
    pub(super) fn good(name: impl Into<Cow<'static, str>>, found: impl Into<String>) -> Self {
        Self { name: name.into(), state: State::Good, found: found.into(), mend: None }
    }

    pub(super) fn doubtful(
        name: impl Into<Cow<'static, str>>,
        found: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self { state: State::Doubtful, ..Self::wrong(name, found, mend) }
    }

    pub(super) fn wrong(
        name: impl Into<Cow<'static, str>>,
        found: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self { name: name.into(), state: State::Wrong, found: found.into(), mend: Some(mend.into()) }
    }

    /// What a command would have failed with.
    pub(super) fn failed(name: impl Into<Cow<'static, str>>, failure: &Failure) -> Self {
        Self {
            name: name.into(),
            state: State::Wrong,
            found: failure.message.clone(),
            mend: failure.next.clone(),
        }
    }
}
