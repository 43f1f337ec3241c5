//! Between what travels and what the core speaks of: for servers and for bindings, which speak the
//! shapes of [`crate::protocol`]. Nothing is decided here: what is out of
//! bounds is refused by the core, which names the field.

mod deeds;
mod events;
mod problem;
mod recall;
mod things;

pub use deeds::{action, artifact, checkpoint, log_entry, memory, tool};
pub use events::{batch, event, outcomes};
pub use problem::{part, undecodable};
pub use recall::{recall, recall_request};
pub use things::{
    agent, consent, dead_letter, device, event_type, new_token, page, person, presence, secret, space,
    status, token, token_created,
};

use crate::clock::Timestamp;
use crate::page::Page;
use crate::{Error, Result};
use hub_protocol::page::Page as WirePage;

/// Reads a time of a request.
///
/// # Errors
/// `invalid`, naming the field.
pub fn time(text: &str, field: &str) -> Result<Timestamp> {
    Timestamp::parse(text).map_err(|error| error.field(field))
}

/// Reads a time of a request that may be absent.
///
/// # Errors
/// `invalid`, naming the field.
pub fn optional_time(text: Option<&String>, field: &str) -> Result<Option<Timestamp>> {
    text.map(|text| time(text, field)).transpose()
}

/// A page, each of its items translated where that may fail.
///
/// # Errors
/// That of the first item that fails.
pub fn try_page<T, U>(page: Page<T>, into: impl FnMut(T) -> Result<U>) -> Result<WirePage<U>> {
    let items = page.items.into_iter().map(into).collect::<Result<_>>()?;
    Ok(WirePage { items, next_cursor: page.next_cursor })
}

/// A list that is never long, as one page.
#[must_use]
pub fn whole<T>(items: Vec<T>) -> WirePage<T> {
    WirePage { items, next_cursor: None }
}

fn count(count: i64) -> Result<u64> {
    u64::try_from(count).map_err(Error::internal)
}
