//! The regions of a server: what LiveKit Cloud answers to `/settings/regions`.

use super::{Error, Http, Tls, with_scheme};
use livekit_protocol::RegionSettings;
use serde::Deserialize;
use std::time::Duration;

/// How long the list may take; it is asked for while something else is broken, or beside everything else.
const PATIENCE: Duration = Duration::from_secs(3);
/// The most regions that are taken from a list.
const MANY: usize = 32;

#[derive(Debug, Deserialize)]
struct Listed {
    regions: Vec<Region>,
}

#[derive(Debug, Deserialize)]
struct Region {
    url: String,
    #[serde(default)]
    distance: Distance,
}

/// JSON of protobuf writes numbers of 64 bits as text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Distance {
    Number(i64),
    Text(String),
}

impl Default for Distance {
    fn default() -> Self {
        Self::Number(i64::MAX)
    }
}

impl Distance {
    fn metres(&self) -> i64 {
        match self {
            Self::Number(number) => *number,
            Self::Text(text) => text.parse().unwrap_or(i64::MAX),
        }
    }
}

/// Whether the host is one of LiveKit Cloud, which has regions.
pub(crate) fn is_cloud(url: &str) -> bool {
    let host = reqwest::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_ascii_lowercase));
    host.is_some_and(|host| [".livekit.cloud", ".livekit.run"].iter().any(|end| host.ends_with(end)))
}

/// Asks a server for its regions, the nearest first.
pub(crate) async fn fetch(url: &str, token: &str, tls: &Tls) -> Result<Vec<String>, Error> {
    let address = with_scheme(url, false)?;
    let authorization = format!("Bearer {token}");
    let headers = [("authorization", authorization.as_str())];
    let answer = Http::new(tls)?.get(&format!("{address}/settings/regions"), &headers, PATIENCE).await?;
    read(&answer.success()?, url)
}

fn read(body: &[u8], origin: &str) -> Result<Vec<String>, Error> {
    let listed: Listed = serde_json::from_slice(body)
        .map_err(|cause| Error::Connection(format!("the list of regions cannot be read: {cause}")))?;
    let found = listed.regions.into_iter().map(|region| (region.distance.metres(), region.url));
    Ok(nearest(found.collect(), origin))
}

/// What a server that asks somebody to leave says of where to go.
pub(crate) fn told(settings: &RegionSettings, origin: &str) -> Vec<String> {
    let found = settings.regions.iter().map(|region| (region.distance, region.url.clone()));
    nearest(found.collect(), origin)
}

/// A token that was given to a server by TLS goes to no other without.
fn nearest(mut found: Vec<(i64, String)>, origin: &str) -> Vec<String> {
    let secure = with_scheme(origin, true).is_ok_and(|url| url.starts_with("wss:"));
    found.sort_by_key(|(distance, _)| *distance);
    let usable = found.into_iter().filter_map(|(_, url)| with_scheme(&url, true).ok());
    usable.filter(|url| !secure || url.starts_with("wss:")).take(MANY).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_ordered_by_distance_and_none_is_without_tls_where_the_first_was_not() {
        let body = br#"{"regions":[
            {"region":"far","url":"https://far.example","distance":"9000000000"},
            {"region":"near","url":"wss://near.example/","distance":10},
            {"region":"somewhere","url":"https://somewhere.example"},
            {"region":"open","url":"http://open.example","distance":1},
            {"region":"broken","url":"nonsense","distance":"near"}]}"#;
        let found = read(body, "wss://origin.livekit.cloud").unwrap();
        assert_eq!(found, ["wss://near.example", "wss://far.example", "wss://somewhere.example"]);
        assert_eq!(read(body, "ws://127.0.0.1").unwrap()[0], "ws://open.example");
        assert!(read(b"{}", "wss://a.example").is_err() && read(b"[", "wss://a.example").is_err());
    }

    #[test]
    fn only_hosts_of_the_cloud_are_taken_for_it() {
        assert!(is_cloud("wss://a-project.LiveKit.cloud") && is_cloud("https://a.livekit.run/x"));
        for other in ["wss://livekit.cloud.example", "ws://127.0.0.1:7880", "wss://notlivekit.cloud", "x"] {
            assert!(!is_cloud(other), "{other}");
        }
    }
}
