//! A line between a hub and its PostgreSQL that can be cut, also in the middle of a commit's answer.

use crate::seeded::Seeded;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What a hub sends to make everything durable, as PostgreSQL's protocol writes it.
const COMMIT: &[u8] = b"COMMIT\0";
/// A commit's answer is 17 bytes: `COMMIT`, and that the server is ready.
const ANSWER_BYTES: u64 = 17;

pub(crate) struct Proxy {
    port: u16,
    line: Arc<Line>,
    task: JoinHandle<()>,
}

struct Line {
    /// Grows with each cut: a connection of before ends.
    cuts: watch::Sender<u64>,
    /// Commits whose answer is still to be cut.
    armed: AtomicU64,
    /// Answers that were cut.
    answers_cut: AtomicU64,
    random: Mutex<Seeded>,
}

impl Proxy {
    pub(crate) async fn start(to: u16, random: Seeded) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let line = Arc::new(Line {
            cuts: watch::Sender::new(0),
            armed: AtomicU64::new(0),
            answers_cut: AtomicU64::new(0),
            random: Mutex::new(random),
        });
        let task = tokio::spawn(accept(listener, SocketAddr::from(([127, 0, 0, 1], to)), line.clone()));
        Self { port, line, task }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Ends every connection of this moment.
    pub(crate) fn cut(&self) {
        self.line.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Lets so many of the next commits happen, and cuts each answer somewhere in its middle.
    pub(crate) fn cut_answers(&self, commits: u64) {
        self.line.armed.store(commits, Ordering::SeqCst);
    }

    pub(crate) fn answers_cut(&self) -> u64 {
        self.line.answers_cut.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, to: SocketAddr, line: Arc<Line>) {
    while let Ok((hub, _)) = listener.accept().await {
        let line = line.clone();
        tokio::spawn(async move {
            let cut = line.cuts.subscribe();
            // While PostgreSQL is down, whoever calls is hung up on.
            if let Ok(server) = TcpStream::connect(to).await {
                join(hub, server, cut, line).await;
            }
        });
    }
}

async fn join(hub: TcpStream, server: TcpStream, mut cut: watch::Receiver<u64>, line: Arc<Line>) {
    let _best_effort = (hub.set_nodelay(true), server.set_nodelay(true));
    let ((from_hub, to_hub), (from_server, to_server)) = (hub.into_split(), server.into_split());
    let committing = Arc::new(AtomicU64::new(0));
    tokio::select! {
        _ = cut.changed() => {}
        () = ask(from_hub, to_server, committing.clone(), &line) => {}
        () = answer(from_server, to_hub, committing, &line) => {}
    }
}

/// Hub to server.
async fn ask(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, committing: Arc<AtomicU64>, line: &Line) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        let said = &bytes[..read];
        let commits = said.windows(COMMIT.len()).any(|part| part == COMMIT);
        let less = |armed: u64| armed.checked_sub(1);
        if commits && line.armed.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok() {
            let whole = line.random.lock().unwrap().below(ANSWER_BYTES);
            // One more than the bytes that may pass, so that zero means nothing is to be cut.
            committing.store(whole + 1, Ordering::SeqCst);
        }
        if to.write_all(said).await.is_err() {
            return;
        }
    }
}

/// Server to hub.
async fn answer(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, committing: Arc<AtomicU64>, line: &Line) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        let pass = committing.load(Ordering::SeqCst);
        if pass > 0 {
            let part = read.min(usize::try_from(pass - 1).unwrap());
            let _gone = to.write_all(&bytes[..part]).await;
            line.answers_cut.fetch_add(1, Ordering::SeqCst);
            return;
        }
        if to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}
