//! Columns that line up, and numbers that can be read.

/// Lines whose columns begin at the same places. The last column may be as long as it likes.
pub(crate) fn columns(rows: &[Vec<String>]) -> Vec<String> {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..count).map(|column| width(column).unwrap_or(0)).collect();
    rows.iter()
        .map(|row| {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        })
        .collect()
}

/// Names on the left, values aligned to the right.
pub(crate) fn figures(rows: &[(&str, String)]) -> Vec<String> {
    let left = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let right = rows.iter().map(|(_, value)| value.chars().count()).max().unwrap_or(0);
    rows.iter().map(|(name, value)| format!("{name:<left$}  {value:>right$}")).collect()
}

/// A number with its thousands apart: `12,074`.
pub(crate) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The first `most` characters of a text, with a mark when there were more.
pub(crate) fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(most.saturating_sub(1)).collect();
    out.push('…');
    out
}

/// As much of the beginning of a text as fits so many bytes of UTF-8.
pub(crate) fn head_bytes(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}

/// How many, and of what: `1 turn`, `2 turns`.
pub(crate) fn counted(value: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(value), if value == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_begin_at_the_same_places() {
        let rows = vec![vec!["a".into(), "bcd".into()], vec!["größe".into(), String::new(), "e".into()]];
        assert_eq!(columns(&rows), ["a      bcd", "größe       e"]);
    }

    #[test]
    fn figures_line_up_on_the_right() {
        assert_eq!(figures(&[("rate", "7".into()), ("p99", "1,200".into())]), ["rate      7", "p99   1,200"]);
    }

    #[test]
    fn thousands_stand_apart() {
        let written: Vec<String> = [0, 999, 1_000, 12_074, 1_234_567].map(number).to_vec();
        assert_eq!(written, ["0", "999", "1,000", "12,074", "1,234,567"]);
    }

    #[test]
    fn a_shortened_text_says_so() {
        assert_eq!((short("größe", 5), short("größer", 5)), ("größe".to_owned(), "größ…".to_owned()));
    }
}
