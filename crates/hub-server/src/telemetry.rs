//! What the server tells whoever runs it: logs and metrics, without content and without secrets.

pub mod logs;
mod observer;
#[cfg(feature = "otlp")]
pub mod otlp;
mod recorder;
mod request;
mod scrape;
mod sent;

pub use recorder::Metrics;
pub(crate) use recorder::RouteMetrics;
pub(crate) use request::{RequestSpan, trace_of};
pub(crate) use scrape::scrape;
