//! Between what travels and what the core speaks of. Nothing is decided here: what is out of
//! bounds is refused by the core, which names the field.

mod events;
mod recall;
mod things;

pub(crate) use events::{batch, event, outcomes};
pub(crate) use recall::{recall, recall_request};
pub(crate) use things::{agent, page, space, status};

use hub_core::clock::Timestamp;
use hub_core::{Error, Result};

/// Reads a time of the request.
pub(crate) fn time(text: &str, field: &str) -> Result<Timestamp> {
    Timestamp::parse(text).map_err(|error| error.field(field))
}

/// Reads a time of the request that may be absent.
pub(crate) fn optional_time(text: Option<&String>, field: &str) -> Result<Option<Timestamp>> {
    text.map(|text| time(text, field)).transpose()
}

pub(crate) fn count(count: i64) -> Result<u64> {
    u64::try_from(count).map_err(Error::internal)
}
