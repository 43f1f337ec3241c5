//! Moves committed pages from the write-ahead log to the database beside the writer.
//!
//! The writer would do it itself in the middle of its commits, with everybody waiting. A passive
//! checkpoint waits for nobody and holds nobody up; what it leaves, and the return to the log's
//! beginning, are the writer's (<https://www.sqlite.org/wal.html#ckpt>).

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// Parameters of statements after which a checkpoint is worth its two syncs.
const ENOUGH: usize = 40_000;

#[derive(Debug)]
pub(super) struct Checkpointer {
    written: AtomicUsize,
    due: Arc<Notify>,
    stop: watch::Sender<bool>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Checkpointer {
    pub(super) fn start(options: SqliteConnectOptions) -> Self {
        let (due, (stop, stopping)) = (Arc::new(Notify::new()), watch::channel(false));
        #[allow(clippy::disallowed_methods, reason = "the handle is kept and awaited by shutdown")]
        let task = tokio::spawn(run(options, due.clone(), stopping));
        Self { written: AtomicUsize::new(0), due, stop, task: Mutex::new(Some(task)) }
    }

    /// Told after each commit, with about how much it wrote.
    pub(super) fn wrote(&self, parameters: usize) {
        if self.written.fetch_add(parameters, Ordering::Relaxed) + parameters >= ENOUGH {
            self.written.store(0, Ordering::Relaxed);
            self.due.notify_one();
        }
    }

    pub(super) async fn shutdown(&self) {
        self.stop.send_replace(true);
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            let _ended = task.await;
        }
    }
}

async fn run(options: SqliteConnectOptions, due: Arc<Notify>, mut stopping: watch::Receiver<bool>) {
    let mut connection = None;
    loop {
        tokio::select! {
            biased;
            // A checkpointer whose executor was dropped ends as well.
            _ = stopping.changed() => break,
            () = due.notified() => {}
        }
        let opened = match connection.take() {
            Some(opened) => Ok(opened),
            None => options.connect().await,
        };
        let outcome = match opened {
            Ok(opened) => {
                connection.insert(opened).execute("PRAGMA wal_checkpoint(PASSIVE)").await.map(|_| ())
            }
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            // The writer does it then, at a longer log.
            tracing::debug!(%error, "a checkpoint failed");
            connection = None;
        }
    }
    if let Some(connection) = connection {
        let _closed = connection.close().await;
    }
}
