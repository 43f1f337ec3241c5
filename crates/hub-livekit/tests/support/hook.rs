//! The place that the server sends its webhooks to.

use super::given;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// A webhook as it came: the header `Authorization`, and the body.
pub(crate) type Hook = (String, Vec<u8>);

/// Listens where the environment says; `None` where it says nothing.
pub(crate) async fn listen() -> Option<mpsc::UnboundedReceiver<Hook>> {
    let listener = TcpListener::bind(given("HUB_TEST_LIVEKIT_WEBHOOK")?).await.unwrap();
    let (sender, hooks) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, sender.clone()));
        }
    });
    Some(hooks)
}

/// Reads requests of one connection until it ends.
async fn serve(mut stream: TcpStream, sender: mpsc::UnboundedSender<Hook>) -> Option<()> {
    let mut read = Vec::new();
    loop {
        let end = loop {
            if let Some(at) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            if stream.read_buf(&mut read).await.ok()? == 0 {
                return None;
            }
        };
        let head = String::from_utf8_lossy(&read[..end]).into_owned();
        let header = |name: &str| {
            let found = head.lines().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            });
            found.unwrap_or_default()
        };
        let length: usize = header("content-length").parse().unwrap_or(0);
        while read.len() < end + length {
            if stream.read_buf(&mut read).await.ok()? == 0 {
                return None;
            }
        }
        let body = read[end..end + length].to_vec();
        read.drain(..end + length);
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.ok()?;
        sender.send((header("authorization"), body)).ok()?;
    }
}
