//! The real program, and a client that only moves bytes.

use super::PIECE;
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// A hub that runs until it is dropped.
pub(crate) struct Hub {
    child: Child,
    _folder: tempfile::TempDir,
    host: String,
    token: String,
    space: String,
}

/// Looks at a process's memory until it is asked for the most that it saw.
pub(crate) struct Watch {
    over: Arc<AtomicBool>,
    most: Arc<AtomicU64>,
    thread: JoinHandle<()>,
}

impl Watch {
    pub(crate) fn most(self) -> f64 {
        self.over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap();
        self.most.load(Ordering::Relaxed) as f64 / 1024.0
    }
}

/// Memory that belongs to no file, in KiB.
fn anonymous_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0)
}

impl Hub {
    pub(crate) fn start() -> Self {
        // Under the target folder: a real disk, where a temporary folder may be memory.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_hub"))
            .args(["serve", "--listen", "127.0.0.1:0", "--json", "--data"])
            .arg(folder.path())
            .env_clear()
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        let token = std::fs::read_to_string(folder.path().join("owner.token")).unwrap().trim().to_owned();
        let host = said["url"].as_str().unwrap().trim_start_matches("http://").to_owned();
        let space = said["space_id"].as_str().unwrap().to_owned();
        Self { child, _folder: folder, host, token, space }
    }

    pub(crate) fn anonymous_mib(&self) -> f64 {
        anonymous_kib(self.child.id()) as f64 / 1024.0
    }

    pub(crate) fn watch(&self) -> Watch {
        let (over, most) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (process, ended, seen) = (self.child.id(), over.clone(), most.clone());
        let thread = std::thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                seen.fetch_max(anonymous_kib(process), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        Watch { over, most, thread }
    }

    fn ask(&self, method: &str, path: &str, length: usize) -> TcpStream {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: hub\r\nconnection: close\r\nauthorization: Bearer {}\r\n\
             content-length: {length}\r\n\r\n",
            self.token
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream
    }

    /// Hands a file in, and answers its id.
    pub(crate) fn hand_in(&self, file: &Path, size: usize) -> String {
        let mut stream = self.ask("POST", &format!("/v1/artifacts?space_id={}", self.space), size);
        let (mut file, mut piece) = (File::open(file).unwrap(), vec![0_u8; PIECE]);
        loop {
            let length = file.read(&mut piece).unwrap();
            if length == 0 {
                break;
            }
            stream.write_all(&piece[..length]).unwrap();
        }
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        let body: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
        body["artifact_id"].as_str().unwrap().to_owned()
    }

    /// Reads an artifact, and answers how many bytes it had.
    pub(crate) fn read_back(&self, id: &str) -> usize {
        let mut stream = self.ask("GET", &format!("/v1/artifacts/{id}"), 0);
        let (mut head, mut piece, mut bytes) = (Vec::new(), vec![0_u8; PIECE], 0);
        loop {
            let length = stream.read(&mut piece).unwrap();
            if length == 0 {
                return bytes;
            }
            if bytes == 0 {
                head.extend_from_slice(&piece[..length]);
                if let Some(at) = head.windows(4).position(|four| four == b"\r\n\r\n") {
                    assert!(head.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&head));
                    bytes = head.len() - at - 4;
                }
            } else {
                bytes += length;
            }
        }
    }

    pub(crate) fn forget(&self, id: &str) {
        let mut answer = String::new();
        self.ask("DELETE", &format!("/v1/artifacts/{id}"), 0).read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
