//! A server that speaks OpenAI's Responses API from a script, for tests and for people without a key.
//!
//! It answers `POST /v1/responses` and `GET /v1/models`, as the official clients ask for them; what it
//! answers stands in a [`Script`]: in the order of the requests, or to those that match. Requests are
//! held against what the real server demands: a strict schema that is not one is refused, as there. It
//! misbehaves when it is told to: slow, cut short, endless, huge, garbage, errors with hints.
//!
//! | Module | What |
//! |---|---|
//! | [`script`] | what is answered to which request; a JSON file |
//! | [`recording`] | scripts from recorded traffic |
//! | [`server`] | the server, in this process |
//! | `answer` | the shapes of responses and of their streams |
//! | `strict` | what a strict schema must hold to |

mod answer;
pub mod recording;
pub mod script;
pub mod server;
mod strict;

pub use script::{Answer, Reply, Script};
pub use server::{Fake, Seen};
