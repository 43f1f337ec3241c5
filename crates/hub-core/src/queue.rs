//! Work that outlives a process: a table with leases, fencing tokens, back-off and dead letters.
//!
//! A job is enqueued in the transaction of what it follows from. A worker leases it and gets a
//! fence; what the worker writes counts only while the row still carries that fence, so a worker
//! that wakes after its lease cannot overwrite its successor.

mod backoff;
mod bells;
pub(crate) mod dead_letters;
pub(crate) mod lease;
mod look;

pub(crate) use backoff::delay;
pub(crate) use bells::Bells;
pub(crate) use lease::{
    Job, Lease, Queue, claim, enqueue, enqueue_all, finish, finish_all, give_back, hold, rest,
};
pub(crate) use look::{Due, Looks, look, look_resting, too_far_ahead};
