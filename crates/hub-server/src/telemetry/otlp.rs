//! Traces and metrics by OpenTelemetry's protocol (OTLP over HTTP, in protobuf), for whoever names a collector.
//!
//! A collector that is away or slow holds nothing up: spans wait in a bounded queue, and what finds no place
//! there, or nobody who takes it, is counted and gone. The numbers are those of `/metrics`.

mod exposition;
mod numbers;
mod post;
mod settings;
mod spans;
mod traces;

pub use post::{Lost, NoClient};
pub use settings::{Settings, Unusable};

use super::recorder::Metrics;
use super::scrape;
use super::sent::Signal;
use hub_core::Hub;
use hub_core::trace::{Traces, Untraced};
use opentelemetry::KeyValue;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use post::Post;
use prost::Message as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tracing_subscriber::{Layer, Registry};

/// Time in which the database must answer when metrics are sent.
const PATIENCE: Duration = Duration::from_secs(2);

/// The telemetry of one process, on its way to a collector.
#[derive(Debug)]
pub struct Otlp {
    provider: Option<SdkTracerProvider>,
    numbers: Option<Arc<Numbers>>,
    interval: Duration,
    sending: Mutex<Option<JoinHandle<()>>>,
}

/// Metrics, and where they go.
#[derive(Debug)]
struct Numbers {
    post: Post,
    metrics: Metrics,
    resource: Resource,
    since: SystemTime,
}

impl Otlp {
    /// Prepares to send what `program` does. To be called inside the runtime that is to send.
    ///
    /// # Errors
    /// When the roots of TLS cannot be used.
    pub fn start(settings: Settings, program: &str, metrics: &Metrics) -> Result<Self, NoClient> {
        let client = post::client(settings.roots.as_deref())?;
        let resource = resource(&settings, program);
        let provider = settings.traces.map(|target| {
            let post = Post::new(client.clone(), target);
            let spans = spans::Bounded::new(post, settings.queue, metrics.sent());
            SdkTracerProvider::builder().with_resource(resource.clone()).with_span_processor(spans).build()
        });
        let numbers = settings.metrics.map(|target| {
            let post = Post::new(client, target);
            Arc::new(Numbers { post, metrics: metrics.clone(), resource, since: SystemTime::now() })
        });
        Ok(Self { provider, numbers, interval: settings.interval, sending: Mutex::new(None) })
    }

    /// What hears the hub's spans; `None` where only metrics go out.
    #[must_use]
    pub fn layer(&self) -> Option<Box<dyn Layer<Registry> + Send + Sync>> {
        self.provider.as_ref().map(traces::layer)
    }

    /// The port to build the hub with.
    #[must_use]
    pub fn traces(&self) -> Arc<dyn Traces> {
        match &self.provider {
            Some(_) => Arc::new(traces::Recorded),
            None => Arc::new(Untraced),
        }
    }

    /// Sends this hub's metrics from now on.
    pub fn watch(&self, hub: Hub) {
        let Some(numbers) = self.numbers.clone() else { return };
        let mut ticks = interval_at(Instant::now() + self.interval, self.interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let sending = tokio::spawn(async move {
            loop {
                ticks.tick().await;
                scrape(&hub, &numbers.metrics, PATIENCE).await;
                numbers.send().await;
            }
        });
        *self.sending.lock().unwrap_or_else(PoisonError::into_inner) = Some(sending);
    }

    /// Sends what is left, for so long at most.
    pub async fn shutdown(self, within: Duration) {
        if let Some(sending) = self.sending.lock().unwrap_or_else(PoisonError::into_inner).take() {
            sending.abort();
        }
        // The processor waits for its thread, which needs this runtime.
        let spans = self.provider.map(|provider| {
            tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(within).is_ok())
        });
        let numbers = async {
            if let Some(numbers) = &self.numbers {
                let _too_late = timeout(within, numbers.send()).await;
            }
        };
        let spans = async {
            match spans {
                Some(spans) => spans.await.unwrap_or(false),
                None => true,
            }
        };
        let (sent, ()) = tokio::join!(spans, numbers);
        if !sent {
            tracing::warn!("the last spans were not all taken in time");
        }
    }
}

impl Numbers {
    async fn send(&self) {
        let span = numbers::Span { since: nanoseconds(self.since), now: nanoseconds(SystemTime::now()) };
        let attributes = ResourceAttributesWithSchema::from(&self.resource).attributes.0;
        let resource = opentelemetry_proto::tonic::resource::v1::Resource {
            attributes,
            ..opentelemetry_proto::tonic::resource::v1::Resource::default()
        };
        let message = numbers::message(exposition::read(&self.metrics.render()), resource, span);
        let sent = self.post.send(message.encode_to_vec()).await;
        self.metrics.sent().message(Signal::Metrics, sent.map(|_| ()));
    }
}

fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// Who speaks: what the environment says, and what it leaves open.
fn resource(settings: &Settings, program: &str) -> Resource {
    let mut builder = Resource::builder();
    if !settings.has("service.name") {
        builder = builder.with_service_name("hub");
    }
    let own = [
        ("service.version", env!("CARGO_PKG_VERSION").to_owned()),
        ("service.instance.id", uuid::Uuid::new_v4().to_string()),
        ("hub.program", program.to_owned()),
    ];
    let own = own.into_iter().filter(|(name, _)| !settings.has(name));
    builder.with_attributes(own.map(|(name, value)| KeyValue::new(name, value))).build()
}

/// Whether each place takes telemetry, with its URL as [`Settings::endpoints`] shows it.
///
/// # Errors
/// As [`Otlp::start`].
pub async fn probe(settings: &Settings) -> Result<Vec<(String, Result<(), Lost>)>, NoClient> {
    let client = post::client(settings.roots.as_deref())?;
    let targets = settings.traces.iter().chain(&settings.metrics);
    let mut found = Vec::new();
    for (target, shown) in targets.zip(settings.endpoints()) {
        found.push((shown, Post::new(client.clone(), target.clone()).probe().await));
    }
    Ok(found)
}
