//! The planner that needs no model: sentence templates in files that users extend. It works
//! offline, is deterministic, and prefers silence to junk. `docs/RULES.md` describes the files.

mod apply;
mod check;
mod compose;
mod english;
mod index;
mod languages;
mod matcher;
mod moment;
mod slots;
mod source;
mod template;
mod text;
mod vocabulary;

#[cfg(test)]
mod tests;

pub use check::{Checked, Mismatch};
pub use languages::RulesPlanner;
pub use source::RuleSource;

use super::plan::{Plan, Window};
use crate::Result;

/// The rules of one language.
#[derive(Debug, Clone)]
pub struct Rules {
    tag: String,
    language: source::Language,
    moments: Vec<source::Rule>,
    index: index::Index,
}

impl Rules {
    /// The English rules that are shipped.
    ///
    /// # Errors
    /// None in a released version: its tests read these files.
    pub fn english() -> Result<Self> {
        Self::from_sources("en", english::sources())
    }

    /// The English rules that are shipped, with files of one's own. Those are tried first, so that
    /// an `ignore` block can silence a shipped rule; their lists add to the shipped ones.
    ///
    /// ```
    /// use hub_core::planner::{RuleSource, Rules};
    ///
    /// let own = "fact plays_for_fun\n  hear: i play {what:thing} for fun\n  content: {speaker} plays {what} for fun\n";
    /// let rules = Rules::english_with(vec![RuleSource { name: "own.rules".into(), text: own.into() }])?;
    ///
    /// let set = "@speaker Anna\nI play chess for fun.\n  plays_for_fun Anna plays chess for fun\n";
    /// let checked = rules.check(&RuleSource { name: "own.txt".into(), text: set.into() })?;
    /// assert!(checked.mismatches.is_empty(), "{:?}", checked.mismatches);
    /// # Ok::<(), hub_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Rules::from_sources`].
    pub fn english_with(own: Vec<RuleSource>) -> Result<Self> {
        Self::from_sources("en", own.into_iter().chain(english::sources()).collect())
    }

    /// The rules in files of a language, a BCP 47 tag such as `en`. Rules are tried in the order
    /// of the files and of their lines; the first that matches a clause is the only one that
    /// speaks.
    ///
    /// # Errors
    /// `invalid` (`malformed_rules`) naming file and line; `limit` for a file of more than 1 MiB.
    pub fn from_sources(language: impl Into<String>, sources: Vec<RuleSource>) -> Result<Self> {
        let read = source::read(&sources)?;
        let index = index::Index::new(&read.rules);
        let is_moment = |rule: &&source::Rule| matches!(rule.purpose, source::Purpose::Moment { .. });
        let moments = read.rules.iter().filter(is_moment).cloned().collect();
        Ok(Self { tag: language.into(), language: read, moments, index })
    }

    /// The language, a BCP 47 tag.
    #[must_use]
    pub fn language(&self) -> &str {
        &self.tag
    }

    /// Plans a window, whatever its language. Pure: the same window gives the same plan. Time
    /// grows with the length of the text; an utterance yields at most 64 proposals,
    /// a window at most 200.
    #[must_use]
    pub fn plan_window(&self, window: &Window) -> Plan {
        apply::plan(self, window)
    }
}
