//! `hub.spaces()`.

use super::Spaces;
use crate::audit::EntryDraft;
use crate::clock::Timestamp;
use crate::context::{Context, Need, Scoped};
use crate::ids::{AgentId, EventId, SpaceId};
use crate::memory::erase;
use crate::page::{Page, PageRequest};
use crate::store::{Row, Tx, across, boxed, declare};
use crate::text::name;
use crate::{Error, Result};

/// A room or place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Space {
    /// Which.
    pub space_id: SpaceId,
    /// Whose.
    pub agent_id: AgentId,
    /// Its name.
    pub name: String,
    /// While it is set, nothing that is said there is kept.
    pub privacy_mode: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What to change of a space; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpacePatch {
    /// 1 to 200 characters.
    pub name: Option<String>,
    /// Privacy.
    pub privacy_mode: Option<bool>,
}

declare! {
    INSERT = "INSERT INTO spaces (agent_id, space_id, name, privacy_mode, created_at) VALUES ($1, $2, $3, 0, $4)";
    ONE = "SELECT space_id, agent_id, name, privacy_mode, created_at FROM spaces \
           WHERE agent_id = $1 AND space_id = $2 AND deleted_at IS NULL";
    PAGE = "SELECT space_id, agent_id, name, privacy_mode, created_at FROM spaces \
            WHERE agent_id = $1 AND space_id > $2 AND deleted_at IS NULL ORDER BY space_id LIMIT $3";
    UPDATE = "UPDATE spaces SET name = coalesce($3, name), privacy_mode = coalesce($4, privacy_mode) \
              WHERE agent_id = $1 AND space_id = $2 AND deleted_at IS NULL";
    // Off and on again within one commit have one instant: the interval that ended then goes on.
    BEGIN_PRIVATE = "INSERT INTO private_intervals (agent_id, space_id, started_at) VALUES ($1, $2, $3) \
                     ON CONFLICT (agent_id, space_id, started_at) DO UPDATE SET ended_at = NULL";
    END_PRIVATE = "UPDATE private_intervals SET ended_at = CASE WHEN started_at > $3 THEN started_at ELSE $3 END \
                   WHERE agent_id = $1 AND space_id = $2 AND ended_at IS NULL";
    DELETE = "UPDATE spaces SET deleted_at = $3, name = '' WHERE agent_id = $1 AND space_id = $2";
    EVENTS = "SELECT event_id FROM events WHERE agent_id = $1 AND space_id = $2 AND forgotten_at IS NULL \
              ORDER BY seq LIMIT 1000";
    MEMORIES = "SELECT memory_id FROM memories WHERE agent_id = $1 AND space_id = $2 ORDER BY doc LIMIT 1000";
}

pub(crate) fn unknown() -> Error {
    Error::not_found("unknown_space", "no such space")
}

fn read(mut row: Row) -> Result<Space> {
    Ok(Space {
        space_id: row.take(0)?,
        agent_id: row.take(1)?,
        name: row.take(2)?,
        privacy_mode: row.take(3)?,
        created_at: row.take(4)?,
    })
}

/// The space, which must be there and not deleted.
pub(crate) async fn load(tx: &mut Tx, agent: Scoped, space_id: SpaceId) -> Result<Space> {
    read(tx.row(&ONE, vec![agent.agent_id().into(), space_id.into()]).await?.ok_or_else(unknown)?)
}

impl Spaces {
    /// Makes a space. An admin or an owner may.
    ///
    /// # Errors
    /// `invalid` for a name out of bounds; `not_found` for an unknown agent.
    pub async fn create(&self, context: &Context, agent_id: AgentId, space_name: String) -> Result<Space> {
        let agent = self.hub.allow(context, agent_id, Need::Arrange)?;
        let (name, context) = (name(&space_name, "name")?, context.clone());
        self.hub
            .store
            .write(agent, move |tx| {
                boxed(async move {
                    super::agents::load(tx, agent).await?;
                    let space_id = SpaceId(tx.new_id()?);
                    let now = tx.now();
                    tx.run(&INSERT, vec![agent_id.into(), space_id.into(), name.into(), now.into()]);
                    let draft =
                        EntryDraft::new(now, "space.created", &context.principal).subject("space", space_id);
                    tx.audit(agent, draft).await?;
                    load(tx, agent, space_id).await
                })
            })
            .await
    }

    /// One space.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get(&self, context: &Context, space_id: SpaceId) -> Result<Space> {
        let agent =
            self.hub.allow_thing(context, Need::See, across::OWNER_OF_SPACE, space_id.0, unknown).await?;
        self.hub.store.read(agent, move |tx| boxed(load(tx, agent, space_id))).await
    }

    /// The spaces of an agent.
    ///
    /// # Errors
    /// `not_found` for an unknown agent; `invalid` or `limit` for a malformed page.
    pub async fn list(&self, context: &Context, agent_id: AgentId, page: PageRequest) -> Result<Page<Space>> {
        let agent = self.hub.allow(context, agent_id, Need::See)?;
        let (after, rows) = (page.after_id()?, page.rows()?);
        self.hub
            .store
            .read(agent, move |tx| {
                boxed(async move {
                    super::agents::load(tx, agent).await?;
                    let rows = tx.rows(&PAGE, vec![agent_id.into(), after.into(), rows.into()]).await?;
                    let spaces = rows.into_iter().map(read).collect::<Result<Vec<_>>>()?;
                    Page::of(spaces, &page, |space| space.space_id.to_string())
                })
            })
            .await
    }

    /// Renames a space, or sets its privacy. An admin or an owner may. When the answer says that
    /// the space is private, nothing that is said there from then on is kept: writes that were
    /// under way have been committed before, or are refused.
    ///
    /// # Errors
    /// `not_found`; `invalid` for a name out of bounds.
    pub async fn update(&self, context: &Context, space_id: SpaceId, patch: SpacePatch) -> Result<Space> {
        let agent =
            self.hub.allow_thing(context, Need::Arrange, across::OWNER_OF_SPACE, space_id.0, unknown).await?;
        let (context, name) = (context.clone(), patch.name.map(|text| name(&text, "name")).transpose()?);
        let privacy = patch.privacy_mode;
        self.hub
            .store
            .write(agent, move |tx| {
                boxed(async move {
                    let before = load(tx, agent, space_id).await?;
                    let own = vec![agent.agent_id().into(), space_id.into()];
                    let mut update = own.clone();
                    update.extend([name.clone().into(), privacy.into()]);
                    tx.run(&UPDATE, update);
                    let now = tx.now();
                    if name.is_some() {
                        let draft = EntryDraft::new(now, "space.renamed", &context.principal)
                            .subject("space", space_id);
                        tx.audit(agent, draft).await?;
                    }
                    if let Some(on) = privacy.filter(|on| *on != before.privacy_mode) {
                        let mut interval = own;
                        interval.push(now.into());
                        let flip = if on { BEGIN_PRIVATE } else { END_PRIVATE };
                        tx.run(&flip, interval);
                        let kind = if on { "privacy.on" } else { "privacy.off" };
                        let draft = EntryDraft::new(now, kind, &context.principal).subject("space", space_id);
                        tx.audit(agent, draft).await?;
                    }
                    load(tx, agent, space_id).await
                })
            })
            .await
    }

    /// Deletes a space and everything that was said there. An admin or an owner may. The ids of its
    /// events stay known.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn delete(&self, context: &Context, space_id: SpaceId) -> Result<()> {
        let agent =
            self.hub.allow_thing(context, Need::Arrange, across::OWNER_OF_SPACE, space_id.0, unknown).await?;
        let context = context.clone();
        self.hub
            .store
            .write(agent, move |tx| {
                boxed(async move {
                    load(tx, agent, space_id).await?;
                    let own = vec![agent.agent_id().into(), space_id.into()];
                    loop {
                        let rows = tx.rows(&EVENTS, own.clone()).await?;
                        let ids: Vec<EventId> =
                            rows.into_iter().map(|mut row| row.take(0)).collect::<Result<_>>()?;
                        if ids.is_empty() {
                            break;
                        }
                        erase::events(tx, agent, &ids).await?;
                    }
                    crate::artifacts::erase::of_space(tx, agent, space_id).await?;
                    // Notes and facts that rest on no event of this space.
                    let rows = tx.rows(&MEMORIES, own.clone()).await?;
                    let ids: Vec<_> = rows.into_iter().map(|mut row| row.take(0)).collect::<Result<_>>()?;
                    erase::memories(tx, agent, &ids).await?;
                    let now = tx.now();
                    let mut delete = own;
                    delete.push(now.into());
                    tx.run(&DELETE, delete);
                    let draft =
                        EntryDraft::new(now, "space.deleted", &context.principal).subject("space", space_id);
                    tx.audit(agent, draft).await.map(|_| ())
                })
            })
            .await
    }
}
