//! Lists come in pages.

use crate::{Error, Result};
use hub_protocol::limits;
use uuid::Uuid;

/// Which page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// Items on the page: 1 to 500, by default 50.
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// One page of a list, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next_cursor: Option<String>,
}

impl PageRequest {
    /// How many items to show; a query asks for one more, to know whether there is a next page.
    pub(crate) fn items(&self) -> Result<usize> {
        match self.limit.unwrap_or(limits::PAGE_ITEMS_DEFAULT) {
            limit @ 1..=limits::PAGE_ITEMS => Ok(usize::try_from(limit).unwrap_or(1)),
            _ => Err(Error::limit(
                "page_size",
                "a page has 1 to 500 items",
                format!("{} items", limits::PAGE_ITEMS),
            )
            .field("limit")),
        }
    }

    /// The number of rows to ask the database for.
    pub(crate) fn rows(&self) -> Result<i64> {
        Ok(i64::try_from(self.items()?).unwrap_or(0) + 1)
    }

    /// The id after which the page begins.
    pub(crate) fn after_id(&self) -> Result<Uuid> {
        match &self.cursor {
            None => Ok(Uuid::nil()),
            Some(cursor) => Uuid::try_parse(cursor).map_err(|_| bad_cursor()),
        }
    }

    /// The number after which the page begins.
    pub(crate) fn after_number(&self) -> Result<i64> {
        match &self.cursor {
            None => Ok(0),
            Some(cursor) => cursor.parse().map_err(|_| bad_cursor()),
        }
    }
}

fn bad_cursor() -> Error {
    Error::invalid("malformed_cursor", "a cursor is the next_cursor of an earlier page").field("cursor")
}

impl<T> Page<T> {
    /// Cuts the rows that a query gave to the page that was asked for.
    pub(crate) fn of(mut rows: Vec<T>, request: &PageRequest, cursor: impl Fn(&T) -> String) -> Result<Self> {
        let items = request.items()?;
        let more = rows.len() > items;
        rows.truncate(items);
        let next_cursor = if more { rows.last().map(cursor) } else { None };
        Ok(Self { items: rows, next_cursor })
    }
}
