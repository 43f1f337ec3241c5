//! One question and one answer of STUN (RFC 8489), over UDP or, in frames, over TCP.

use super::PATIENCE;
use super::candidates::Way;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use stun_types::message::{Message, TransactionId};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Instant, timeout, timeout_at};

/// The first pause before UDP is asked again; each later one is twice as long.
const AGAIN: Duration = Duration::from_millis(250);
const MOST_BYTES: usize = 2_048;

/// Asks from a socket of its own, which is kept for further questions.
pub(super) enum Line {
    Udp(UdpSocket),
    Tcp(TcpStream),
}

impl Line {
    pub(super) async fn open(way: Way, to: SocketAddr) -> Result<Self, String> {
        let opened = async {
            match way {
                Way::Udp => {
                    let any = match to {
                        SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
                        SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
                    };
                    let socket = UdpSocket::bind(any).await?;
                    socket.connect(to).await?;
                    Ok(Self::Udp(socket))
                }
                Way::Tcp => Ok(Self::Tcp(TcpStream::connect(to).await?)),
            }
        };
        let opened: Result<std::io::Result<Self>, _> = timeout(PATIENCE, opened).await;
        opened.map_err(|_| "no answer in time".to_owned())?.map_err(|cause| cause.to_string())
    }

    /// The answer to a request, as bytes: one whose transaction is the request's.
    pub(super) async fn ask(&mut self, request: &[u8]) -> Result<Vec<u8>, String> {
        let transaction = Message::from_bytes(request).map_err(|cause| cause.to_string())?.transaction_id();
        let deadline = Instant::now() + PATIENCE;
        let answer = async {
            match self {
                Self::Udp(socket) => udp(socket, request, transaction).await,
                Self::Tcp(stream) => tcp(stream, request, transaction).await,
            }
        };
        let answer = timeout_at(deadline, answer).await.map_err(|_| "no answer in time".to_owned())?;
        answer.map_err(|cause| cause.to_string())
    }
}

async fn udp(socket: &UdpSocket, request: &[u8], asked: TransactionId) -> std::io::Result<Vec<u8>> {
    let mut pause = AGAIN;
    let mut buffer = vec![0; MOST_BYTES];
    loop {
        socket.send(request).await?;
        let until = Instant::now() + pause;
        while let Ok(received) = timeout_at(until, socket.recv(&mut buffer)).await {
            let packet = buffer.get(..received?).unwrap_or_default();
            if answers(packet, asked) {
                return Ok(packet.to_vec());
            }
        }
        pause *= 2;
    }
}

/// A frame has its length, in two bytes, before it (RFC 4571).
async fn tcp(stream: &mut TcpStream, request: &[u8], asked: TransactionId) -> std::io::Result<Vec<u8>> {
    let length = u16::try_from(request.len()).map_err(std::io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes(), request].concat()).await?;
    loop {
        let mut packet = vec![0; usize::from(stream.read_u16().await?)];
        stream.read_exact(&mut packet).await?;
        if answers(&packet, asked) {
            return Ok(packet);
        }
    }
}

/// The server asks us too: those are not answers.
fn answers(packet: &[u8], asked: TransactionId) -> bool {
    Message::from_bytes(packet)
        .is_ok_and(|message| message.is_response() && message.transaction_id() == asked)
}
