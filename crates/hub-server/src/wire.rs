//! Between what travels and what the core speaks of. Nothing is decided here: what is out of
//! bounds is refused by the core, which names the field.

mod deeds;
mod events;
mod recall;
mod things;

pub(crate) use deeds::{action, artifact, checkpoint, log_entry, memory, tool};
pub(crate) use events::{batch, event, outcomes};
pub(crate) use recall::{recall, recall_request};
pub(crate) use things::{
    agent, consent, device, event_type, page, person, presence, secret, space, status, token,
};

use hub_core::clock::Timestamp;
use hub_core::page::Page;
use hub_core::protocol::page::Page as WirePage;
use hub_core::{Error, Result};

/// Reads a time of the request.
pub(crate) fn time(text: &str, field: &str) -> Result<Timestamp> {
    Timestamp::parse(text).map_err(|error| error.field(field))
}

/// Reads a time of the request that may be absent.
pub(crate) fn optional_time(text: Option<&String>, field: &str) -> Result<Option<Timestamp>> {
    text.map(|text| time(text, field)).transpose()
}

/// Translates each item of a page where that may fail.
pub(crate) fn try_page<T, U>(page: Page<T>, into: impl FnMut(T) -> Result<U>) -> Result<WirePage<U>> {
    let items = page.items.into_iter().map(into).collect::<Result<_>>()?;
    Ok(WirePage { items, next_cursor: page.next_cursor })
}

/// A list that is never long, as one page.
pub(crate) fn whole<T>(items: Vec<T>) -> WirePage<T> {
    WirePage { items, next_cursor: None }
}

pub(crate) fn count(count: i64) -> Result<u64> {
    u64::try_from(count).map_err(Error::internal)
}
