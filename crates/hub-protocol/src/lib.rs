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
//! | [`decode`] | bytes of a request to its shape, or an error that names the field |
//! | [`agents`] [`spaces`] [`devices`] [`people`] [`consents`] [`tokens`] [`presence`] | who and where |
//! | [`events`] [`recall`] [`memories`] [`artifacts`] | what happened and what is remembered |
//! | [`actions`] [`tools`] | what is to be done, and by what |
//! | [`audit`] [`status`] [`dead_letters`] | what an operator looks at |
//! | [`problem`] [`page`] [`secret`] | errors, lists, tokens as they travel |

pub mod actions;
pub mod agents;
pub mod artifacts;
pub mod audit;
pub mod consents;
pub mod dead_letters;
pub mod decode;
pub mod devices;
pub mod events;
pub mod limits;
pub mod memories;
pub mod page;
pub mod people;
pub mod presence;
pub mod problem;
pub mod recall;
pub mod secret;
mod shape;
pub mod spaces;
pub mod status;
pub mod tokens;
pub mod tools;
pub mod vocabulary;

/// Version of the wire format; the first segment of every REST path is `v` and this number.
pub const PROTOCOL_VERSION: u32 = 1;
