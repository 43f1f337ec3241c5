//! A PostgreSQL server for tests, and a fresh database on it for each of them.

mod checks;
mod copy;
mod costs;
mod faults;
mod first;
mod fresh;
mod house;
mod hub;
mod locks;
mod pooler;
mod queue;
mod schemas;
mod server;
mod text;
mod tls;
mod together;
mod wall;

pub(crate) use fresh::Fresh;
