//! The hubs of a run, as processes.

use crate::hub::{VARIABLE, Which};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// How long a start or an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// One hub: its place stays, its process may be another one after a kill.
pub(crate) struct HubProcess {
    which: Which,
    /// The test of which this is part: the process is this program, told to run that test as a hub.
    test: &'static str,
    log: PathBuf,
    running: Mutex<Option<Running>>,
    url: Mutex<Option<String>>,
    clock: AtomicI64,
}

struct Running {
    child: Child,
    input: ChildStdin,
    lines: mpsc::UnboundedReceiver<String>,
}

impl HubProcess {
    pub(crate) fn new(which: Which, test: &'static str, log: PathBuf) -> Self {
        let clock = AtomicI64::new(which.clock);
        Self { which, test, log, running: Mutex::default(), url: Mutex::default(), clock }
    }

    /// Where it answers; not while it is down.
    pub(crate) fn url(&self) -> Option<String> {
        self.url.lock().unwrap().clone()
    }

    /// How far its clock is from the machine's, in microseconds.
    pub(crate) fn clock(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn launch(&self) -> Running {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(&self.log).unwrap();
        let which = Which { clock: self.clock(), ..self.which.clone() };
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", self.test, "--nocapture", "--test-threads=1"])
            .env(VARIABLE, serde_json::to_string(&which).unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let (tell, lines) = mpsc::unbounded_channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if let Some(line) = line.split("hub: ").nth(1) {
                    let _nobody_listens = tell.send(line.to_owned());
                }
            }
        });
        Running { input: child.stdin.take().unwrap(), child, lines }
    }

    /// Starts it, and again when it ends for want of its database, until it listens.
    pub(crate) async fn start(&self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut running = self.launch();
            if let Some(line) = running.lines.recv().await {
                let address = line.strip_prefix("listens ").unwrap_or_else(|| panic!("{line}"));
                *self.url.lock().unwrap() = Some(format!("http://{address}"));
                *self.running.lock().unwrap() = Some(running);
                return;
            }
            running.child.wait().unwrap();
            assert!(Instant::now() < deadline, "a hub does not start: {}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Starts it and kills it before or after it listens.
    pub(crate) async fn start_in_vain(&self, after: Duration) {
        let mut running = self.launch();
        tokio::time::sleep(after).await;
        running.child.kill().unwrap();
        running.child.wait().unwrap();
    }

    /// `kill -9`.
    pub(crate) fn kill(&self) {
        *self.url.lock().unwrap() = None;
        if let Some(mut running) = self.running.lock().unwrap().take() {
            running.child.kill().unwrap();
            running.child.wait().unwrap();
        }
    }

    /// Sends a signal, such as `STOP`.
    pub(crate) fn signal(&self, name: &str) {
        if let Some(running) = self.running.lock().unwrap().as_ref() {
            let id = running.child.id().to_string();
            assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
        }
    }

    /// Whether it ended though nobody killed it.
    pub(crate) fn ended_by_itself(&self) -> bool {
        let mut running = self.running.lock().unwrap();
        running.as_mut().is_some_and(|running| running.child.try_wait().unwrap().is_some())
    }

    /// Tells it something and answers what it says; nothing when it is down.
    pub(crate) async fn tell(&self, line: &str) -> Option<String> {
        let mut running = self.running.lock().unwrap().take()?;
        let written = writeln!(running.input, "{line}").and_then(|()| running.input.flush());
        let said = match written {
            Ok(()) => tokio::time::timeout(PATIENCE, running.lines.recv()).await.unwrap(),
            Err(_) => None,
        };
        *self.running.lock().unwrap() = Some(running);
        said
    }

    /// Sets its clock so many microseconds off the machine's.
    pub(crate) async fn set_clock(&self, offset: i64) {
        self.clock.store(offset, Ordering::SeqCst);
        self.tell(&format!("clock {offset}")).await;
    }
}

impl Drop for HubProcess {
    fn drop(&mut self) {
        self.kill();
    }
}
