//! The handle of a hub, and its sub-clients.

pub mod actions;
pub mod agents;
pub mod artifacts;
pub mod audit;
mod builder;
pub mod consents;
pub mod dead_letters;
pub mod devices;
pub mod event_types;
pub(crate) mod events;
pub mod health;
mod inner;
pub mod memory;
pub mod people;
pub mod presence;
pub mod spaces;
pub mod tokens;
pub mod tools;
mod workers;

pub use builder::HubBuilder;
pub(crate) use inner::Inner;
pub(crate) use workers::Found;
pub use workers::{WorkerRole, Workers};

use crate::Result;
use crate::context::Context;
use crate::ids::AgentId;
use crate::trace::Traces;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often somebody who waits for the queues looks at them.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A hub. Cheap to clone; clones are the same hub.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// use hub_core::{Context, Hub};
///
/// let hub = Hub::open(folder.path()).await?;
/// let agent = hub.agents().create(&Context::admin(), "home".into()).await?;
/// assert_eq!(agent.name, "home");
/// hub.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Hub {
    pub(crate) inner: Arc<Inner>,
    /// The hub's own workers; they stop when the last clone of the handle is dropped.
    workers: Arc<Mutex<Option<Workers>>>,
}

macro_rules! sub_clients {
    ($($(#[$meta:meta])* $method:ident -> $client:ident;)+) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone)]
            pub struct $client {
                pub(crate) hub: Arc<Inner>,
            }
        )+

        impl Hub {
            $(
                $(#[$meta])*
                #[must_use]
                pub fn $method(&self) -> $client {
                    $client { hub: self.inner.clone() }
                }
            )+
        }
    };
}

sub_clients! {
    /// Agents: the islands that everything belongs to.
    agents -> Agents;
    /// Spaces and their privacy.
    spaces -> Spaces;
    /// Satellites.
    devices -> Devices;
    /// People.
    people -> People;
    /// Tokens, and who stands behind one.
    tokens -> Tokens;
    /// What people consent to.
    consent -> Consents;
    /// Who is where.
    presence -> Presences;
    /// What happened.
    events -> Events;
    /// What is remembered.
    memory -> Memories;
    /// Blobs that were handed in.
    artifacts -> Artifacts;
    /// Work that was given up.
    planner -> Planners;
    /// Proposed side effects.
    actions -> Actions;
    /// What can execute an action.
    tools -> Tools;
    /// The log.
    audit -> Audit;
}

impl Hub {
    /// Opens the embedded hub in a folder, with its workers: SQLite, no server, no key, no network.
    ///
    /// # Errors
    /// As [`HubBuilder::open`].
    pub async fn open(folder: impl AsRef<Path> + Send) -> Result<Self> {
        HubBuilder::in_folder(folder.as_ref()).open().await
    }

    /// Who records spans of this hub, for what its host does around it.
    #[must_use]
    pub fn traces(&self) -> &dyn Traces {
        self.inner.store.traces()
    }

    /// Starts workers of these roles in this process.
    ///
    /// The handle stops them when it is dropped.
    #[must_use]
    pub fn start_workers(&self, roles: Vec<WorkerRole>) -> Workers {
        Workers::start(self.inner.clone(), roles)
    }

    /// Returns when everything that was said to an agent is recallable and planned, and every
    /// approved action has run: when its queues are empty but for dead letters. The last words of a
    /// space are planned after a pause, so this takes at least as long.
    ///
    /// # Errors
    /// `not_found` for an unknown agent; `unavailable` when the database cannot be asked.
    pub async fn drained(&self, agent_id: AgentId) -> Result<()> {
        loop {
            let queues = self.agents().status(&Context::admin(), agent_id).await?.queues;
            if queues.values().all(|depth| depth.ready + depth.leased + depth.delayed == 0) {
                return Ok(());
            }
            self.inner.clock.sleep(LOOK_EVERY).await;
        }
    }

    /// Finishes what was accepted, stops the workers and closes the database.
    pub async fn shutdown(&self) {
        let workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(workers) = workers {
            workers.shutdown().await;
        }
        self.inner.shutdown().await;
    }
}
