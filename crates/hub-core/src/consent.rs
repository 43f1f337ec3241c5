//! Consent: what a person has allowed, asked whenever it is used.

pub(crate) mod decision;
pub(crate) mod grants;

pub use decision::Grant;
