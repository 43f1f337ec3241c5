//! A PostgreSQL server for tests, and a fresh database on it for each of them.

mod faults;
mod first;
mod fresh;
mod hub;
mod schemas;
mod wall;

pub(crate) use fresh::Fresh;
