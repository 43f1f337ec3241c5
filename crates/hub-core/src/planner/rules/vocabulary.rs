//! The word lists of a language, as its files give them.

use std::collections::{BTreeSet, HashMap};

/// A phrase of a list, and the value that it stands for.
#[derive(Debug, Clone)]
pub(super) struct Phrase {
    /// Its words in comparable form; at least one.
    pub(super) words: Vec<String>,
    /// What stands behind `=>`, where the list gives it.
    pub(super) value: Option<String>,
}

/// A list of phrases, found by their first word.
#[derive(Debug, Clone, Default)]
pub(super) struct PhraseList {
    by_first: HashMap<String, Vec<Phrase>>,
}

impl PhraseList {
    /// Adds a phrase. A phrase given again takes the newer value, so that later files can correct.
    pub(super) fn add(&mut self, phrase: Phrase) {
        let Some(first) = phrase.words.first().cloned() else {
            return;
        };
        let same = self.by_first.entry(first).or_default();
        same.retain(|known| known.words != phrase.words);
        same.push(phrase);
        // The longest phrase is tried first: "a quarter of an hour" before "a quarter".
        same.sort_by_key(|known| std::cmp::Reverse(known.words.len()));
    }

    /// Phrases that start with a word, longest first.
    pub(super) fn starting_with(&self, first: &str) -> &[Phrase] {
        self.by_first.get(first).map_or(&[], Vec::as_slice)
    }

    /// The first words of all phrases, in order of the alphabet.
    pub(super) fn first_words(&self) -> BTreeSet<&str> {
        self.by_first.keys().map(String::as_str).collect()
    }

    fn single(&self, word: &str) -> Option<&Phrase> {
        self.starting_with(word).iter().find(|phrase| phrase.words.len() == 1)
    }
}

/// All lists of a language, by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Vocabulary {
    lists: HashMap<String, PhraseList>,
}

impl Vocabulary {
    /// The list of that name, made if it is new.
    pub(super) fn list_mut(&mut self, name: &str) -> &mut PhraseList {
        self.lists.entry(name.to_owned()).or_default()
    }

    /// The list of that name.
    pub(super) fn list(&self, name: &str) -> Option<&PhraseList> {
        self.lists.get(name)
    }

    /// Whether the one word is in the list.
    pub(super) fn has(&self, list: &str, word: &str) -> bool {
        self.list(list).is_some_and(|list| list.single(word).is_some())
    }

    /// What the one word stands for in the list.
    pub(super) fn value(&self, list: &str, word: &str) -> Option<&str> {
        self.list(list)?.single(word)?.value.as_deref()
    }

    /// A word of a template or list in the forms in which it is compared: "don't" is "do", "not".
    pub(super) fn compared(&self, word: &str) -> Vec<String> {
        let lower = word.to_lowercase();
        let spelled = |word: &str| self.value("spelling", word).unwrap_or(word).to_owned();
        match self.contraction(&lower) {
            Some((at, meaning)) => {
                let head = lower.get(..at).unwrap_or_default();
                let mut forms = Vec::new();
                if !head.is_empty() {
                    forms.push(spelled(head));
                }
                forms.push(meaning.to_owned());
                forms
            }
            None => vec![spelled(&lower)],
        }
    }

    /// Where a word of lower case divides into a word and a contraction, and what that means.
    pub(super) fn contraction(&self, lower: &str) -> Option<(usize, &str)> {
        let apostrophe = lower.find('\'')?;
        // "n't" starts one letter before its apostrophe; the longer suffix is tried first.
        let before = lower.get(..apostrophe)?.char_indices().next_back().map(|(at, _)| at);
        before.into_iter().chain([apostrophe]).find_map(|at| {
            let meaning = self.value("contraction", lower.get(at..)?)?;
            Some((at, meaning))
        })
    }

    /// Whether a word is the false start of the next one, as in "th the".
    pub(super) fn is_fragment(&self, word: &str, next: &str) -> bool {
        let length = word.chars().count();
        length <= 3
            && next.chars().count() > length
            && next.starts_with(word)
            && word.chars().all(char::is_alphabetic)
            && !self.has("function", word)
            && (length <= 2
                || next.chars().count() >= 6
                || !word.chars().any(|c| self.has("vowel", c.encode_utf8(&mut [0; 4]))))
    }
}
