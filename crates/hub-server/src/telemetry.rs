//! What the server tells whoever runs it: logs and metrics, without content and without secrets.

pub mod logs;
mod observer;
mod recorder;
mod scrape;

pub use recorder::Metrics;
pub(crate) use recorder::RouteMetrics;
pub(crate) use scrape::scrape;
