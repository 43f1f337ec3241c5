//! A server of a test's own, which it can stop and start again.

use super::{Live, given, unique, until};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;
use tokio::process::{Child, Command};

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server on loopback; it is killed when the value goes.
pub(crate) struct Own {
    pub(crate) live: Live,
    program: String,
    folder: PathBuf,
    address: String,
    port: u16,
    media: u16,
    turn: Option<Turn>,
    child: Option<Child>,
}

/// The TURN server within a server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn {
    pub(crate) udp: u16,
    /// For streams, which are plain TCP or TLS.
    pub(crate) stream: u16,
    pub(crate) secure: bool,
    /// It may send to the server's own addresses, which are private here.
    pub(crate) permits: bool,
}

/// The ports at which it relays: none that a socket gets that asks for any.
pub(crate) const RELAYED: std::ops::Range<u16> = 21_000..22_000;

/// The ports at which servers listen, for the same reason: a port that was free when it was chosen may
/// else be some client's by the time the server has started.
const LISTENING: std::ops::Range<u16> = 22_000..32_000;

impl Own {
    /// Starts one; `None` where there is no program of a server.
    pub(crate) async fn start() -> Option<Self> {
        Self::start_with(None).await
    }

    /// Starts one that relays; its streams are TLS's by the certificate of the tests, or plain.
    pub(crate) async fn relaying(secure: bool) -> Option<Self> {
        let (stream, udp) = free_ports();
        Self::start_with(Some(Turn { udp, stream, secure, permits: true })).await
    }

    /// Starts one that relays to nobody here, as LiveKit does with private addresses unless it is told otherwise.
    pub(crate) async fn forbidding() -> Option<Self> {
        let (stream, udp) = free_ports();
        Self::start_with(Some(Turn { udp, stream, secure: false, permits: false })).await
    }

    async fn start_with(turn: Option<Turn>) -> Option<Self> {
        let mut own = Self::prepare()?;
        own.turn = turn;
        own.write();
        own.again().await;
        Some(own)
    }

    /// Another that takes the same tokens and knows nothing of the rooms of this one.
    pub(crate) async fn twin(&self) -> Self {
        let mut twin = Self::prepare().unwrap();
        (twin.live.key, twin.live.secret) = (self.live.key.clone(), self.live.secret.clone());
        twin.write();
        twin.again().await;
        twin
    }

    /// Has it listen at this address of the host too, and be reached there for media.
    pub(crate) async fn start_at(address: &str) -> Option<Self> {
        let mut own = Self::prepare()?;
        address.clone_into(&mut own.address);
        own.write();
        own.again().await;
        Some(own)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    fn prepare() -> Option<Self> {
        let program = given("HUB_TEST_LIVEKIT_PROGRAM")?;
        let (port, media) = free_ports();
        let live = Live {
            url: format!("ws://127.0.0.1:{port}"),
            key: "APIown".to_owned(),
            secret: unique("a secret of this test alone"),
        };
        let folder = std::env::temp_dir().join(unique("hub-livekit-own"));
        std::fs::create_dir(&folder).unwrap();
        let address = "127.0.0.1".to_owned();
        let own = Self { live, program, folder, address, port, media, turn: None, child: None };
        own.write();
        Some(own)
    }

    /// Gives it another secret, from its next start on: every token is refused.
    pub(crate) fn rekey(&mut self) {
        self.live.secret = unique("another secret of this test alone");
        self.write();
    }

    /// Its TURN server.
    pub(crate) fn turn(&self) -> Turn {
        self.turn.unwrap()
    }

    fn write(&self) {
        let mut addresses = vec!["127.0.0.1"];
        if !addresses.contains(&self.address.as_str()) {
            addresses.push(&self.address);
        }
        let mut settings = serde_json::json!({
            "port": self.port,
            "bind_addresses": addresses,
            "rtc": {
                "udp_port": self.media,
                // Else it takes the port of a fixed number, which another server may have.
                "tcp_port": 0,
                "node_ip": self.address,
                "enable_loopback_candidate": true,
                "interfaces": { "includes": ["lo"] },
                // Of several addresses it would tell any one.
                "ips": { "includes": [format!("{}/32", self.address)] },
            },
            "keys": { self.live.key.clone(): self.live.secret },
        });
        if let Some(turn) = self.turn {
            let certificates = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/certificates");
            settings["turn"] = serde_json::json!({
                "enabled": true,
                // The port that it names is always 443, whatever stands here; and the name has to have a dot.
                "domain": "turn.example",
                "udp_port": turn.udp,
                "tls_port": turn.stream,
                "external_tls": !turn.secure,
                "cert_file": format!("{certificates}/server.pem"),
                "key_file": format!("{certificates}/server.key"),
                "bind_addresses": ["127.0.0.1"],
                "relay_range_start": RELAYED.start,
                "relay_range_end": RELAYED.end - 1,
                "allow_restricted_peer_cidrs": if turn.permits { vec!["127.0.0.0/8"] } else { Vec::new() },
            });
        }
        std::fs::write(self.folder.join("server.yaml"), settings.to_string()).unwrap();
    }

    /// Starts it with the same settings and without anything that it knew.
    pub(crate) async fn again(&mut self) {
        let mut command = Command::new(&self.program);
        command.arg("--config").arg(self.folder.join("server.yaml")).kill_on_drop(true);
        let said = self.folder.join("log");
        let log = std::fs::File::create(&said).unwrap();
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let child = self.child.insert(command.spawn().unwrap());
        until("the server answers", PATIENCE, async || {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("the server ended ({status}): {}", std::fs::read_to_string(&said).unwrap());
            }
            tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.ok()
        })
        .await;
    }

    /// Kills it.
    pub(crate) async fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().await.unwrap();
        }
    }
}

/// One for TCP and one for UDP, which are free and which no other server of this process was given.
fn free_ports() -> (u16, u16) {
    static NEXT: LazyLock<AtomicU16> = LazyLock::new(|| {
        let mut bytes = [0; 2];
        getrandom::fill(&mut bytes).unwrap();
        AtomicU16::new(u16::from_ne_bytes(bytes))
    });
    let next = || {
        let taken = NEXT.fetch_add(1, Ordering::Relaxed) % (LISTENING.end - LISTENING.start);
        LISTENING.start + taken
    };
    let free =
        |bind: fn((&str, u16)) -> bool| std::iter::repeat_with(next).find(|port| bind(("127.0.0.1", *port)));
    let tcp = free(|address| TcpListener::bind(address).is_ok()).unwrap();
    let udp = free(|address| UdpSocket::bind(address).is_ok()).unwrap();
    (tcp, udp)
}

impl Drop for Own {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            println!("the server of its own said:\n{log}");
        }
        let _gone = std::fs::remove_dir_all(&self.folder);
    }
}
