//! Signalling through the relay, with the addresses in it replaced.

use super::{Passing, Shared};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use futures_util::{SinkExt as _, StreamExt as _};
use livekit_protocol as proto;
use livekit_protocol::{signal_request, signal_response};
use prost::Message as _;
use std::io::Read as _;
use std::net::{IpAddr, SocketAddr};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::{Error, Message};

pub(super) async fn accept(listener: TcpListener, shared: Shared) {
    while let Ok((stream, _)) = listener.accept().await {
        if !*shared.closed.borrow() {
            let shared = shared.clone();
            tokio::spawn(async move { serve(stream, shared).await });
        }
    }
}

async fn serve(mut stream: TcpStream, mut shared: Shared) -> Option<()> {
    let _ = stream.set_nodelay(true);
    shared.cuts.mark_unchanged();
    let mut cuts = shared.cuts.clone();
    let mut head = Vec::new();
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        if stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let key = header(&text, "sec-websocket-key");
    let passing = async {
        match key {
            Some(key) => websocket(stream, &shared, &text, &key).await,
            None => request(stream, &shared, &head).await,
        }
    };
    tokio::select! {
        passed = passing => passed,
        // The sockets are dropped: no close frame is sent.
        _ = cuts.changed() => None,
    }
}

fn header(head: &str, name: &str) -> Option<String> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

/// A request that opens no websocket passes as it is.
async fn request(mut stream: TcpStream, shared: &Shared, head: &[u8]) -> Option<()> {
    let mut server = TcpStream::connect(&shared.server).await.ok()?;
    server.write_all(head).await.ok()?;
    tokio::io::copy_bidirectional(&mut stream, &mut server).await.ok().map(|_| ())
}

/// The participant is answered as the server answers the relay.
async fn websocket(mut stream: TcpStream, shared: &Shared, head: &str, key: &str) -> Option<()> {
    let target = hide_offer(head.split(' ').nth(1)?);
    let mut request = format!("ws://{}{target}", shared.server).into_client_request().ok()?;
    if let Some(token) = header(head, "authorization") {
        request.headers_mut().insert("authorization", token.parse().ok()?);
    }
    let server = match tokio_tungstenite::connect_async(request).await {
        Ok((server, _)) => server,
        Err(Error::Http(refusal)) => {
            let body = refusal.body().clone().unwrap_or_default();
            let head = format!("HTTP/1.1 {}\r\ncontent-length: {}\r\n\r\n", refusal.status(), body.len());
            stream.write_all(head.as_bytes()).await.ok()?;
            return stream.write_all(&body).await.ok();
        }
        Err(_) => return None,
    };
    let accepted = format!(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-accept: {}\r\n\r\n",
        derive_accept_key(key.as_bytes())
    );
    stream.write_all(accepted.as_bytes()).await.ok()?;
    let participant = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    let (mut to_participant, mut from_participant) = participant.split();
    let (mut to_server, mut from_server) = server.split();
    // What is not a participant's, such as a worker's socket, passes as it is.
    let replaced = target.starts_with("/rtc");
    let up = async {
        while let Some(Ok(message)) = from_participant.next().await {
            if let Some(message) = if replaced { upwards(message) } else { Some(message) } {
                to_server.send(message).await.ok()?;
            }
        }
        to_server.close().await.ok()
    };
    let down = async {
        while let Some(Ok(message)) = from_server.next().await {
            let message = if replaced { downwards(message, shared).await } else { Some(message) };
            if let Some(message) = message {
                to_participant.send(message).await.ok()?;
            }
        }
        to_participant.close().await.ok()
    };
    tokio::select! {
        ended = up => ended,
        ended = down => ended,
    }
}

/// What the participant says of its own addresses is left out.
fn upwards(message: Message) -> Option<Message> {
    let Message::Binary(frame) = &message else { return Some(message) };
    let Ok(mut request) = proto::SignalRequest::decode(frame.clone()) else { return Some(message) };
    match request.message.as_mut() {
        Some(signal_request::Message::Trickle(_)) => return None,
        Some(signal_request::Message::Offer(description) | signal_request::Message::Answer(description)) => {
            description.sdp = without_candidates(&description.sdp)
        }
        Some(signal_request::Message::SyncState(state)) => {
            let both = [state.offer.as_mut(), state.answer.as_mut()];
            both.into_iter().flatten().for_each(|one| one.sdp = without_candidates(&one.sdp));
        }
        _ => return Some(message),
    }
    Some(Message::Binary(request.encode_to_vec().into()))
}

/// The offer that a participant with one peer connection puts into the address.
fn hide_offer(target: &str) -> String {
    let hide = || {
        let (path, query) = target.split_once('?')?;
        let wrapped = form(query).find(|(name, _)| name == "join_request")?.1;
        let wrapped = URL_SAFE.decode(wrapped.as_bytes()).ok()?;
        let wrapped = proto::WrappedJoinRequest::decode(wrapped.as_slice()).ok()?;
        let mut join = wrapped.join_request.clone();
        if wrapped.compression == proto::wrapped_join_request::Compression::Gzip as i32 {
            join.clear();
            flate2::read::GzDecoder::new(wrapped.join_request.as_slice()).read_to_end(&mut join).ok()?;
        }
        let mut join = proto::JoinRequest::decode(join.as_slice()).ok()?;
        let offer = join.publisher_offer.as_mut()?;
        offer.sdp = without_candidates(&offer.sdp);
        let join_request = join.encode_to_vec();
        let wrapped = proto::WrappedJoinRequest { join_request, ..Default::default() };
        let wrapped = URL_SAFE.encode(wrapped.encode_to_vec()).replace('=', "%3D");
        let others = query.split('&').filter(|pair| !pair.starts_with("join_request="));
        let query: Vec<&str> = others.collect();
        let own = format!("join_request={wrapped}");
        let query = [query.as_slice(), &[own.as_str()]].concat().join("&");
        Some(format!("{path}?{query}"))
    };
    hide().unwrap_or_else(|| target.to_owned())
}

fn form(query: &str) -> impl Iterator<Item = (String, String)> + '_ {
    query.split('&').filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        Some((name.to_owned(), value.replace("%3D", "=").replace("%3d", "=")))
    })
}

fn without_candidates(sdp: &str) -> String {
    let lines = sdp.split_inclusive('\n');
    lines.filter(|line| !line.starts_with("a=candidate:") && !line.starts_with("a=end-of-cand")).collect()
}

/// The server's addresses become the relay's; other ways to it are left out.
async fn downwards(message: Message, shared: &Shared) -> Option<Message> {
    let passing = shared.passing.lock().unwrap().clone();
    let Message::Binary(frame) = &message else { return Some(message) };
    let Ok(mut response) = proto::SignalResponse::decode(frame.clone()) else { return Some(message) };
    match response.message.as_mut() {
        Some(signal_response::Message::Join(join)) => replace(&mut join.ice_servers, &passing),
        Some(signal_response::Message::Reconnect(again)) => replace(&mut again.ice_servers, &passing),
        Some(
            signal_response::Message::Offer(description) | signal_response::Message::Answer(description),
        ) => description.sdp = with_our_candidates(&description.sdp, shared, &passing).await,
        Some(signal_response::Message::Trickle(trickle)) => {
            let mut candidate: serde_json::Value = serde_json::from_str(&trickle.candidate_init).ok()?;
            let text = candidate["candidate"].as_str().unwrap_or_default().to_owned();
            if !text.is_empty() {
                candidate["candidate"] = ours(&text, shared, &passing).await?.into();
                trickle.candidate_init = candidate.to_string();
            }
        }
        _ => return Some(message),
    }
    Some(Message::Binary(response.encode_to_vec().into()))
}

/// TURN servers that pass, with the names and passwords of those that the server named.
fn replace(servers: &mut Vec<proto::IceServer>, passing: &Passing) {
    servers.retain(|server| !server.username.is_empty() && !passing.turn.is_empty());
    servers.truncate(1);
    for server in servers {
        server.urls.clone_from(&passing.turn);
        if let Some(password) = &passing.password {
            server.credential.clone_from(password);
        }
    }
}

async fn with_our_candidates(sdp: &str, shared: &Shared, passing: &Passing) -> String {
    let mut replaced = String::with_capacity(sdp.len());
    for line in sdp.split_inclusive('\n') {
        if line.starts_with("a=candidate:") {
            if let Some(candidate) = ours(line.trim_end(), shared, passing).await {
                replaced.push_str(&candidate);
                replaced.push_str("\r\n");
            }
        } else {
            replaced.push_str(line);
        }
    }
    replaced
}

/// A candidate (RFC 8839, 5.1) with an address of the relay; `None` for one that does not pass, or is not of IPv4.
async fn ours(candidate: &str, shared: &Shared, passing: &Passing) -> Option<String> {
    let mut words: Vec<String> = candidate.split(' ').map(str::to_owned).collect();
    let udp = words.get(2)?.eq_ignore_ascii_case("udp");
    if !udp && !passing.tcp {
        return None;
    }
    let address: IpAddr = words.get(4)?.parse().ok()?;
    let server = SocketAddr::new(address, words.get(5)?.parse().ok()?);
    if !server.is_ipv4() {
        return None;
    }
    let port = if udp { shared.media.port(server).await } else { shared.streams.port(server).await };
    words[5] = port.to_string();
    words[4] = "127.0.0.1".to_owned();
    Some(words.join(" "))
}
