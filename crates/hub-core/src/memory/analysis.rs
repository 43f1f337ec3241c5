//! Text becomes terms. Words are split and stemmed here, so that every database indexes the same
//! terms and the scores mean the same everywhere.
//!
//! Steps: marks such as `{vocalsound}` are dropped; Unicode NFKC and lower case; words by UAX #29
//! (each Han character is a word); apostrophes; Snowball stem of the language; accents folded.
//! A term holds letters and digits only and at most [`TERM_BYTES`] bytes of UTF-8.

mod episode;
mod marks;
mod stem;
mod stop_words;
mod words;

use crate::clock::Timestamp;
use rust_stemmers::Stemmer;
use std::collections::{HashMap, HashSet};

/// Version of the analysis. An index made with another one is made anew: its terms differ.
pub const ANALYSIS_VERSION: u32 = 1;

/// UTF-8 bytes of one term; longer ones are cut, in index and query alike.
pub const TERM_BYTES: usize = 64;

/// Splits and stems for one language. Cheap to make and to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Analyzer {
    language: stem::Language,
}

impl Analyzer {
    /// For a language by its BCP 47 tag, such as `en` or `pt-BR`. Words of a language that is not
    /// known are split but not stemmed, and no stop words are dropped.
    #[must_use]
    pub fn for_language(tag: &str) -> Self {
        Self { language: stem::Language::from_tag(tag) }
    }

    /// The terms of a text to be indexed, in order, repeated as they occur.
    #[must_use]
    pub fn index_terms(&self, text: &str) -> Vec<String> {
        let mut terms = Vec::with_capacity(text.len() / 6);
        self.each(text, |_, term| terms.push(term));
        terms
    }

    /// The terms of something that was said: those of its day (`8 May 2023`, by UTC, the month as a
    /// word in English only), its speaker and its words. People ask by day and by name, and the
    /// words themselves hold neither.
    #[must_use]
    pub fn episode_terms(&self, said_at: Timestamp, speaker: Option<&str>, text: &str) -> Vec<String> {
        let mut terms = self.index_terms(&self.day_and_speaker(said_at, speaker));
        terms.append(&mut self.index_terms(text));
        terms
    }

    /// The terms of a query: each once, in order, without stop words, unless nothing else is there.
    #[must_use]
    pub fn query_terms(&self, text: &str) -> Vec<String> {
        let stop_words = stop_words::of(self.language);
        let (mut kept, mut stopped) = (Vec::new(), Vec::new());
        self.each(text, |word, term| {
            let into = if stop_words.binary_search(&word).is_ok() { &mut stopped } else { &mut kept };
            into.push(term);
        });
        let mut terms = if kept.is_empty() { stopped } else { kept };
        let mut seen = HashSet::new();
        terms.retain(|term| seen.insert(term.clone()));
        terms
    }

    /// The words of an episode beside those that were said.
    pub(crate) fn day_and_speaker(&self, said_at: Timestamp, speaker: Option<&str>) -> String {
        format!("{} {}", episode::day(said_at, self.language), speaker.unwrap_or_default())
    }

    /// What `of` says of each term of a text, in order. Texts share most of their words: `known` keeps what was said
    /// of a word, so that it is stemmed and asked about once.
    pub(crate) fn each_known<T: Copy>(
        &self,
        text: &str,
        known: &mut HashMap<String, Option<T>>,
        of: impl Fn(&str) -> T,
        mut take: impl FnMut(T),
    ) {
        let stemmer = self.language.stemmer();
        words::each(&marks::without(text), self.language, |word| {
            let said = known.get(word).copied().unwrap_or_else(|| {
                let said = term(stemmer.as_ref(), word).map(|term| of(&term));
                known.insert(word.to_owned(), said);
                said
            });
            said.into_iter().for_each(&mut take);
        });
    }

    fn each(&self, text: &str, mut take: impl FnMut(&str, String)) {
        let stemmer = self.language.stemmer();
        words::each(&marks::without(text), self.language, |word| {
            if let Some(term) = term(stemmer.as_ref(), word) {
                take(word, term);
            }
        });
    }
}

/// The term of a word, where it has one.
fn term(stemmer: Option<&Stemmer>, word: &str) -> Option<String> {
    let mut term = stem::term(stemmer, word);
    term.truncate(term.floor_char_boundary(TERM_BYTES));
    (!term.is_empty()).then_some(term)
}

#[cfg(test)]
mod tests;
