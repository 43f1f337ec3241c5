//! Whose code a symbol is.

use std::collections::{BTreeMap, BTreeSet};

/// The standard library's own crates.
const STANDARD: &[&str] = &["core", "alloc", "std"];

/// The bytes of code of each crate, most first, from what `nm` prints.
///
/// Code of a generic function counts for the first crate in its name that is not the standard library's: whoever brought
/// the type brought the code.
pub(super) fn by_crate(listed: &str, known: &BTreeSet<String>) -> Vec<(String, u64)> {
    let mut sizes: BTreeMap<String, u64> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for (address, size, name) in listed.lines().filter_map(code) {
        // Two names of one place are one piece of code.
        if seen.insert(address) {
            *sizes.entry(owner(name, known)).or_default() += size;
        }
    }
    let mut sizes: Vec<_> = sizes.into_iter().collect();
    sizes.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    sizes
}

/// A line `address size kind name` of code, and of no data.
fn code(line: &str) -> Option<(&str, u64, &str)> {
    let mut words = line.splitn(4, ' ');
    let (address, size, kind, name) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let size = size.parse().ok()?;
    matches!(kind, "t" | "T" | "w" | "W" | "i").then_some((address, size, name))
}

fn owner(name: &str, known: &BTreeSet<String>) -> String {
    if name.contains("::") {
        let of_crate = roots(name).find(|root| known.contains(*root) && !STANDARD.contains(root));
        return of_crate.unwrap_or("the standard library").to_owned();
    }
    let ring = name.contains("ring_core") || name.starts_with("fiat_");
    if ring { "ring, its C and assembly" } else { "SQLite, and what else is of C" }.to_owned()
}

/// The first words of the paths in a name.
fn roots(name: &str) -> impl Iterator<Item = &str> {
    let inside = |letter: char| letter.is_alphanumeric() || letter == '_';
    let begins = name.char_indices().filter(move |(at, letter)| {
        let before = name.get(..*at).and_then(|before| before.chars().next_back());
        inside(*letter) && !before.is_some_and(|before| inside(before) || before == ':')
    });
    begins.filter_map(move |(at, _)| {
        let rest = name.get(at..)?;
        let end = rest.find(|letter| !inside(letter))?;
        let (word, rest) = rest.split_at(end);
        rest.starts_with("::").then_some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> BTreeSet<String> {
        ["hub_core", "serde_json"].map(str::to_owned).into()
    }

    #[test]
    fn code_is_of_whoever_brought_the_type() {
        let owner = |name| owner(name, &known());
        assert_eq!(owner("hub_core::hub::open"), "hub_core");
        assert_eq!(owner("<hub_core::Error as core::fmt::Debug>::fmt"), "hub_core");
        assert_eq!(owner("core::ptr::drop_in_place::<alloc::vec::Vec<serde_json::Value>>"), "serde_json");
        assert_eq!(owner("core::fmt::write"), "the standard library");
        assert_eq!(owner("sqlite3_step"), "SQLite, and what else is of C");
        assert_eq!(owner("ring_core_0_17_14__aes_hw_encrypt"), "ring, its C and assembly");
    }

    #[test]
    fn one_place_counts_once_and_data_does_not() {
        let listed = "0000000000000016 0000000000000100 t hub_core::one\n\
                      0000000000000016 0000000000000100 t hub_core::the_same\n\
                      0000000000000116 0000000000000020 T sqlite3_step\n\
                      0000000000000136 0000000000000900 r hub_core::TABLE\n\
                      0000000000000136 t a_label\n";
        let sizes = by_crate(listed, &known());
        assert_eq!(sizes, [("hub_core".to_owned(), 100), ("SQLite, and what else is of C".to_owned(), 20)]);
    }
}
