//! Marks of transcribers, such as `{vocalsound}` or `[laughter]`: nobody said these words.

use std::borrow::Cow;

/// Sorted, lower case.
const MARKS: [&str; 14] = [
    "applause",
    "cough",
    "crosstalk",
    "disfmarker",
    "gap",
    "inaudible",
    "laughter",
    "laughs",
    "music",
    "noise",
    "nonvocalsound",
    "pause",
    "silence",
    "vocalsound",
];

/// The text with each mark replaced by a space.
pub(super) fn without(text: &str) -> Cow<'_, str> {
    if !text.contains(['{', '[', '<']) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find(['{', '[', '<']) {
        let (before, from) = rest.split_at(open);
        clean.push_str(before);
        let end = mark_end(from);
        clean.push(' ');
        // A bracket that begins no mark is one byte of punctuation: the space serves as well.
        rest = from.get(end.unwrap_or(1)..).unwrap_or_default();
    }
    clean.push_str(rest);
    Cow::Owned(clean)
}

/// Bytes of the mark that begins here, if one does.
fn mark_end(from: &str) -> Option<usize> {
    let inside = from.get(1..)?;
    let end = inside.bytes().position(|byte| !byte.is_ascii_alphabetic())?;
    let closed = inside.get(end..)?.starts_with(['}', ']', '>']);
    let word = inside.get(..end)?.to_ascii_lowercase();
    (closed && MARKS.contains(&word.as_str())).then_some(end + 2)
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn marks_go_and_other_brackets_stay_words() {
        assert_eq!(without("so {vocalsound} yes"), "so   yes");
        assert_eq!(without("a[Laughter]b"), "a b");
        assert_eq!(without("if {name} < {"), "if  name}    ");
        assert_eq!(without("plain"), "plain");
    }
}
