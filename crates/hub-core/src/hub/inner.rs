//! What the sub-clients of a hub share.

use super::tokens::KnownTokens;
use crate::artifacts::BlobStore;
use crate::audit::Pin;
use crate::clock::{Clock, Timestamp};
use crate::context::{Context, Need, Scoped, agent_of_admin, authorize};
use crate::folder::DataFolder;
use crate::ids::AgentId;
use crate::observe::Observer;
use crate::planner::Planner;
use crate::settings::Settings;
use crate::store::across::Across;
use crate::store::{Reach, Store};
use crate::tools::ToolRegistry;
use crate::{Error, Result};
use hub_protocol::vocabulary::PlannerKind;
use std::collections::HashMap;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;
use uuid::Uuid;

/// What the sub-clients of a hub share.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) settings: Settings,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) planners: HashMap<PlannerKind, Arc<dyn Planner>>,
    pub(crate) tools: Arc<ToolRegistry>,
    pub(crate) known_tokens: KnownTokens,
    pub(crate) folder: Mutex<Option<DataFolder>>,
    /// The heads that are noted beside the database.
    pub(crate) noted: Mutex<Vec<Pin>>,
    /// When, in microseconds.
    pub(crate) noted_at: AtomicI64,
    pub(crate) blobs: Arc<dyn BlobStore>,
    /// Places for artifacts that arrive.
    pub(crate) uploads: Arc<Semaphore>,
    /// When it was last looked for blobs to which nothing refers, in microseconds.
    pub(crate) swept_at: AtomicI64,
}

impl Inner {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Asks the guard about an agent that the caller named.
    pub(crate) fn allow(&self, context: &Context, agent_id: AgentId, need: Need) -> Result<Scoped> {
        authorize(context, agent_id, need, self.now())
    }

    /// Asks the guard about the caller's own agent.
    pub(crate) fn allow_own(&self, context: &Context, need: Need) -> Result<Scoped> {
        match context.principal.agent_id() {
            Some(agent_id) => self.allow(context, agent_id, need),
            None => Err(Error::denied("not_allowed", "an admin belongs to no agent")),
        }
    }

    /// Asks the guard about the agent of a thing that the caller named by its id alone: the
    /// caller's own agent, or for an admin the one that `owner` answers.
    pub(crate) async fn allow_thing(
        &self,
        context: &Context,
        need: Need,
        owner: Across,
        id: Uuid,
        unknown: fn() -> Error,
    ) -> Result<Scoped> {
        if let Some(agent_id) = context.principal.agent_id() {
            return self.allow(context, agent_id, need);
        }
        agent_of_admin(context)?;
        let found = self
            .store
            .read(Reach::nobody(), move |tx| {
                crate::store::boxed(async move {
                    match tx.across(owner, vec![id.into()]).await?.first_mut() {
                        Some(row) => Ok(Some(AgentId(row.take(0)?))),
                        None => Ok(None),
                    }
                })
            })
            .await?;
        self.allow(context, found.ok_or_else(unknown)?, need)
    }

    /// Notes the heads of all logs beside the database, when they have moved.
    pub(crate) async fn note_heads(&self) -> Result<()> {
        let pins = crate::audit::stored::heads(self.store.executor()).await?;
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.folder.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = folder.as_ref().filter(|_| *noted != pins) {
            crate::audit::folder::write_notes(folder.path(), &pins)?;
            *noted = pins;
        }
        Ok(())
    }

    /// Makes the next use of every token look at the database. To be called after each commit that
    /// touches tokens, devices, people or agents, whatever its outcome.
    pub(crate) fn forget_tokens(&self) {
        self.known_tokens.forget();
    }

    pub(crate) async fn shutdown(&self) {
        if let Err(error) = self.note_heads().await {
            tracing::warn!(code = error.code(), "the heads of the log were not noted");
        }
        self.store.shutdown().await;
        let _folder = self.folder.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}
