//! A PostgreSQL server for tests, and a fresh database on it for each of them.

mod checks;
mod copy;
mod faults;
mod first;
mod fresh;
mod hub;
mod pooler;
mod queue;
mod schemas;
mod server;
mod tls;
mod wall;

pub(crate) use fresh::Fresh;
