//! The English rule files, embedded so that a packaged crate needs no files beside it.

use super::RuleSource;

/// The shipped files, in the order in which they are tried.
pub(super) fn sources() -> Vec<RuleSource> {
    [
        ("en/words.rules", include_str!("../../../rules/en/words.rules")),
        ("en/ignore.rules", include_str!("../../../rules/en/ignore.rules")),
        ("en/requests.rules", include_str!("../../../rules/en/requests.rules")),
        ("en/facts.rules", include_str!("../../../rules/en/facts.rules")),
        ("en/times.rules", include_str!("../../../rules/en/times.rules")),
    ]
    .into_iter()
    .map(|(name, text)| RuleSource { name: name.to_owned(), text: text.to_owned() })
    .collect()
}
