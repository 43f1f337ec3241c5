//! Stems by language (Snowball), accents folded.

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// A language by its Snowball algorithm; `None` where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Language(pub(super) Option<Algorithm>);

impl Language {
    pub(super) const ENGLISH: Self = Self(Some(Algorithm::English));

    /// By the first subtag of a BCP 47 tag.
    pub(super) fn from_tag(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        Self(match primary.as_str() {
            "ar" => Some(Algorithm::Arabic),
            "da" => Some(Algorithm::Danish),
            "nl" => Some(Algorithm::Dutch),
            "en" => Some(Algorithm::English),
            "fi" => Some(Algorithm::Finnish),
            "fr" => Some(Algorithm::French),
            "de" => Some(Algorithm::German),
            "el" => Some(Algorithm::Greek),
            "hu" => Some(Algorithm::Hungarian),
            "it" => Some(Algorithm::Italian),
            "no" | "nb" | "nn" => Some(Algorithm::Norwegian),
            "pt" => Some(Algorithm::Portuguese),
            "ro" => Some(Algorithm::Romanian),
            "ru" => Some(Algorithm::Russian),
            "es" => Some(Algorithm::Spanish),
            "sv" => Some(Algorithm::Swedish),
            "ta" => Some(Algorithm::Tamil),
            "tr" => Some(Algorithm::Turkish),
            _ => None,
        })
    }

    pub(super) fn stemmer(self) -> Option<Stemmer> {
        self.0.map(Stemmer::create)
    }
}

/// The term of a word: its stem, with accents folded, so that `cafe` finds `café`.
pub(super) fn term(stemmer: Option<&Stemmer>, word: &str) -> String {
    let stem = match stemmer {
        Some(stemmer) => stemmer.stem(word).into_owned(),
        None => word.to_owned(),
    };
    if stem.is_ascii() { stem } else { fold(&stem) }
}

/// Drops marks above letters of the European scripts. Elsewhere they tell letters apart, and
/// decomposing would take Hangul syllables to pieces.
fn fold(stem: &str) -> String {
    const EUROPEAN_END: char = '\u{530}';
    let mut folded = String::with_capacity(stem.len());
    for c in stem.chars() {
        if c < EUROPEAN_END || ('\u{1E00}'..'\u{2000}').contains(&c) {
            let letters = std::iter::once(c).nfd().filter(|c| canonical_combining_class(*c) == 0);
            folded.extend(letters.filter(|c| c.is_alphanumeric()));
        } else if c.is_alphanumeric() {
            folded.push(c);
        }
    }
    folded
}
