//! The collector of OpenTelemetry, where the environment names one: whether it takes what the hub would send.

use super::check::Check;
use crate::cli::serve::{collector_settings, source_of};
use hub_server::telemetry::otlp::{Lost, probe};

const NAME: &str = "collector";

pub(super) async fn checks() -> Vec<Check> {
    let settings = match collector_settings() {
        Ok(Some(settings)) => settings,
        Ok(None) => return Vec::new(),
        Err(failure) => return vec![Check::failed(NAME, &failure)],
    };
    match probe(&settings).await {
        Ok(found) => found.into_iter().map(|(endpoint, took)| told(&endpoint, took)).collect(),
        Err(cause) => vec![Check::wrong(
            NAME,
            format!("{cause}: {}", source_of(&cause)),
            "OTEL_EXPORTER_OTLP_CERTIFICATE names a file of roots in PEM form",
        )],
    }
}

fn told(endpoint: &str, took: Result<(), Lost>) -> Check {
    match took {
        Ok(()) => Check::good(NAME, format!("{endpoint} takes telemetry")),
        Err(lost @ Lost::Refused(status)) => {
            let mend = match status {
                401 | 403 => "OTEL_EXPORTER_OTLP_HEADERS carries what it asks for",
                404 | 405 => "OTEL_EXPORTER_OTLP_ENDPOINT is the part of the URL before /v1/traces",
                _ => "look into the collector's own log",
            };
            Check::wrong(NAME, format!("{endpoint}: {lost}"), mend)
        }
        Err(lost) => Check::wrong(
            NAME,
            format!("{endpoint}: {lost}; what the hub would send there is lost"),
            "start the collector, or name another with OTEL_EXPORTER_OTLP_ENDPOINT: OTLP over HTTP, mostly port 4318",
        ),
    }
}
