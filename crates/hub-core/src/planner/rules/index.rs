//! Which templates can start with a word: most of them never need to be tried.

use super::source::{Purpose, Rule};
use std::collections::{BTreeSet, HashMap};

/// Numbers of a rule and of a template in it.
type Entry = (usize, usize);

/// Templates by the words that they can start with.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    by_word: HashMap<String, BTreeSet<Entry>>,
    any: BTreeSet<Entry>,
}

impl Index {
    /// Indexes all rules but those for moments, which are not tried on their own.
    pub(super) fn new(rules: &[Rule]) -> Self {
        let mut index = Self::default();
        for (number, rule) in rules.iter().enumerate() {
            if matches!(rule.purpose, Purpose::Moment { .. }) {
                continue;
            }
            for (which, template) in rule.templates.iter().enumerate() {
                match &template.first {
                    Some(words) => {
                        for word in words {
                            index.by_word.entry(word.clone()).or_default().insert((number, which));
                        }
                    }
                    None => {
                        index.any.insert((number, which));
                    }
                }
            }
        }
        index
    }

    /// What can start with a word, in the order of the files; with `open_too`, also what can start
    /// with any word.
    pub(super) fn candidates(&self, word: &str, open_too: bool) -> impl Iterator<Item = Entry> + '_ {
        let mut found: Vec<Entry> = self.any.iter().copied().filter(|_| open_too).collect();
        found.extend(self.by_word.get(word).into_iter().flatten().copied());
        found.sort_unstable();
        found.into_iter()
    }
}
