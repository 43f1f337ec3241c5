//! A TCP connection to one of a server's addresses: the first that answers (RFC 8305).

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;

/// How long an address may say nothing before the next is tried beside it (RFC 8305, 5).
const STAGGER: Duration = Duration::from_millis(250);

/// Tries the addresses in their order, the next one as soon as one fails or says nothing for a while. What lost
/// the race is dropped before anything was said by it.
pub(super) async fn dial(addresses: &[SocketAddr]) -> io::Result<(TcpStream, SocketAddr)> {
    let mut waiting = addresses.iter().copied();
    let mut running = FuturesUnordered::new();
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    loop {
        match waiting.next() {
            Some(next) => running.push(connect(next)),
            None if running.is_empty() => return Err(failure),
            None => {}
        }
        let more = waiting.len() > 0;
        tokio::select! {
            connected = running.next() => match connected {
                Some(Ok(found)) => return Ok(found),
                Some(Err(cause)) => failure = cause,
                None => {}
            },
            () = tokio::time::sleep(STAGGER), if more => {}
        }
    }
}

async fn connect(address: SocketAddr) -> io::Result<(TcpStream, SocketAddr)> {
    let stream = TcpStream::connect(address).await?;
    // Signalling is small messages that wait for nothing.
    stream.set_nodelay(true)?;
    Ok((stream, address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn an_address_that_refuses_costs_nothing_and_one_that_is_silent_a_moment() {
        let here = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (alive, dead) = (here.local_addr().unwrap(), closed.local_addr().unwrap());
        drop(closed);
        let began = Instant::now();
        assert_eq!(dial(&[dead, alive]).await.unwrap().1, alive);
        assert!(began.elapsed() < STAGGER, "{:?}", began.elapsed());
        assert_eq!(dial(&[dead]).await.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
        assert_eq!(dial(&[]).await.unwrap_err().kind(), io::ErrorKind::NotFound);
        let (silent, _held) = deaf();
        let began = Instant::now();
        assert_eq!(dial(&[silent, alive]).await.unwrap().1, alive);
        assert!(began.elapsed() < STAGGER * 4, "{:?}", began.elapsed());
    }

    /// An address whose queue of connections is full: what knocks there hears nothing.
    fn deaf() -> (SocketAddr, (std::net::TcpListener, Vec<std::net::TcpStream>)) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let short = Duration::from_millis(100);
        let mut held = Vec::new();
        while let Ok(stream) = std::net::TcpStream::connect_timeout(&address, short) {
            held.push(stream);
            assert!(held.len() < 10_000, "the queue is never full");
        }
        (address, (listener, held))
    }
}
