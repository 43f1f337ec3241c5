//! `hub.audit()`.

use super::Audit;
use crate::audit::{Digest, Report, stored};
use crate::context::{Context, Need};
use crate::ids::AgentId;
use crate::page::{Page, PageRequest};
use crate::store::{boxed, declare};
use crate::{Error, Result};

/// An entry of the log, as it was hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Its place, from 1.
    pub seq: i64,
    /// Canonical JSON.
    pub entry: String,
    /// SHA-256 over the version byte and the entry.
    pub hash: Digest,
}

/// The end of an agent's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// Entries in the log.
    pub size: i64,
    /// Hash of the last; zeros when there is none.
    pub hash: Digest,
}

declare! {
    PAGE = "SELECT seq, entry, hash FROM audit_entries WHERE agent_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    HEAD = "SELECT size, hash FROM audit_heads WHERE agent_id = $1";
}

impl Audit {
    /// The log of an agent, oldest first. An admin or an operator may read it; it holds no content.
    ///
    /// # Errors
    /// `denied` for other callers; `invalid` or `limit` for a malformed page.
    pub async fn entries(
        &self,
        context: &Context,
        agent_id: AgentId,
        page: PageRequest,
    ) -> Result<Page<LogEntry>> {
        let agent = self.hub.allow(context, agent_id, Need::Inspect)?;
        let (after, rows) = (page.after_number()?, page.rows()?);
        self.hub
            .store
            .read(agent, move |tx| {
                boxed(async move {
                    let mut entries = Vec::new();
                    for mut row in tx.rows(&PAGE, vec![agent_id.into(), after.into(), rows.into()]).await? {
                        entries.push(LogEntry { seq: row.take(0)?, entry: row.take(1)?, hash: row.take(2)? });
                    }
                    Page::of(entries, &page, |entry| entry.seq.to_string())
                })
            })
            .await
    }

    /// Where an agent's log ends now.
    ///
    /// # Errors
    /// `not_found` when there never was such an agent; `denied` as for [`Audit::entries`].
    pub async fn checkpoint(&self, context: &Context, agent_id: AgentId) -> Result<Checkpoint> {
        let agent = self.hub.allow(context, agent_id, Need::Inspect)?;
        self.hub
            .store
            .read(agent, move |tx| {
                boxed(async move {
                    match tx.row(&HEAD, vec![agent_id.into()]).await? {
                        Some(mut row) => Ok(Checkpoint { size: row.take(0)?, hash: row.take(1)? }),
                        None => Err(Error::not_found("unknown_agent", "no such agent")),
                    }
                })
            })
            .await
    }

    /// Verifies the logs of all agents. Only an admin may.
    ///
    /// # Errors
    /// `denied` for other callers; `unavailable` when the database cannot be read. What is wrong
    /// with a log is in the report.
    pub async fn verify(&self, context: &Context) -> Result<Report> {
        crate::context::agent_of_admin(context)?;
        stored::verify(self.hub.store.executor(), Vec::new()).await
    }
}
