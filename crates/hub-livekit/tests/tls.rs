//! A server behind TLS with a certificate of a private authority: services, a worker, signalling.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod support;

use hub_livekit::net::{self, Tls};
use hub_livekit::server::{Error, NewRoom, Server};
use hub_livekit::worker::{Event, Options, Worker};
use livekit_signaling::{SignalClient, SignalOptions};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use std::sync::Arc;
use std::time::Duration;
use support::{Live, live, unique};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

const ROOT: &str = include_str!("certificates/root.pem");
const SOON: Duration = Duration::from_secs(15);

/// The port of a TLS server in front of the real one.
async fn behind_tls(live: &Live) -> u16 {
    let certificates = CertificateDer::pem_slice_iter(include_bytes!("certificates/server.pem"));
    let certificates = certificates.collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("certificates/server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(certificates, key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = live.url.trim_start_matches("ws://").to_owned();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, server) = (acceptor.clone(), server.clone());
            tokio::spawn(async move {
                let Ok(mut client) = acceptor.accept(stream).await else { return };
                let mut server = TcpStream::connect(server).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    port
}

#[tokio::test]
async fn services_are_reached_with_the_root_and_not_without_or_by_another_name() {
    let Some(live) = live() else { return };
    let port = behind_tls(&live).await;
    let room = unique("tls");
    let trusted = Tls::with_roots(ROOT).unwrap();
    let server = Server::new(&format!("wss://localhost:{port}"), live.keys(), &trusted).unwrap();
    assert_eq!(server.rooms().create(&NewRoom::new(&room)).await.unwrap().name, room);
    server.rooms().delete(&room).await.unwrap();

    let stranger = (format!("wss://localhost:{port}"), Tls::public().unwrap());
    let misnamed = (format!("wss://127.0.0.1:{port}"), trusted.clone());
    for (url, tls) in [stranger, misnamed] {
        let server = Server::new(&url, live.keys(), &tls).unwrap();
        let error = server.rooms().list(&[]).await.unwrap_err();
        assert!(matches!(error, Error::Net(net::Error::Tls(_))), "{url}: {error:?}");
    }
    // No provider of the process was asked for, nor put in place.
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}

#[tokio::test]
async fn a_worker_registers_over_wss_and_without_the_root_says_why_not() {
    let Some(live) = live() else { return };
    let url = format!("wss://localhost:{}", behind_tls(&live).await);
    let options = |tls| Options::new(&url, live.keys(), tls).agent_name(&unique("tls"));
    let worker = Worker::start(options(Tls::with_roots(ROOT).unwrap()), async |_| Ok(())).unwrap();
    let mut events = worker.events();
    let registered = async { while !matches!(events.recv().await, Ok(Event::Registered { .. })) {} };
    tokio::time::timeout(SOON, registered).await.unwrap();
    worker.shutdown().await.unwrap();

    let mut stranger = Worker::start(options(Tls::public().unwrap()), async |_| Ok(())).unwrap();
    let ended = tokio::time::timeout(SOON, stranger.ended()).await.unwrap();
    assert!(matches!(ended, Err(hub_livekit::worker::Error::Net(net::Error::Tls(_)))), "{ended:?}");
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}

#[tokio::test]
async fn signalling_joins_over_wss_by_our_transport() {
    let Some(live) = live() else { return };
    let url = format!("wss://localhost:{}", behind_tls(&live).await);
    let token = live.token(&unique("signal"), "joiner");
    net::prepare(&url, &Tls::with_roots(ROOT).unwrap()).unwrap();
    let mut options = SignalOptions::default();
    options.protocol_version = 17;
    let joined = SignalClient::connect(&url, &token, options, None).await;
    let (client, join, _events) = joined.unwrap();
    assert_eq!(join.participant.unwrap().identity, "joiner");
    client.close().await;

    // The same server by a name whose roots nobody gave.
    let other = url.replace("localhost", "127.0.0.1");
    let refused = SignalClient::connect(&other, &token, SignalOptions::default(), None).await;
    assert!(refused.is_err());
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}
