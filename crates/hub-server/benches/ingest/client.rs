//! A client that costs as little as a client can: one connection, kept alive, bytes out, bytes in.
//! What it leaves to the server is what is measured.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// One connection.
pub(crate) struct Connection {
    stream: TcpStream,
    host: String,
    /// Whose token the next request carries.
    pub(crate) token: String,
    answer: Vec<u8>,
}

impl Connection {
    /// Connects to `host`, an address and a port.
    pub(crate) async fn open(host: &str, token: &str) -> Self {
        let stream = TcpStream::connect(host).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, host: host.to_owned(), token: token.to_owned(), answer: Vec::new() }
    }

    /// Sends one request and answers status and body.
    pub(crate) async fn ask(&mut self, method: &str, path: &str, body: &str) -> (u16, &[u8]) {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            self.host,
            self.token,
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await.unwrap();
        self.answer.clear();
        let (status, start, length) = loop {
            assert_ne!(self.stream.read_buf(&mut self.answer).await.unwrap(), 0, "the server hung up");
            if let Some(head) = head(&self.answer) {
                break head;
            }
        };
        while self.answer.len() < start + length {
            assert_ne!(self.stream.read_buf(&mut self.answer).await.unwrap(), 0, "the server hung up");
        }
        (status, &self.answer[start..start + length])
    }
}

/// Status, where the body begins, and its length, once the head is there.
fn head(answer: &[u8]) -> Option<(u16, usize, usize)> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&answer[..end]).unwrap();
    let status = head[9..12].parse().unwrap();
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok())
        .unwrap_or(0);
    Some((status, end, length))
}
