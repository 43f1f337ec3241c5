//! Ending a call early.

use tokio::sync::Notify;

/// Ends the waiting for one call, from any thread: what was handed to the writer is still written.
///
/// Kotlin drops the future of a call that was cancelled and needs none; Swift cannot.
#[derive(Debug, Default, uniffi::Object)]
pub struct Stop(Notify);

#[uniffi::export]
impl Stop {
    /// For one call.
    #[uniffi::constructor]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the waiting, also of a call that is yet to begin.
    pub fn stop(&self) {
        self.0.notify_one();
    }
}

impl Stop {
    /// Returns once it was asked for.
    pub(crate) async fn asked(&self) {
        self.0.notified().await;
    }
}
