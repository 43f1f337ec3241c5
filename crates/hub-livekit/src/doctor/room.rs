//! A participant joins by the websocket, and sees what it may do and where media goes.

use super::candidates::{self, Candidates};
use super::report::Chart;
use super::{PATIENCE, Patient, media, turn};
use crate::net;
use livekit_protocol as proto;
use livekit_protocol::{signal_request, signal_response};
use livekit_signaling::{SignalClient, SignalEvent, SignalEvents, SignalOptions};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How long after its first the server's other addresses may come.
const ADDRESSES: Duration = Duration::from_secs(2);

pub(super) async fn look(patient: &Patient, token: &str, chart: &mut Chart) {
    let mut options = SignalOptions::default();
    // Two peer connections: the server offers one by itself, with its addresses.
    options.protocol_version = 17;
    options.client_capabilities.clear();
    options.client_protocol = 0;
    options.region_failover = false;
    options.connect_timeout = PATIENCE;
    let connected = match net::prepare(&patient.url, &patient.tls) {
        Ok(()) => SignalClient::connect(&patient.url, token, options, None).await,
        Err(error) => {
            chart.fail("websocket", error.to_string(), super::advice(&error));
            return;
        }
    };
    let (client, join, mut events) = match connected {
        Ok(connected) => connected,
        Err(error) => {
            let advice = "does a proxy before the server let websockets pass?";
            chart.fail("websocket", net::chain(&error), advice);
            return;
        }
    };
    let version = join.server_info.as_ref().map(|info| info.version.clone()).unwrap_or_default();
    chart.pass("websocket", format!("joined; the server is LiveKit {version}"));
    permissions(&join, chart);
    let found = candidates(&client, &mut events).await;
    match &found {
        Some(found) => media::look(found, chart).await,
        None => {
            let why = "the server offered no addresses for media";
            chart.fail("udp", why, "may the participant listen, or publish?");
            chart.skip("tcp", why);
        }
    }
    turn::look(&join.ice_servers, found.as_ref(), &patient.tls, chart).await;
    client.close().await;
}

fn permissions(join: &proto::JoinResponse, chart: &mut Chart) {
    let participant = join.participant.clone().unwrap_or_default();
    let Some(permission) = participant.permission else {
        chart.skip("permissions", "the server does not tell them");
        return;
    };
    let sources: Vec<&str> = permission.can_publish_sources().map(|source| source.as_str_name()).collect();
    let publish = match (permission.can_publish, sources.as_slice()) {
        (false, _) => "publish nothing".to_owned(),
        (true, []) => "publish everything".to_owned(),
        (true, sources) => format!("publish {}", sources.join(", ").to_lowercase()),
    };
    let word = |may: bool, what: &str| if may { what.to_owned() } else { format!("not {what}") };
    let listen = word(permission.can_subscribe, "listen");
    let data = word(permission.can_publish_data, "send data");
    let text = format!("{} may {publish}, {listen}, {data}", participant.identity);
    if permission.can_publish || permission.can_subscribe || permission.can_publish_data {
        chart.pass("permissions", text);
    } else {
        chart.warn("permissions", text, "a token that grants nothing is rarely what one wants");
    }
}

/// Answers the server's first offer, so that it listens to us, and gathers its addresses.
async fn candidates(client: &SignalClient, events: &mut SignalEvents) -> Option<Candidates> {
    let mut found = Candidates::default();
    let mut deadline = Instant::now() + PATIENCE;
    while let Ok(Some(event)) = timeout_at(deadline, events.recv()).await {
        let SignalEvent::Message(message) = event else { break };
        match *message {
            signal_response::Message::Offer(offer) => {
                let answer = found.offered(&offer.sdp)?;
                let answer = proto::SessionDescription {
                    r#type: "answer".to_owned(),
                    sdp: answer,
                    id: offer.id,
                    ..Default::default()
                };
                client.send(signal_request::Message::Answer(answer)).await;
                deadline = Instant::now() + ADDRESSES;
            }
            signal_response::Message::Trickle(trickle)
                if trickle.target == i32::from(proto::SignalTarget::Subscriber) =>
            {
                found.add(candidates::of_json(&trickle.candidate_init));
                if trickle.r#final {
                    break;
                }
            }
            _ => {}
        }
    }
    (!found.is_empty()).then_some(found)
}
