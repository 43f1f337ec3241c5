//! Connections that are taken, used and given back; at most so many at a time.
//!
//! A pool that asks each connection on its return whether it still lives costs a way to the
//! database and back for each transaction, about as much as a small transaction itself.
#![allow(clippy::disallowed_methods, reason = "a connection ages in the machine's time, not in the hub's")]

use crate::{Error, Result};
use sqlx::{ConnectOptions, Connection};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How connections are kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keeping {
    /// How many there are at most.
    pub(super) most: u32,
    /// How long somebody waits for one.
    pub(super) patience: Duration,
    /// A connection that nobody has used for so long is not used again.
    pub(super) idle: Duration,
    /// Nor is one that is older than this.
    pub(super) lifetime: Duration,
}

/// Connections with the same options.
pub(super) struct Connections<C: Connection> {
    options: C::Options,
    keeping: Keeping,
    places: Arc<Semaphore>,
    free: Arc<Free<C>>,
}

/// How long a database that is away is left alone before it is asked again.
const AGAIN: Duration = Duration::from_millis(100);

/// Whether nobody listens, or the server is starting or stopping.
fn is_away(cause: &sqlx::Error) -> bool {
    match cause {
        sqlx::Error::Io(_) => true,
        cause => cause.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == "57P03"),
    }
}

type Free<C> = Mutex<Vec<Resting<C>>>;

struct Resting<C> {
    connection: C,
    opened: Instant,
    since: Instant,
}

/// A connection that somebody holds. Dropped without being given back it is closed, and whatever
/// was under way is undone.
pub(super) struct Held<C> {
    connection: Option<C>,
    opened: Instant,
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "a file does not go stale"))]
    fresh: bool,
    free: Arc<Free<C>>,
    _place: OwnedSemaphorePermit,
}

impl<C: Connection> Connections<C> {
    pub(super) fn new(options: C::Options, keeping: Keeping) -> Self {
        let places = Arc::new(Semaphore::new(usize::try_from(keeping.most).unwrap_or(1)));
        Self { options, keeping, places, free: Arc::default() }
    }

    /// Waits for a place, and opens a connection when none is free.
    pub(super) async fn take(&self, failure: impl Fn(sqlx::Error) -> Error) -> Result<Held<C>> {
        let place = tokio::time::timeout(self.keeping.patience, self.places.clone().acquire_owned());
        let place = place.await.map_err(|_| busy())?.map_err(|_| shut())?;
        let now = Instant::now();
        while let Some(resting) = self.last() {
            let (idle, age) = (now.duration_since(resting.since), now.duration_since(resting.opened));
            if idle < self.keeping.idle && age < self.keeping.lifetime {
                return Ok(self.held(resting.connection, resting.opened, false, place));
            }
        }
        let connection = self.open(now).await.map_err(failure)?;
        Ok(self.held(connection, now, true, place))
    }

    /// Opens a connection. A database that was stopped may be on its way back: it is asked again for as
    /// long as the patience lasts.
    async fn open(&self, began: Instant) -> std::result::Result<C, sqlx::Error> {
        loop {
            let left = self.keeping.patience.saturating_sub(began.elapsed());
            let opened = tokio::time::timeout(left.max(AGAIN), self.options.connect());
            match opened.await.unwrap_or(Err(sqlx::Error::PoolTimedOut)) {
                Err(cause) if left > AGAIN && is_away(&cause) => tokio::time::sleep(AGAIN).await,
                opened => return opened,
            }
        }
    }

    fn last(&self) -> Option<Resting<C>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn held(&self, connection: C, opened: Instant, fresh: bool, place: OwnedSemaphorePermit) -> Held<C> {
        Held { connection: Some(connection), opened, fresh, free: self.free.clone(), _place: place }
    }

    /// Waits until each connection was given back, and closes them.
    pub(super) async fn shutdown(&self) {
        let all = self.places.acquire_many(self.keeping.most).await;
        let free = std::mem::take(&mut *self.free.lock().unwrap_or_else(PoisonError::into_inner));
        for resting in free {
            if let Err(error) = resting.connection.close().await {
                tracing::debug!(%error, "a connection could not be closed");
            }
        }
        self.places.close();
        drop(all);
    }
}

impl<C: Connection> fmt::Debug for Connections<C> {
    /// Without the options, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).len();
        f.debug_struct("Connections")
            .field("keeping", &self.keeping)
            .field("free", &free)
            .finish_non_exhaustive()
    }
}

impl<C> Held<C> {
    pub(super) fn connection(&mut self) -> Result<&mut C> {
        self.connection.as_mut().ok_or_else(shut)
    }

    /// Whether nothing was asked on it before.
    #[cfg(feature = "postgres")]
    pub(super) fn is_fresh(&self) -> bool {
        self.fresh
    }

    /// For the next one. Nothing may be under way on it.
    pub(super) fn give_back(mut self) {
        if let Some(connection) = self.connection.take() {
            let resting = Resting { connection, opened: self.opened, since: Instant::now() };
            self.free.lock().unwrap_or_else(PoisonError::into_inner).push(resting);
        }
    }
}

fn shut() -> Error {
    Error::unavailable("store_unavailable", "the database is closed")
}

fn busy() -> Error {
    Error::unavailable("store_unavailable", "the database is not available")
}
