//! Lists travel in pages.

use serde::{Deserialize, Serialize};

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// What is on this page, at most [`crate::limits::PAGE_ITEMS`].
    pub items: Vec<T>,
    /// Sent back as `cursor` for the next page; `null` on the last one.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Translates each item.
    pub fn map<U>(self, into: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(into).collect(), next_cursor: self.next_cursor }
    }
}

crate::shape::requests! {
    /// The query string of every list.
    #[derive(Default)]
    pub struct PageQuery {
        /// Items on the page, 1 to [`crate::limits::PAGE_ITEMS`]; absent is [`crate::limits::PAGE_ITEMS_DEFAULT`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<u32>,
        /// `next_cursor` of the page before; opaque.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
    }
}
