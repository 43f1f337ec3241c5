//! The writers of one process.

use super::commit::{Job, Writer};
use super::line::Line;
use crate::Result;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinHandle;

/// Writers where the database takes several. More of them were tried on two cores: commits become
/// smaller and more, and cost more than is won. Where the database takes one there is one.
const BESIDE_EACH_OTHER: usize = 2;

/// Writers that run until they are stopped, and the line before them.
#[derive(Debug)]
pub(crate) struct Writers {
    line: Arc<Line>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl Writers {
    /// Starts the writers.
    pub(crate) fn start(writer: &Writer) -> Self {
        let count = if writer.executor.dialect().locks_rows() { BESIDE_EACH_OTHER } else { 1 };
        let line = Arc::new(Line::default());
        let desks: Vec<_> = (0..count).map(|_| line.open_desk()).collect();
        #[allow(clippy::disallowed_methods, reason = "the handles are kept and awaited by stop")]
        let tasks = desks.into_iter().map(|desk| tokio::spawn(writer.clone().run(desk))).collect();
        Self { line, tasks: Mutex::new(tasks) }
    }

    /// Hands a job to the writers.
    pub(crate) async fn submit(&self, job: Job) -> Result<()> {
        self.line.submit(job).await
    }

    /// Ends the writers after what they have accepted.
    pub(crate) async fn stop(&self) {
        self.line.close();
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            let _joined = task.await;
        }
    }
}
