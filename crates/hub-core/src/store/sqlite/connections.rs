//! Connections that are taken, used and given back; at most so many at a time.
//!
//! A pool that asks each connection on its return whether it still lives costs a way to the
//! database's thread for each transaction, about as much as a small transaction itself.

use super::failure;
use crate::{Error, Result};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Connections with the same options.
#[derive(Debug)]
pub(super) struct Connections {
    options: SqliteConnectOptions,
    most: u32,
    places: Arc<Semaphore>,
    free: Arc<Mutex<Vec<SqliteConnection>>>,
}

/// A connection that somebody holds. Dropped without being given back it is closed, and whatever
/// was under way is undone.
pub(super) struct Held {
    connection: Option<SqliteConnection>,
    free: Arc<Mutex<Vec<SqliteConnection>>>,
    _place: OwnedSemaphorePermit,
}

impl Connections {
    pub(super) fn new(options: SqliteConnectOptions, most: u32) -> Self {
        let places = Arc::new(Semaphore::new(usize::try_from(most).unwrap_or(1)));
        Self { options, most, places, free: Arc::default() }
    }

    /// Waits for a place, and opens a connection when none is free.
    pub(super) async fn take(&self) -> Result<Held> {
        let place = self.places.clone().acquire_owned().await.map_err(|_| shut())?;
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match free {
            Some(connection) => connection,
            None => self.options.connect().await.map_err(|cause| failure(cause, "open the database"))?,
        };
        Ok(Held { connection: Some(connection), free: self.free.clone(), _place: place })
    }

    /// Waits until each connection was given back, and closes them.
    pub(super) async fn shutdown(&self) {
        let all = self.places.acquire_many(self.most).await;
        let free = std::mem::take(&mut *self.free.lock().unwrap_or_else(PoisonError::into_inner));
        for connection in free {
            if let Err(error) = connection.close().await {
                tracing::debug!(%error, "a connection could not be closed");
            }
        }
        self.places.close();
        drop(all);
    }
}

impl Held {
    pub(super) fn connection(&mut self) -> Result<&mut SqliteConnection> {
        self.connection.as_mut().ok_or_else(shut)
    }

    /// For the next one. Nothing may be under way on it.
    pub(super) fn give_back(mut self) {
        if let Some(connection) = self.connection.take() {
            self.free.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }
}

fn shut() -> Error {
    Error::unavailable("store_unavailable", "the database is closed")
}
