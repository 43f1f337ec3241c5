//! An allocation at every TURN server that the server names (RFC 8656, 7). It is given up at once.

use super::candidates::Way;
use super::report::Chart;
use super::stun::Line;
use livekit_protocol::IceServer;
use stun_types::attribute::{AttributeType, ErrorCode, Nonce, RawAttribute, Realm, Username};
use stun_types::message::{
    IntegrityAlgorithm, LongTermCredentials, Message, MessageClass, MessageWrite as _, MessageWriteExt as _,
    MessageWriteVec, Method, StunWriteError,
};

const ALLOCATE: Method = Method::new(0x003);
const REFRESH: Method = Method::new(0x004);
const REQUESTED_TRANSPORT: u16 = 0x0019;
const LIFETIME: u16 = 0x000D;
/// UDP, as IP numbers it, and three bytes that are reserved.
const OF_UDP: [u8; 4] = [17, 0, 0, 0];

/// What a server wants to see with every request.
struct Challenge {
    realm: String,
    nonce: String,
}

pub(super) async fn look(servers: &[IceServer], chart: &mut Chart) {
    let all = servers.iter().flat_map(|server| server.urls.iter().map(move |url| (server, url)));
    let turn: Vec<_> = all.filter(|(_, url)| url.starts_with("turn:") || url.starts_with("turns:")).collect();
    if turn.is_empty() {
        chart.skip("turn", "the server names no TURN server");
    }
    for (server, url) in turn {
        match place(url) {
            Some(place) => match allocate(server, &place).await {
                Ok(()) => chart.pass("turn", format!("{url}: an allocation was given")),
                Err(why) => chart.fail(
                    "turn",
                    format!("{url}: {why}"),
                    "is its port open, and do its name and, for TLS, its certificate fit?",
                ),
            },
            None => chart.skip("turn", format!("{url}: only UDP is looked at")),
        }
    }
}

/// Host and port of a TURN server over UDP.
fn place(url: &str) -> Option<String> {
    let rest = url.strip_prefix("turn:")?;
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let udp = query.is_empty() || query.contains("transport=udp");
    let has_port = place.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    udp.then(|| if has_port { place.to_owned() } else { format!("{place}:3478") })
}

async fn allocate(server: &IceServer, place: &str) -> Result<(), String> {
    let addresses = tokio::time::timeout(super::PATIENCE, tokio::net::lookup_host(place)).await;
    let addresses = addresses.map_err(|_| "its name is not found in time")?;
    let address = addresses.map_err(|cause| cause.to_string())?.next().ok_or("its name has no address")?;
    let mut line = Line::open(Way::Udp, address).await?;
    let credentials = LongTermCredentials::new(server.username.clone(), server.credential.clone());

    let first = request(ALLOCATE, &[(REQUESTED_TRANSPORT, &OF_UDP)], None);
    let refusal = line.ask(&first.map_err(|cause| cause.to_string())?).await?;
    let challenge = challenge(&refusal)?;
    let second = request(ALLOCATE, &[(REQUESTED_TRANSPORT, &OF_UDP)], Some((&credentials, &challenge)));
    let answer = line.ask(&second.map_err(|cause| cause.to_string())?).await?;
    let answer = Message::from_bytes(&answer).map_err(|cause| cause.to_string())?;
    if !answer.has_class(MessageClass::Success) {
        return Err(format!("it refuses us: {}", refused(&answer)));
    }
    // It would end by itself, after ten minutes.
    if let Ok(end) = request(REFRESH, &[(LIFETIME, &[0; 4])], Some((&credentials, &challenge))) {
        let _ = line.ask(&end).await;
    }
    Ok(())
}

fn challenge(refusal: &[u8]) -> Result<Challenge, String> {
    let refusal = Message::from_bytes(refusal).map_err(|cause| cause.to_string())?;
    let (realm, nonce) = (refusal.attribute::<Realm>(), refusal.attribute::<Nonce>());
    match (realm, nonce) {
        (Ok(realm), Ok(nonce)) => {
            Ok(Challenge { realm: realm.realm().to_owned(), nonce: nonce.nonce().to_owned() })
        }
        _ => Err(format!("it does not ask who we are: {}", refused(&refusal))),
    }
}

fn refused(answer: &Message<'_>) -> String {
    match answer.attribute::<ErrorCode>() {
        Ok(error) => format!("{} {}", error.code(), error.reason()),
        Err(_) => "without a word".to_owned(),
    }
}

fn request(
    method: Method,
    attributes: &[(u16, &[u8])],
    known: Option<(&LongTermCredentials, &Challenge)>,
) -> Result<Vec<u8>, StunWriteError> {
    let mut request = Message::builder_request(method, MessageWriteVec::new());
    for (kind, value) in attributes {
        request.add_attribute(&RawAttribute::new(AttributeType::new(*kind), value))?;
    }
    if let Some((credentials, challenge)) = known {
        request.add_attribute(&Username::new(credentials.username())?)?;
        request.add_attribute(&Realm::new(&challenge.realm)?)?;
        request.add_attribute(&Nonce::new(&challenge.nonce)?)?;
        let key = credentials.to_key(challenge.realm.clone()).into();
        request.add_message_integrity(&key, IntegrityAlgorithm::Sha1)?;
    }
    Ok(request.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_turn_over_udp_is_looked_at() {
        assert_eq!(place("turn:a.example:3479?transport=udp").as_deref(), Some("a.example:3479"));
        assert_eq!(place("turn:a.example").as_deref(), Some("a.example:3478"));
        assert_eq!(place("turn:a.example:443?transport=tcp"), None);
        assert_eq!(place("turns:a.example:443?transport=tcp"), None);
    }
}
