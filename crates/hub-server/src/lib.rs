//! The reference server on `hub-core`: REST, metrics, logs and an orderly stop.
//!
//! It uses the public interface of the core and decides nothing about the domain: a route reads
//! what was sent, calls the core as the caller, and writes what came of it.
//!
//! | Module | Contents |
//! |---|---|
//! | [`server`] | settings, state, accepting and stopping: start here |
//! | [`auth`] | who stands behind a request |
//! | [`errors`] | failures as problem details (RFC 9457) |
//! | [`limits`] | bodies, rates and connections |
//! | [`openapi`] | the description of the interface, made from the routes |
//! | [`routes`] | the table of routes and its handlers, one file each |
//! | [`telemetry`] | logs and metrics without content |
//! | [`tls`] | the server's certificate, and whom a client believes |

pub mod auth;
pub mod errors;
pub mod limits;
pub mod openapi;
pub mod routes;
pub mod server;
pub mod telemetry;
pub mod tls;
