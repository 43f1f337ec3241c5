//! What a hub, its satellites and its clients say to each other: the wire types of the REST
//! interface and the vocabulary that every side shares.
//!
//! - Requests refuse fields that they do not know; answers ignore them, so that an older client
//!   understands a newer hub.
//! - Times travel as RFC 3339 text, identifiers as UUIDs, digests as `sha256:` and 64 hex digits.
//! - There is no database and no runtime here: a satellite carries this crate alone.
//!
//! | Module | Contents |
//! |---|---|
//! | [`vocabulary`] | closed sets of words: states, kinds, roles, scopes |
//! | [`limits`] | bounds that both sides check, with the unit in the name |

pub mod limits;
pub mod vocabulary;

/// Version of the wire format; the first segment of every REST path is `v` and this number.
pub const PROTOCOL_VERSION: u32 = 1;
