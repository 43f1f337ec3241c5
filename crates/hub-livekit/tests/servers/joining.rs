//! The way into a room of a server that is none.

use super::script::{self, Script};
use super::{SOON, join};
use hub_livekit::{Error, Room, RoomEvent, RoomOptions};
use livekit_protocol as proto;
use prost::Message as _;
use proto::signal_request::Message as Request;
use proto::signal_response::Message;
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

async fn refused(url: &str) -> Error {
    let joining = Room::connect(url, "secret-token", RoomOptions::new().unwrap());
    let error = tokio::time::timeout(SOON, joining).await.expect("an end").expect_err("an error");
    println!("{error:?}");
    assert!(!format!("{error:?}").contains("secret-token"), "the error tells the token");
    error
}

/// A server that answers everything with these bytes.
async fn answering(bytes: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4_096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(bytes).await;
        }
    });
    url
}

#[tokio::test]
async fn what_is_no_websocket_is_told() {
    let answers: [&[u8]; 4] = [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
        b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
    ];
    for answer in answers {
        let error = refused(&answering(answer).await).await;
        assert!(matches!(error, Error::Connect(_)), "{answer:?}: {error:?}");
    }
    let redirected = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n";
    assert!(matches!(refused(&answering(redirected).await).await, Error::Connect(_)));
}

#[tokio::test]
async fn an_answer_that_is_no_join_is_none() {
    let script = Script::start().await;
    for garbage in [&b""[..], b"\xff\xff\xff\xff", b"\x0a\xff\xff\xff\xff\x0f", b"{\"join\":{}}"] {
        script.frame(garbage.to_vec());
    }
    let url = script.close();
    assert!(matches!(refused(&url).await, Error::Connect(_) | Error::Timeout { .. }));

    let script = Script::start().await;
    script.message(Message::Join(proto::JoinResponse::default()));
    let error = refused(&script.url).await;
    assert!(matches!(error, Error::Protocol(_)), "{error:?}");

    let script = Script::start().await;
    script.message(Message::Join(proto::JoinResponse { ping_timeout: -1, ..script::greeting() }));
    assert!(matches!(refused(&script.url).await, Error::Protocol(_)));
}

/// A server of before 2025 answers 404 to the way in with one connection.
#[tokio::test]
async fn a_server_that_knows_no_one_connection_is_joined_with_two() {
    for old in [true, false] {
        let mut script = if old { Script::old().await } else { Script::start().await };
        script.message(Message::Join(script::greeting()));
        let mut options = RoomOptions::new().unwrap();
        options.one_connection = true;
        let (room, _events) = Room::connect(&script.url, "token", options).await.unwrap();
        let asked = script.asked();
        println!("{asked:?}");
        assert_eq!(asked.last().map(String::as_str), Some(if old { "/rtc" } else { "/rtc/v1" }));
        assert_eq!(asked.len(), if old { 2 } else { 1 });
        if old {
            // What one connection would have offered with its join is offered after it.
            script.request(|request| matches!(request, Request::Offer(_)).then_some(())).await;
        }
        room.leave().await;
    }
}

#[tokio::test]
async fn half_an_answer_is_none() {
    // A binary frame of 126 bytes and more, of which four come.
    let script = Script::start().await;
    script.bytes(b"\x82\x7e\x01\x00half");
    let url = script.close();
    assert!(matches!(refused(&url).await, Error::Connect(_) | Error::Timeout { .. }));
}

#[tokio::test]
async fn a_certificate_of_nobody_who_is_known_is_told() {
    let certificates = CertificateDer::pem_slice_iter(include_bytes!("../certificates/server.pem"));
    let certificates = certificates.collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("../certificates/server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(certificates, key).unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = acceptor.accept(stream).await;
        }
    });
    let error = refused(&format!("wss://localhost:{port}")).await;
    let Error::Connect(told) = &error else { panic!("{error:?}") };
    assert!(told.contains("certificate"), "{told}");
}

/// Fields and messages that this version does not know, beside those that it knows.
#[tokio::test]
async fn a_server_of_the_future_is_understood_as_far_as_it_can_be() {
    let mut answer =
        proto::SignalResponse { message: Some(Message::Join(script::greeting())) }.encode_to_vec();
    // Field 900, of a length, in the answer; it is no part of the choice.
    answer.extend(b"\xa2\x38\x05hello");
    let script = Script::start().await;
    script.frame(answer);
    let (room, mut events) = join(&script).await;
    assert_eq!(room.name(), "scripted");
    // A message of field 901 alone, and a participant with a field 700 and a state of number 77.
    script.frame(b"\xaa\x38\x03new".to_vec());
    let mut someone = script::participant("someone");
    someone.state = 77;
    let mut someone = someone.encode_to_vec();
    someone.extend(b"\xe2\x2b\x01x");
    let update = [&[0x0a, someone.len() as u8][..], &someone].concat();
    script.frame([&[0x2a, update.len() as u8][..], &update].concat());
    super::event(&mut events, "somebody of the future", |event| match event {
        RoomEvent::ParticipantJoined(other) => {
            assert_eq!(other.identity, "someone");
            Some(())
        }
        RoomEvent::Reconnecting | RoomEvent::Closed(_) => panic!("the room is lost"),
        _ => None,
    })
    .await;
    room.leave().await;
}
