//! Planners and tools are other people's code: one that panics fails its job, not its worker.

use crate::{Error, Result};
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;

/// A planner or a tool panicked.
#[derive(Debug, thiserror::Error)]
#[error("it panicked: {0}")]
struct Panicked(String);

/// Runs to the end, or to an error of kind `internal` when it panics.
///
/// What the future owned is dropped with it; what it shared must bear a panic, as it must when a
/// task of the program's own panics.
pub(crate) async fn caught<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    AssertUnwindSafe(future).catch_unwind().await.unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        Err(Error::internal(Panicked(message)))
    })
}
