//! Tools and planners that are written in Swift or Kotlin.

use hub_bindings::{HostFailure, HostPlanner, HostTool};
use std::fmt;
use std::sync::Arc;

/// Why code of the host came to nothing.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum BorderFailure {
    /// It says so itself.
    #[error("{said}")]
    Failed {
        /// What is kept with the action or the dead letter, and shown to people.
        said: String,
        /// Whether trying again later can help.
        retryable: bool,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for BorderFailure {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed { said: error.reason, retryable: false }
    }
}

impl From<BorderFailure> for HostFailure {
    fn from(failure: BorderFailure) -> Self {
        let BorderFailure::Failed { said: message, retryable } = failure;
        Self { message, retryable }
    }
}

/// Code of the host: text in, text out. The run is cancelled when nobody waits for it any more.
#[uniffi::export(foreign)]
#[async_trait::async_trait]
pub trait BorderCode: Send + Sync {
    /// Runs once. Both texts are JSON.
    ///
    /// # Errors
    /// Whatever kept it from its work.
    async fn run(&self, text: String) -> Result<String, BorderFailure>;
}

/// A tool with what it says of itself.
#[derive(uniffi::Record)]
pub struct BorderTool {
    /// Its manifest in JSON.
    pub manifest: String,
    /// What runs.
    pub code: Arc<dyn BorderCode>,
}

/// A planner under its name and version.
#[derive(uniffi::Record)]
pub struct BorderPlanner {
    /// Its name.
    pub name: String,
    /// Changed whenever the same window may yield another plan.
    pub version: String,
    /// What plans.
    pub code: Arc<dyn BorderCode>,
}

impl fmt::Debug for BorderTool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BorderTool").field("manifest", &self.manifest).finish_non_exhaustive()
    }
}

impl fmt::Debug for BorderPlanner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BorderPlanner").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The ports of the hub before code of the host.
pub(crate) struct Foreign(pub(crate) Arc<dyn BorderCode>);

#[async_trait::async_trait]
impl HostTool for Foreign {
    async fn run(&self, call: String) -> Result<String, HostFailure> {
        self.0.run(call).await.map_err(Into::into)
    }
}

#[async_trait::async_trait]
impl HostPlanner for Foreign {
    async fn plan(&self, window: String) -> Result<String, HostFailure> {
        self.0.run(window).await.map_err(Into::into)
    }
}
