//! Text and JSON as an approver is shown them: whole, and with nothing that hides, reorders or
//! forges what stands there. Every character that leaves no mark of its own is shown as an escape
//! such as `\u{202e}`, and a backslash as two, so that an escape cannot be forged either.

use serde_json::Value;
use std::fmt::Write as _;
use unicode_normalization::char::is_combining_mark;

/// Text with control, invisible and direction-changing characters shown as escapes. It has one
/// line, whatever the text.
#[must_use]
pub fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push(&mut out, text, false);
    out
}

/// JSON over several lines, members in the order of their names, each string as [`shown`] gives
/// it, in quotes. It is for eyes, not for parsers.
#[must_use]
pub fn shown_json(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value, 0);
    out
}

fn push(out: &mut String, text: &str, quoted: bool) {
    // A mark that combines with nothing would change what stands before the text.
    let mut base = false;
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '"' if quoted => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if is_hidden(character) || (is_combining_mark(character) && !base) => escape(out, character),
            _ => out.push(character),
        }
        base = !is_hidden(character);
    }
}

fn escape(out: &mut String, character: char) {
    out.extend(character.escape_unicode());
}

/// Whether a character leaves no mark of its own: categories Cc, Cf, Co, Cn, Zl, Zp and Zs except
/// the space, which the standard library knows as not printable, and what else is ignored by
/// default (Unicode, `Default_Ignorable_Code_Point`) or blank.
fn is_hidden(character: char) -> bool {
    match character {
        ' ' => false,
        '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{ffa0}'
        | '\u{e0000}'..='\u{e0fff}' => true,
        // The standard library also escapes every combining mark; whole scripts need those.
        _ if is_combining_mark(character) => false,
        // Its escape of what is printed otherwise is the character itself, or one with a backslash.
        _ => character.is_control() || character.escape_debug().len() > 2,
    }
}

fn write_value(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::String(text) => quote(out, text),
        Value::Array(items) if !items.is_empty() => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                line(out, index, indent + 1);
                write_value(out, item, indent + 1);
            }
            line(out, 0, indent);
            out.push(']');
        }
        Value::Object(members) if !members.is_empty() => {
            out.push('{');
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            for (index, (name, member)) in members.into_iter().enumerate() {
                line(out, index, indent + 1);
                quote(out, name);
                out.push_str(": ");
                write_value(out, member, indent + 1);
            }
            line(out, 0, indent);
            out.push('}');
        }
        // Numbers, words and empty lists hold nothing that hides. Writing to a string cannot fail.
        plain => write!(out, "{plain}").unwrap_or_default(),
    }
}

fn quote(out: &mut String, text: &str) {
    out.push('"');
    push(out, text, true);
    out.push('"');
}

fn line(out: &mut String, index: usize, indent: usize) {
    if index > 0 {
        out.push(',');
    }
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", indent));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn what_hides_reorders_or_breaks_lines_is_escaped() {
        for (text, wanted) in [
            ("pay \u{202e}001\u{202c} EUR", "pay \\u{202e}001\\u{202c} EUR"),
            ("a\u{2066}b\u{2069}c\u{61c}", "a\\u{2066}b\\u{2069}c\\u{61c}"),
            ("pass\u{200b}word\u{feff}\u{ad}", "pass\\u{200b}word\\u{feff}\\u{ad}"),
            ("tag\u{e0041}\u{e0042}", "tag\\u{e0041}\\u{e0042}"),
            ("x\u{fe0f}\u{34f}\u{3164}\u{2800}\u{115f}", "x\\u{fe0f}\\u{34f}\\u{3164}\\u{2800}\\u{115f}"),
            ("a\u{a0}b\u{2003}c\u{3000}", "a\\u{a0}b\\u{2003}c\\u{3000}"),
            ("\u{1b}[2J\u{7}\u{0}\u{7f}\u{9b}", "\\u{1b}[2J\\u{7}\\u{0}\\u{7f}\\u{9b}"),
            ("one\r\ntwo\tthree\u{2028}\u{85}", "one\\r\\ntwo\\tthree\\u{2028}\\u{85}"),
            ("\u{301}a\n\u{301}", "\\u{301}a\\n\\u{301}"),
            ("\\u{202e}", "\\\\u{202e}"),
            ("\u{e000}\u{378}", "\\u{e000}\\u{378}"),
        ] {
            assert_eq!(shown(text), wanted);
        }
    }

    #[test]
    fn what_people_write_stays_as_it_is() {
        for text in [
            "Zoë's “tea” – 5 €",
            "日本語 한국어",
            "नमस्ते किताब",
            "שלום",
            "مرحبا",
            "e\u{301}t\u{e9}",
            "😀",
            "\"q\"",
        ] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn json_is_shown_whole() {
        let long = "x".repeat(100_000);
        let value =
            json!({"to": ["Anna", "\"\u{202e}"], "b\u{200b}": {}, "a": {"n": 1.5, "z": null}, "long": long});
        let wanted = format!(
            "{{\n  \"a\": {{\n    \"n\": 1.5,\n    \"z\": null\n  }},\n  \"b\\u{{200b}}\": {{}},\n  \"long\": \"{long}\",\n  \
             \"to\": [\n    \"Anna\",\n    \"\\\"\\u{{202e}}\"\n  ]\n}}"
        );
        assert_eq!(shown_json(&value), wanted);
    }

    proptest! {
        #[test]
        fn two_texts_are_never_shown_alike(one in "[\\\\u{}0-9a\\x00-\\x1f\u{200b}\u{202e}\"]{0,12}", other in "[\\\\u{}0-9a\\x00-\\x1f\u{200b}\u{202e}\"]{0,12}") {
            prop_assert_eq!(shown(&one) == shown(&other), one == other);
        }

        #[test]
        fn nothing_hidden_is_left(text in any::<String>()) {
            prop_assert!(!shown(&text).chars().any(is_hidden));
            prop_assert!(!shown(&text).contains(char::is_control));
        }
    }
}
