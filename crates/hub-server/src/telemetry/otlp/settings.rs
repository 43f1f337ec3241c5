//! Where traces and metrics go, by the variables that every program with OpenTelemetry reads.

use percent_encoding::percent_decode_str;
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::path::PathBuf;
use std::time::Duration;

/// Time for sending one batch, another try included.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Time between two messages of metrics.
const INTERVAL: Duration = Duration::from_secs(60);
/// Spans that wait to be sent.
const QUEUE: usize = 2_048;

/// What a variable says that cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {problem}")]
pub struct Unusable {
    /// The variable.
    pub variable: &'static str,
    /// What is wrong with its value, which is not repeated: it may hold a key.
    pub problem: &'static str,
}

/// Where one kind of telemetry goes.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) url: Url,
    /// Marked as sensitive: `Debug` hides them.
    pub(super) headers: HeaderMap,
    pub(super) within: Duration,
}

/// Where traces and metrics go.
#[derive(Debug, Clone)]
pub struct Settings {
    pub(super) traces: Option<Target>,
    pub(super) metrics: Option<Target>,
    pub(super) interval: Duration,
    pub(super) queue: usize,
    /// Attributes of the process that the environment gives, `name=value,name=value`.
    attributes: String,
    /// Roots to believe beside the machine's.
    pub(super) roots: Option<PathBuf>,
}

/// The variables, each for one kind of telemetry and for both.
struct Kind {
    endpoint: &'static str,
    path: &'static str,
    exporter: &'static str,
    headers: [&'static str; 2],
    timeout: [&'static str; 2],
    protocol: [&'static str; 2],
}

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

const TRACES: Kind = Kind {
    endpoint: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    path: "v1/traces",
    exporter: "OTEL_TRACES_EXPORTER",
    headers: ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"],
    timeout: ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"],
    protocol: ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"],
};

const METRICS: Kind = Kind {
    endpoint: "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    path: "v1/metrics",
    exporter: "OTEL_METRICS_EXPORTER",
    headers: ["OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"],
    timeout: ["OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"],
    protocol: ["OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"],
};

impl Settings {
    /// Reads the variables by `get`, an empty one as one that is not there; `None` where none names a
    /// collector. What `OTEL_TRACES_SAMPLER`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_SERVICE_NAME` and
    /// `OTEL_BSP_…` say is read by OpenTelemetry's own library.
    ///
    /// # Errors
    /// When a variable asks for what is not there, such as gRPC.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, Unusable> {
        let get =
            |name: &str| get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        if get("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return Ok(None);
        }
        let (traces, metrics) = (target(&get, &TRACES)?, target(&get, &METRICS)?);
        if traces.is_none() && metrics.is_none() {
            return Ok(None);
        }
        let mut attributes = get("OTEL_RESOURCE_ATTRIBUTES").unwrap_or_default();
        if get("OTEL_SERVICE_NAME").is_some() {
            attributes.push_str(",service.name=");
        }
        Ok(Some(Self {
            traces,
            metrics,
            interval: milliseconds(&get, ["OTEL_METRIC_EXPORT_INTERVAL"])?.unwrap_or(INTERVAL),
            queue: number(&get, "OTEL_BSP_MAX_QUEUE_SIZE")?.unwrap_or(QUEUE),
            attributes,
            roots: get("OTEL_EXPORTER_OTLP_CERTIFICATE").map(PathBuf::from),
        }))
    }

    /// Whether the environment gives this attribute of the process.
    pub(super) fn has(&self, attribute: &str) -> bool {
        let names = self.attributes.split(',').filter_map(|pair| pair.split_once('='));
        names.into_iter().any(|(name, _)| name.trim() == attribute)
    }

    /// The places to which something goes, without what may be secret.
    #[must_use]
    pub fn endpoints(&self) -> Vec<String> {
        let targets = self.traces.iter().chain(&self.metrics);
        targets.map(|target| shown(&target.url)).collect()
    }
}

/// Scheme, host, port and path: the rest may be secret.
fn shown(url: &Url) -> String {
    let origin = url.origin().ascii_serialization();
    format!("{origin}{}", url.path())
}

fn target(get: &impl Fn(&str) -> Option<String>, kind: &Kind) -> Result<Option<Target>, Unusable> {
    let wrong = |variable, problem| Err(Unusable { variable, problem });
    match get(kind.exporter).as_deref() {
        None | Some("otlp") => {}
        Some("none") => return Ok(None),
        Some(_) => return wrong(kind.exporter, "the hub knows `otlp` and `none`"),
    }
    let (variable, url) = match (get(kind.endpoint), get(ENDPOINT)) {
        (Some(own), _) => (kind.endpoint, own),
        (None, Some(base)) => (ENDPOINT, format!("{}/{}", base.trim_end_matches('/'), kind.path)),
        (None, None) => return Ok(None),
    };
    let Ok(url) = Url::parse(&url) else { return wrong(variable, "it is no URL") };
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return wrong(variable, "it begins with neither http:// nor https://");
    }
    for variable in kind.protocol {
        if let Some(protocol) = get(variable) {
            if protocol != "http/protobuf" {
                return wrong(
                    variable,
                    "the hub speaks `http/protobuf` alone; collectors take it at port 4318",
                );
            }
            break;
        }
    }
    let headers = headers(get, kind.headers)?;
    let within = milliseconds(get, kind.timeout)?.unwrap_or(TIMEOUT);
    Ok(Some(Target { url, headers, within }))
}

/// `name=value,name=value`, the values percent-encoded.
fn headers(get: &impl Fn(&str) -> Option<String>, names: [&'static str; 2]) -> Result<HeaderMap, Unusable> {
    let mut headers = HeaderMap::new();
    let Some((variable, text)) = names.into_iter().find_map(|name| get(name).map(|text| (name, text))) else {
        return Ok(headers);
    };
    let wrong = || Unusable { variable, problem: "it holds no list of headers, name=value,name=value" };
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').ok_or_else(wrong)?;
        let name = HeaderName::try_from(name.trim()).map_err(|_| wrong())?;
        let value: Vec<u8> = percent_decode_str(value.trim()).collect();
        let mut value = HeaderValue::try_from(value).map_err(|_| wrong())?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}

fn milliseconds<const N: usize>(
    get: &impl Fn(&str) -> Option<String>,
    names: [&'static str; N],
) -> Result<Option<Duration>, Unusable> {
    for name in names {
        if let Some(milliseconds) = number(get, name)? {
            return Ok(Some(Duration::from_millis(u64::try_from(milliseconds).unwrap_or(u64::MAX))));
        }
    }
    Ok(None)
}

fn number(get: &impl Fn(&str) -> Option<String>, variable: &'static str) -> Result<Option<usize>, Unusable> {
    let Some(text) = get(variable) else { return Ok(None) };
    match text.parse() {
        Ok(number) if number > 0 => Ok(Some(number)),
        _ => Err(Unusable { variable, problem: "it is no whole number above 0" }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Option<Settings>, Unusable> {
        let get = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Settings::read(get)
    }

    #[test]
    fn without_a_collector_there_is_nothing() {
        for off in [
            &[][..],
            &[(ENDPOINT, " ")],
            &[(ENDPOINT, "http://c:4318"), ("OTEL_SDK_DISABLED", "TRUE")],
            &[
                (ENDPOINT, "http://c:4318"),
                ("OTEL_TRACES_EXPORTER", "none"),
                ("OTEL_METRICS_EXPORTER", "none"),
            ],
            &[("OTEL_SERVICE_NAME", "hub")],
        ] {
            assert!(read(off).unwrap().is_none(), "{off:?}");
        }
    }

    #[test]
    fn a_collector_for_all_has_paths_and_one_of_its_own_has_not() {
        let settings = read(&[
            (ENDPOINT, "http://c:4318/in/"),
            ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "https://user:pw@m/push?key=1"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "250"),
        ]);
        let settings = settings.unwrap().unwrap();
        assert_eq!(settings.traces.as_ref().unwrap().url.as_str(), "http://c:4318/in/v1/traces");
        assert_eq!(settings.metrics.as_ref().unwrap().url.as_str(), "https://user:pw@m/push?key=1");
        assert_eq!(settings.traces.as_ref().unwrap().within, Duration::from_millis(250));
        assert_eq!(settings.endpoints(), ["http://c:4318/in/v1/traces", "https://m/push"]);
        let alone = read(&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c/t")]).unwrap().unwrap();
        assert!(alone.metrics.is_none() && alone.traces.unwrap().url.as_str() == "http://c/t");
    }

    #[test]
    fn headers_are_decoded_and_hidden() {
        let settings =
            read(&[(ENDPOINT, "http://c"), ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=s%3Dcret , x-team = a")]);
        let target = settings.unwrap().unwrap().traces.unwrap();
        assert_eq!(target.headers.get("api-key").unwrap(), "s=cret");
        assert_eq!(target.headers.get("x-team").unwrap(), "a");
        assert!(!format!("{target:?}").contains("s=cret"));
    }

    #[test]
    fn what_cannot_be_done_is_named_and_its_value_is_not() {
        for (variable, value) in [
            (ENDPOINT, "secret"),
            (ENDPOINT, "ftp://secret/"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc-secret"),
            ("OTEL_TRACES_EXPORTER", "secret"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "secret"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "secret name=1"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "secret"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "0"),
        ] {
            let given = [(variable, value), (ENDPOINT, "http://c")];
            let unusable = read(&given).unwrap_err();
            assert_eq!(unusable.variable, variable);
            assert!(!unusable.to_string().contains("secret"), "{unusable}");
        }
    }
}
