//! Which templates can start with a word: most of them never need to be tried.

use super::source::{Purpose, Rule};
use std::collections::{BTreeSet, HashMap};

/// Numbers of a rule and of a template in it.
pub(super) type Entry = (usize, usize);

/// Templates by the words that they can start with.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    by_word: HashMap<String, BTreeSet<Entry>>,
    /// Those that start with a slot, by the words of which a match must hold one.
    by_landmark: HashMap<String, BTreeSet<Entry>>,
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
                let (place, words) = match (&template.first, &template.landmarks) {
                    (Some(words), _) => (&mut index.by_word, words),
                    (None, Some(words)) => (&mut index.by_landmark, words),
                    (None, None) => {
                        index.any.insert((number, which));
                        continue;
                    }
                };
                for word in words {
                    place.entry(word.clone()).or_default().insert((number, which));
                }
            }
        }
        index
    }

    /// The templates that start with a slot and could match somewhere in a sentence of these words.
    pub(super) fn open<'w>(&self, words: impl Iterator<Item = &'w str>) -> BTreeSet<Entry> {
        let mut found = self.any.clone();
        for entries in words.filter_map(|word| self.by_landmark.get(word)) {
            found.extend(entries);
        }
        found
    }

    /// What can start with a word, and these, in the order of the files.
    pub(super) fn candidates(&self, word: &str, open: &BTreeSet<Entry>) -> impl Iterator<Item = Entry> {
        let mut found: Vec<Entry> = open.iter().copied().collect();
        found.extend(self.by_word.get(word).into_iter().flatten().copied());
        found.sort_unstable();
        found.into_iter()
    }
}
