//! The day of an episode as words.

use super::stem::Language;
use crate::clock::Timestamp;

/// Such as `8 May 2023`; elsewhere than in English without the month. Nothing for instants that
/// have no date.
pub(super) fn day(said_at: Timestamp, language: Language) -> String {
    let Ok(time) = jiff::Timestamp::from_microsecond(said_at.0) else {
        return String::new();
    };
    let format = if language == Language::ENGLISH { "%-d %B %Y" } else { "%-d %Y" };
    time.strftime(format).to_string()
}
