//! From a match to a sentence that stands alone.

use super::matcher::{Capture, Match};
use super::text::Sentence;
use super::vocabulary::Vocabulary;

/// The slots that a pattern such as `{speaker} likes {what}` names.
pub(super) fn slots(pattern: &str) -> Vec<String> {
    pattern
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(slot, _)| slot.trim().to_owned())
        .collect()
}

/// Puts what `value` yields for each slot into the pattern; `None` when a slot has nothing.
pub(super) fn fill(pattern: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut pieces = pattern.split('{');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (slot, rest) = piece.split_once('}')?;
        out.push_str(&value(slot.trim())?);
        out.push_str(rest);
    }
    Some(out)
}

/// What a slot holds, as it was said, or the value that its list gives.
pub(super) fn captured(sentence: &Sentence, matched: &Match, slot: &str) -> Option<String> {
    let capture = matched.capture(slot)?;
    Some(capture.value.clone().unwrap_or_else(|| sentence.shown(capture.start, capture.end)))
}

/// What a slot holds, seen from outside: "my dog" of Anna's becomes "their dog".
pub(super) fn reported(sentence: &Sentence, capture: &Capture, words: &Vocabulary) -> String {
    if let Some(value) = &capture.value {
        return words.value("shift", value).unwrap_or(value).to_owned();
    }
    let mut out = String::new();
    for (offset, token) in
        sentence.tokens.get(capture.start..capture.end).unwrap_or_default().iter().enumerate()
    {
        // Only the start of the sentence gave "The" its capital letter.
        let opening = capture.start + offset == 0 && words.has("function", &token.norm) && token.norm != "i";
        let shifted = words.value("shift", &token.norm).or(opening.then_some(&token.norm));
        let text = shifted.unwrap_or(&token.text);
        if !(out.is_empty() || (token.glued && shifted.is_none())) {
            out.push(' ');
        }
        out.push_str(text);
    }
    out
}

/// The text with its first letter in upper case.
pub(super) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The text, cut at a character so that it has at most `bytes`, with a sign that it was cut.
pub(super) fn shortened(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    let mut end = bytes.saturating_sub('…'.len_utf8());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", text.get(..end).unwrap_or_default().trim_end())
}
