//! What a request costs: ways to the server and statements for one event and for one recall, as
//! `docs/BENCHMARKS.md` states them. A number that grows fails here, and one that falls is to be written
//! down.

use super::Fresh;
use super::house::{House, Process, until};
use hub_core::clock::{Clock as _, SystemClock};
use hub_core::events::Batch;
use hub_core::hub::WorkerRole;
use hub_core::hub::consents::NewGrant;
use hub_core::memory::RecallRequest;
use hub_core::store::{
    Call, Dialect, Executor, Intent, PostgresExecutor, Reach, Row, SqliteExecutor, Statement, Transaction,
};
use hub_core::vocabulary::{ConsentKind, EventStatus};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Ways to PostgreSQL for one event, for a hundred in one request, for one that needs consent, and for a
/// recall: begin, the head, what exists, spaces, people, all inserts in one, commit; of a recall begin and
/// end, and what is asked for a question of two words.
const WAYS: [u64; 4] = [7, 7, 8, 10];
/// Statements of the same on SQLite, begin and end not counted.
const STATEMENTS: [u64; 4] = [8, 8, 9, 8];

/// After which nothing of a request is on its way any more.
const SETTLED: Duration = Duration::from_millis(30);

const KEY: &str = "The spare key is under the blue flowerpot";
const QUESTION: &str = "where is the spare key?";

/// Stands before a server and counts what it is sent, in the messages of the protocol
/// (<https://www.postgresql.org/docs/current/protocol-message-formats.html>).
struct Wire {
    ways: Arc<AtomicU64>,
    port: u16,
}

impl Wire {
    fn before(host: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, ways) = (listener.local_addr().unwrap().port(), Arc::<AtomicU64>::default());
        let (counter, host) = (ways.clone(), host.to_owned());
        std::thread::spawn(move || {
            while let Ok((client, _)) = listener.accept() {
                let server = TcpStream::connect(&host).unwrap();
                for side in [&client, &server] {
                    side.set_nodelay(true).unwrap();
                }
                let (mut from, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                std::thread::spawn(move || std::io::copy(&mut from, &mut to));
                let counter = counter.clone();
                std::thread::spawn(move || pass(client, server, &counter));
            }
        });
        Self { ways, port }
    }
}

/// Passes messages on until one side is gone.
fn pass(mut client: TcpStream, mut server: TcpStream, ways: &AtomicU64) -> Option<()> {
    // The first message has no kind.
    server.write_all(&message(&mut client)?).ok()?;
    loop {
        let mut kind = [0];
        client.read_exact(&mut kind).ok()?;
        let body = message(&mut client)?;
        // The end of what is asked by statements, or a text of statements: the server answers now.
        ways.fetch_add(u64::from(matches!(kind, [b'S' | b'Q'])), Ordering::SeqCst);
        server.write_all(&[&kind[..], &body].concat()).ok()?;
    }
}

fn message(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut length = [0; 4];
    client.read_exact(&mut length).ok()?;
    let mut message = length.to_vec();
    message.resize(u32::from_be_bytes(length).try_into().unwrap(), 0);
    client.read_exact(&mut message[4..]).ok()?;
    Some(message)
}

/// Counts the statements that a database is given.
#[derive(Debug, Clone)]
struct Counting {
    inner: Arc<dyn Executor>,
    statements: Arc<AtomicU64>,
}

struct Counted {
    inner: Box<dyn Transaction>,
    statements: Arc<AtomicU64>,
}

#[async_trait::async_trait]
impl Executor for Counting {
    fn dialect(&self) -> Dialect {
        self.inner.dialect()
    }

    async fn begin(&self, intent: Intent, reach: &Reach) -> hub_core::Result<Box<dyn Transaction>> {
        let inner = self.inner.begin(intent, reach).await?;
        Ok(Box::new(Counted { inner, statements: self.statements.clone() }))
    }

    async fn prepare(&self, statement: &Statement) -> hub_core::Result<()> {
        self.inner.prepare(statement).await
    }

    async fn shutdown(&self) {
        self.inner.shutdown().await;
    }
}

#[async_trait::async_trait]
impl Transaction for Counted {
    async fn batch(&mut self, calls: Vec<Call>) -> hub_core::Result<Vec<Vec<Row>>> {
        self.statements.fetch_add(calls.len() as u64, Ordering::SeqCst);
        self.inner.batch(calls).await
    }

    async fn script(&mut self, sql: &str) -> hub_core::Result<()> {
        self.inner.script(sql).await
    }

    async fn commit_with(self: Box<Self>, last: Vec<Call>) -> hub_core::Result<()> {
        self.statements.fetch_add(last.len() as u64, Ordering::SeqCst);
        self.inner.commit_with(last).await
    }

    async fn rollback(self: Box<Self>) -> hub_core::Result<()> {
        self.inner.rollback().await
    }
}

/// What each of them costs by this count, when everything is warm: the middle of several, for what the hub does besides
/// is not theirs, and on a machine that is busy the end of a transaction can be counted one request late.
async fn costs(process: &Process, house: &House, count: &AtomicU64) -> [u64; 4] {
    let mut counted = [const { Vec::new() }; 4];
    let mut before = 0;
    for turn in 0..11_u128 {
        let mut note = async |what: Option<usize>| {
            // The end of a transaction that only read may follow its answer: it is counted where it belongs.
            SystemClock.sleep(SETTLED).await;
            let now = count.load(Ordering::SeqCst);
            if let Some(counted) = what.and_then(|what| counted.get_mut(what)) {
                counted.push(now - before);
            }
            before = now;
        };
        let first = (turn + 1) * 1_000;
        note(None).await;
        assert_eq!(process.tell(&house.owner(), house.said(first, "Good day")).await, EventStatus::Stored);
        note(Some(0)).await;
        let events = (1..=100).map(|id| Ok(house.said(first + id, "Good day"))).collect();
        let hundred =
            process.hub.events().append(&house.owner(), Batch { events, sent_at: None }).await.unwrap();
        note(Some(1)).await;
        assert!(hundred.iter().all(|outcome| outcome.status == EventStatus::Stored));
        assert_eq!(
            process.tell(&house.owner(), house.voice(first + 200, "Good day")).await,
            EventStatus::Stored
        );
        note(Some(2)).await;
        let found = process.hub.memory().recall(&house.owner(), RecallRequest::new(QUESTION)).await.unwrap();
        note(Some(3)).await;
        assert_eq!(found.memories[0].memory.content, KEY);
    }
    counted.map(|mut counted| {
        counted.sort_unstable();
        counted[counted.len() / 2]
    })
}

/// A house where something may be recalled; the hub that made it so is gone.
async fn remembering(executor: Arc<dyn Executor>) -> House {
    let process = Process::over(executor, &[WorkerRole::Index]).await;
    let house = House::make(&process.hub).await;
    let new = NewGrant { kind: ConsentKind::Voice, expires_at: None };
    process.hub.consent().grant(&house.owner(), house.anna, new).await.unwrap();
    process.tell(&house.owner(), house.said(1, KEY)).await;
    process.tell(&house.owner(), house.said(2, "The zebrafish was fed")).await;
    // Both: what stands next to a memory is a part of the answer, and costs a statement where it is there.
    for question in [QUESTION, "zebrafish"] {
        until("a memory", async || {
            let asked = process.hub.memory().recall(&house.owner(), RecallRequest::new(question)).await;
            !asked.unwrap().memories.is_empty()
        })
        .await;
    }
    process.hub.shutdown().await;
    house
}

#[tokio::test(flavor = "multi_thread")]
async fn ways_to_postgresql_do_not_grow() {
    let Some(fresh) = Fresh::make().await else { return };
    let house = remembering(Arc::new(PostgresExecutor::open(&fresh.url()).await.unwrap())).await;
    let url = fresh.url();
    let host = url.split_once('@').unwrap().1.split_once('/').unwrap().0;
    let wire = Wire::before(host);
    let through = url.replace(host, &format!("127.0.0.1:{}", wire.port));
    let through = format!("{through}{}sslmode=disable", if through.contains('?') { '&' } else { '?' });
    let process = Process::over(Arc::new(PostgresExecutor::open(&through).await.unwrap()), &[]).await;
    assert_eq!(costs(&process, &house, &wire.ways).await, WAYS);
    process.hub.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_on_sqlite_do_not_grow() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hub.db");
    let house = remembering(Arc::new(SqliteExecutor::open(&file).await.unwrap())).await;
    let inner = Arc::new(SqliteExecutor::open(&file).await.unwrap());
    let counting = Counting { inner, statements: Arc::default() };
    let process = Process::over(Arc::new(counting.clone()), &[]).await;
    assert_eq!(costs(&process, &house, &counting.statements).await, STATEMENTS);
    process.hub.shutdown().await;
}
