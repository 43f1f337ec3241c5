//! What leaves a process by OpenTelemetry: nothing, unless the environment names a collector.

#[cfg(feature = "otlp")]
use crate::cli::exit::Failure;
use crate::cli::exit::Outcome;
use hub_core::Hub;
use hub_core::trace::Traces;
use hub_server::telemetry::Metrics;
#[cfg(feature = "otlp")]
use hub_server::telemetry::otlp::{Otlp, Settings};
use std::sync::Arc;
use std::time::Duration;
use tracing_subscriber::{Layer, Registry};

/// Time at a stop for what was not sent yet, of the time that a stop may take.
#[cfg(feature = "otlp")]
const FLUSH: Duration = Duration::from_secs(2);

/// The telemetry of this process.
#[derive(Debug, Default)]
pub(crate) struct Telemetry {
    #[cfg(feature = "otlp")]
    otlp: Option<Otlp>,
}

#[cfg(feature = "otlp")]
impl Telemetry {
    /// To be called inside the runtime.
    pub(crate) fn start(program: &str, metrics: &Metrics) -> Outcome<Self> {
        let Some(settings) = settings()? else { return Ok(Self::default()) };
        let otlp = Otlp::start(settings, program, metrics).map_err(|cause| {
            Failure::usage("otlp", format!("{cause}: {}", source_of(&cause)))
                .next("OTEL_EXPORTER_OTLP_CERTIFICATE names a file of roots in PEM form")
        })?;
        Ok(Self { otlp: Some(otlp) })
    }

    pub(crate) fn layer(&self) -> Option<Box<dyn Layer<Registry> + Send + Sync>> {
        self.otlp.as_ref().and_then(Otlp::layer)
    }

    pub(crate) fn traces(&self) -> Arc<dyn Traces> {
        self.otlp
            .as_ref()
            .map_or_else(|| Arc::new(hub_core::trace::Untraced) as Arc<dyn Traces>, Otlp::traces)
    }

    pub(crate) fn watch(&self, hub: &Hub) {
        if let Some(otlp) = &self.otlp {
            otlp.watch(hub.clone());
        }
    }

    /// Sends what is left, for two seconds at most, and no longer than is left.
    pub(crate) async fn shutdown(self, left: Duration) {
        if let Some(otlp) = self.otlp {
            otlp.shutdown(left.min(FLUSH)).await;
        }
    }
}

/// Where the environment says that telemetry goes.
#[cfg(feature = "otlp")]
pub(crate) fn settings() -> Outcome<Option<Settings>> {
    Settings::read(|name| std::env::var(name).ok()).map_err(|cause| {
        Failure::usage("otlp", cause.to_string()).next("docs/OPERATIONS.md lists what the hub reads of them")
    })
}

#[cfg(feature = "otlp")]
pub(crate) fn source_of(error: &dyn std::error::Error) -> String {
    error.source().map(ToString::to_string).unwrap_or_default()
}

/// A program that was built without it.
#[cfg(not(feature = "otlp"))]
impl Telemetry {
    pub(crate) fn start(_program: &str, _metrics: &Metrics) -> Outcome<Self> {
        Ok(Self::default())
    }

    pub(crate) fn layer(&self) -> Option<Box<dyn Layer<Registry> + Send + Sync>> {
        None
    }

    pub(crate) fn traces(&self) -> Arc<dyn Traces> {
        Arc::new(hub_core::trace::Untraced)
    }

    pub(crate) fn watch(&self, _hub: &Hub) {}

    pub(crate) async fn shutdown(self, _left: Duration) {}
}
