//! `/v1/spaces/{space_id}/presence`.

mod list;
mod report;

pub(super) use list::list;
pub(super) use report::report;
