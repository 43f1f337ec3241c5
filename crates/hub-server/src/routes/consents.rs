//! `/v1/people/{person_id}/consents` and `/v1/consents`.

mod grant;
mod list;
mod revoke;

pub(super) use grant::grant;
pub(super) use list::list;
pub(super) use revoke::revoke;
