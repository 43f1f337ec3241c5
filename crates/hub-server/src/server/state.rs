//! What every request shares.

use super::Settings;
use crate::auth::AdminToken;
use crate::limits::Limits;
use crate::telemetry::Metrics;
use hub_core::Hub;
use std::sync::Arc;

/// The hub, and what the server keeps beside it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AppState(Arc<Shared>);

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) hub: Hub,
    pub(crate) admin_token: AdminToken,
    pub(crate) settings: Settings,
    pub(crate) limits: Limits,
    pub(crate) metrics: Metrics,
}

impl AppState {
    /// State for a hub. Build the hub with [`Metrics::observer`] of the same `metrics`, so that
    /// they show what the hub does.
    #[must_use]
    pub fn new(hub: Hub, admin_token: AdminToken, settings: Settings, metrics: Metrics) -> Self {
        let limits = Limits::new(&settings);
        Self(Arc::new(Shared { hub, admin_token, settings, limits, metrics }))
    }

    /// The hub that is served.
    #[must_use]
    pub fn hub(&self) -> &Hub {
        &self.0.hub
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.0
    }
}
