//! Bounds of names and other short texts that callers give. Pure.

use crate::{Error, Result};
use hub_protocol::limits;

/// A name: 1 to 200 characters, none of them a control character, not only white space.
pub(crate) fn name(text: &str, field: &str) -> Result<String> {
    let length = text.chars().count();
    if length > limits::NAME_CHARS {
        let limit = format!("{} characters", limits::NAME_CHARS);
        return Err(Error::limit("name_too_long", "the name is too long", limit).field(field));
    }
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        return Err(Error::invalid("invalid_name", "a name has 1 to 200 printable characters").field(field));
    }
    Ok(text.to_owned())
}

/// Refuses text with the character NUL: PostgreSQL cannot hold it, and what one database takes the
/// other takes, too.
///
/// # Errors
/// `invalid`, code `nul_character`, naming `field`.
pub(crate) fn without_nul(text: &str, field: &str) -> Result<()> {
    if has_nul(text) { Err(nul().field(field)) } else { Ok(()) }
}

pub(crate) fn has_nul(text: &str) -> bool {
    text.as_bytes().contains(&0)
}

pub(crate) fn nul() -> Error {
    Error::invalid("nul_character", "text must not hold the character NUL")
}

/// A language: a BCP 47 tag of 2 to 35 letters, digits and hyphens.
pub(crate) fn language(tag: &str) -> Result<String> {
    let shape = tag
        .split('-')
        .all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if (2..=35).contains(&tag.len()) && shape {
        Ok(tag.to_owned())
    } else {
        Err(Error::invalid("invalid_language", "a language is a BCP 47 tag, such as en or pt-BR")
            .field("language"))
    }
}
