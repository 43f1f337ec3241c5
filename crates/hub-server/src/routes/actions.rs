//! `/v1/agents/{agent_id}/actions` and `/v1/actions`.

mod approve;
mod cancel;
mod get;
mod list;
mod propose;
mod reject;
mod resolve;

pub(super) use approve::approve;
pub(super) use cancel::cancel;
pub(super) use get::get;
pub(super) use list::list;
pub(super) use propose::propose;
pub(super) use reject::reject;
pub(super) use resolve::resolve;
