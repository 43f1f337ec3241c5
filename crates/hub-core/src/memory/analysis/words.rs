//! Words of a text, lower case, letters and digits only.

use super::stem::Language;
use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};
use unicode_segmentation::UnicodeSegmentation;

/// Calls `take` with each word in order.
pub(super) fn each(text: &str, language: Language, mut take: impl FnMut(&str)) {
    let text = folded(text);
    for word in text.unicode_words() {
        if word.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            take(word);
        } else if word.contains(is_apostrophe) && language == Language::ENGLISH {
            pieces(&english(word), &mut take);
        } else {
            // Elsewhere an apostrophe parts two words: l'eau, dell'arte, Ankara'da.
            word.split(is_apostrophe).for_each(|part| pieces(part, &mut take));
        }
    }
}

/// NFKC and lower case. Capitals of some letters grow marks, so the order matters.
fn folded(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        };
    }
    let lower = match is_nfkc_quick(text.chars()) {
        IsNormalized::Yes => text.to_lowercase(),
        _ => text.nfkc().collect::<String>().to_lowercase(),
    };
    Cow::Owned(match is_nfkc_quick(lower.chars()) {
        IsNormalized::Yes => lower,
        _ => lower.nfkc().collect(),
    })
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ')
}

/// The word under a contraction or possessive: Anna's is about Anna, I'll is about me, and neither
/// may become the word `ill`. What is left of other apostrophes (o'clock, O'Brien) is one word.
fn english(word: &str) -> String {
    let word: String = word.chars().map(|c| if is_apostrophe(c) { '\'' } else { c }).collect();
    let base = match word.as_str() {
        "can't" => "can",
        "won't" => "will",
        "shan't" => "shall",
        other => ["n't", "'s", "'m", "'re", "'ve", "'ll", "'d"]
            .iter()
            .find_map(|ending| other.strip_suffix(ending))
            .filter(|base| !base.is_empty())
            .unwrap_or(other),
    };
    base.replace('\'', "")
}

/// Parts a word at what is neither letter nor digit, with two exceptions: the comma of 1,000 and
/// the points of u.s.a belong inside.
fn pieces(word: &str, take: &mut impl FnMut(&str)) {
    if word.chars().all(char::is_alphanumeric) {
        if !word.is_empty() {
            take(word);
        }
        return;
    }
    let grouped = word.contains(',') && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b',');
    let initials =
        word.contains('.') && word.split('.').all(|part| part.chars().count() <= 1 && !is_digit(part));
    if grouped || initials {
        take(&word.replace([',', '.'], ""));
        return;
    }
    for part in word.split(|c: char| !c.is_alphanumeric() && !is_mark(c)) {
        let part: String = part.chars().filter(|c| c.is_alphanumeric()).collect();
        if !part.is_empty() {
            take(&part);
        }
    }
}

fn is_digit(part: &str) -> bool {
    part.chars().all(char::is_numeric)
}

/// Marks that stand on a letter (a virama, an accent that composes with nothing) end no word.
fn is_mark(c: char) -> bool {
    !c.is_ascii() && unicode_normalization::char::is_combining_mark(c)
}
