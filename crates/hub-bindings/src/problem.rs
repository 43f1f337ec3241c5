//! An error as it crosses the border.

use hub_core::Error;
use hub_core::vocabulary::ErrorKind;
use serde::Serialize;
use std::collections::BTreeMap;

/// Why a call came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What the caller should do.
    pub kind: ErrorKind,
    /// Stable code, such as `unknown_space`; listed in `docs/ERRORS.md`.
    pub code: String,
    /// What is wrong, in a sentence that may be shown to people.
    pub message: String,
    /// Whether the same call may succeed later.
    pub retryable: bool,
    /// `field` at fault, `limit` that was passed with its unit, and `remedy` for whoever runs the hub:
    /// each only where it is known.
    pub context: BTreeMap<&'static str, String>,
}

impl Problem {
    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let parts =
            [("field", error.field_name()), ("limit", error.limit_text()), ("remedy", error.remedy())];
        let context =
            parts.into_iter().filter_map(|(name, text)| text.map(|text| (name, text.to_owned()))).collect();
        Self {
            kind: error.kind(),
            code: error.code().to_owned(),
            message: error.to_string(),
            retryable: error.is_retryable(),
            context,
        }
    }
}
