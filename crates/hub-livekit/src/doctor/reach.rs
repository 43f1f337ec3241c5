//! The way to the server: its name, a connection, TLS, HTTP, and its clock.

use super::report::Chart;
use super::{PATIENCE, Patient, advice};
use crate::net::{self, Http, chain};
use jiff::Timestamp;
use rustls::pki_types::ServerName;
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// A token is refused when the clocks differ by more than a minute.
const MOST_SECONDS: i64 = 60;
const WORRYING_SECONDS: i64 = 10;

/// Host, port, and whether TLS is spoken.
struct Place {
    host: String,
    port: u16,
    secure: bool,
}

/// Looks; answers whether HTTP reaches the server.
pub(super) async fn look(patient: &Patient, chart: &mut Chart) -> bool {
    let place = match place(&patient.url) {
        Ok(place) => place,
        Err(error) => {
            chart.fail("url", error.to_string(), advice(&error));
            return false;
        }
    };
    let Some(addresses) = names(&place, chart).await else { return false };
    let Some(stream) = connection(&addresses, chart).await else { return false };
    if place.secure && !tls(patient, &place, stream, chart).await {
        return false;
    }
    http(patient, chart).await
}

fn place(url: &str) -> Result<Place, net::Error> {
    let url = net::with_scheme(url, false)?;
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let secure = scheme == "https";
    let usual = if secure { 443 } else { 80 };
    // The colons of an IPv6 address are inside brackets.
    let after_host = authority.rfind(']').map_or(0, |at| at + 1);
    let colon = authority.get(after_host..).and_then(|rest| rest.rfind(':')).map(|at| after_host + at);
    let (host, port) = match colon {
        Some(at) => (authority.get(..at), authority.get(at + 1..).map(str::parse)),
        None => (Some(authority), Some(Ok(usual))),
    };
    let (Some(host), Some(Ok(port))) = (host, port) else {
        return Err(net::Error::Url("its port is no number up to 65535".to_owned()));
    };
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    Ok(Place { host, port, secure })
}

async fn names(place: &Place, chart: &mut Chart) -> Option<Vec<SocketAddr>> {
    let looked = timeout(PATIENCE, tokio::net::lookup_host((place.host.as_str(), place.port))).await;
    let found: Vec<SocketAddr> = match looked {
        Ok(Ok(found)) => found.collect(),
        Ok(Err(cause)) => {
            chart.fail("dns", format!("{}: {cause}", place.host), "is the name right, and known here?");
            return None;
        }
        Err(_) => {
            chart.fail("dns", format!("{}: no answer in time", place.host), "is there a resolver?");
            return None;
        }
    };
    let addresses: Vec<String> = found.iter().map(|address| address.ip().to_string()).collect();
    chart.pass("dns", format!("{} is {}", place.host, addresses.join(", ")));
    Some(found)
}

async fn connection(addresses: &[SocketAddr], chart: &mut Chart) -> Option<TcpStream> {
    let mut failures = Vec::new();
    for address in addresses {
        match timeout(PATIENCE, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                chart.pass("connection", format!("to {address}"));
                return Some(stream);
            }
            Ok(Err(cause)) => failures.push(format!("{address}: {cause}")),
            Err(_) => failures.push(format!("{address}: no answer in time")),
        }
    }
    let advice = advice(&net::Error::Connection(String::new()));
    chart.fail("connection", failures.join("; "), advice);
    None
}

async fn tls(patient: &Patient, place: &Place, stream: TcpStream, chart: &mut Chart) -> bool {
    let Ok(name) = ServerName::try_from(place.host.clone()) else {
        chart.fail("tls", "the host is no name", "such as wss://rooms.example.com");
        return false;
    };
    let connecting = TlsConnector::from(patient.tls.config()).connect(name, stream);
    let error = match timeout(PATIENCE, connecting).await {
        Ok(Ok(stream)) => {
            let version = stream.get_ref().1.protocol_version();
            let version = version.and_then(|version| version.as_str()).unwrap_or("an unknown version");
            chart.pass("tls", format!("{version}, the certificate is trusted"));
            return true;
        }
        Ok(Err(cause)) => net::Error::Tls(chain(&cause)),
        Err(_) => net::Error::Timeout,
    };
    chart.fail("tls", error.to_string(), advice(&error));
    false
}

async fn http(patient: &Patient, chart: &mut Chart) -> bool {
    let asked = async {
        let url = net::with_scheme(&patient.url, false)?;
        let answer = Http::new(&patient.tls)?.get(&format!("{url}/"), &[], PATIENCE).await?;
        let date = answer.headers.iter().find(|(name, _)| name == "date").map(|(_, date)| date.clone());
        answer.success().map(|_| date)
    };
    match asked.await {
        Ok(date) => {
            chart.pass("http", "the server answers");
            clock(date.as_deref(), Timestamp::now(), chart);
            true
        }
        Err(error) => {
            chart.fail("http", error.to_string(), advice(&error));
            false
        }
    }
}

/// Compares the server's clock, as its header `Date` tells it in whole seconds, with ours.
fn clock(date: Option<&str>, now: Timestamp, chart: &mut Chart) {
    let theirs = date.and_then(|date| jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok());
    let Some(theirs) = theirs else {
        chart.skip("clock", "the server does not tell the time");
        return;
    };
    let apart = now.as_second() - theirs.as_second();
    let text = match apart {
        0 | 1 => "the server's and ours agree to a second".to_owned(),
        apart if apart > 0 => format!("the server is {apart} s behind us"),
        apart => format!("the server is {} s ahead of us", -apart),
    };
    let advice = "set both by NTP: tokens tell from when until when they are good";
    match apart.abs() {
        apart if apart > MOST_SECONDS => chart.fail("clock", text, advice),
        apart if apart > WORRYING_SECONDS => chart.warn("clock", text, advice),
        _ => chart.pass("clock", text),
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::Verdict;
    use super::*;

    #[test]
    fn host_and_port_are_found_in_every_form() {
        let found = |url| place(url).map(|place| (place.host, place.port, place.secure));
        assert_eq!(found("wss://a.example").unwrap(), ("a.example".to_owned(), 443, true));
        assert_eq!(found("ws://127.0.0.1:7880/x").unwrap(), ("127.0.0.1".to_owned(), 7880, false));
        assert_eq!(found("ws://[::1]:7880").unwrap(), ("::1".to_owned(), 7880, false));
        assert_eq!(found("http://[::1]").unwrap(), ("::1".to_owned(), 80, false));
        assert!(found("ws://a:99999").is_err() && found("a").is_err());
    }

    #[test]
    fn clocks_that_differ_by_a_minute_fail() {
        let now: Timestamp = "2026-11-26T12:00:00Z".parse().unwrap();
        let verdict = |date| {
            let mut chart = Chart::new("");
            clock(date, now, &mut chart);
            chart.report().verdict
        };
        assert_eq!(verdict(Some("Thu, 26 Nov 2026 12:00:01 GMT")), Verdict::Passed);
        assert_eq!(verdict(Some("Thu, 26 Nov 2026 12:00:30 GMT")), Verdict::Warning);
        assert_eq!(verdict(Some("Thu, 26 Nov 2026 11:58:30 GMT")), Verdict::Failed);
        assert_eq!((verdict(None), verdict(Some("noon"))), (Verdict::Skipped, Verdict::Skipped));
    }
}
