//! `hub.artifacts()`.

use super::{Artifacts, Inner};
use crate::artifacts::{Artifact, ByteRange, Download, NewArtifact, Upload, erase, rows};
use crate::audit::EntryDraft;
use crate::context::{Context, Need, Scoped, authorize};
use crate::ids::{AgentId, ArtifactId, SpaceId};
use crate::page::{Page, PageRequest};
use crate::store::boxed;
use crate::{Error, Result};
use hub_protocol::vocabulary::Scope;

impl Artifacts {
    /// Begins to take an artifact, whose bytes go to the [`Upload`] that is answered. Nothing of it is
    /// kept unless all of it came, its space was private at no moment of it, and everyone who is in a
    /// recording consents to it at its beginning and at its end.
    ///
    /// # Errors
    /// `denied` without the scope `artifacts:write`, with `space_private` and with `no_consent`; `not_found`
    /// for an unknown space or person; `invalid` with `person_required` for a recording of nobody; `limit`
    /// with `artifacts_full`; `unavailable` with `too_many_uploads`.
    pub async fn begin(&self, context: &Context, new: NewArtifact) -> Result<Upload> {
        let agent = self.hub.allow_own(context, Need::Content(Scope::ArtifactsWrite, Some(new.space_id)))?;
        Upload::begin(self.hub.clone(), agent, context.clone(), new).await
    }

    /// What is known of an artifact.
    ///
    /// # Errors
    /// `not_found`; `denied` without the scope `artifacts:read`.
    pub async fn get(&self, context: &Context, id: ArtifactId) -> Result<Artifact> {
        self.load(context, Scope::ArtifactsRead, id).await.map(|(_, artifact)| artifact)
    }

    /// The artifacts of an agent that the caller may read, oldest first.
    ///
    /// # Errors
    /// `denied` without the scope `artifacts:read`; `invalid` or `limit` for a malformed page.
    pub async fn list(
        &self,
        context: &Context,
        agent_id: AgentId,
        page: PageRequest,
    ) -> Result<Page<Artifact>> {
        let agent = self.hub.allow(context, agent_id, Need::Content(Scope::ArtifactsRead, None))?;
        let (after, rows) = (page.after_id()?, page.rows()?);
        let (context, now) = (context.clone(), self.hub.now());
        self.hub
            .store
            .read(agent, move |tx| {
                boxed(async move {
                    let found = rows::page(tx, agent, after, rows).await?;
                    let mut page = Page::of(found, &page, |artifact| artifact.artifact_id.to_string())?;
                    page.items.retain(|artifact| {
                        let need = Need::Content(Scope::ArtifactsRead, Some(artifact.space_id));
                        authorize(&context, agent_id, need, now).is_ok()
                    });
                    Ok(page)
                })
            })
            .await
    }

    /// Opens an artifact, or a part of it.
    ///
    /// # Errors
    /// `not_found`; `denied` without the scope `artifacts:read`; `limit` with `range_outside`;
    /// `unavailable` when the bytes cannot be reached, with `artifacts_elsewhere` when another hub has them.
    pub async fn open(
        &self,
        context: &Context,
        id: ArtifactId,
        range: Option<ByteRange>,
    ) -> Result<Download> {
        let (agent, artifact) = self.load(context, Scope::ArtifactsRead, id).await?;
        Download::open(self.hub.clone(), agent, artifact, range).await
    }

    /// Forgets an artifact and every event that refers to it, with what was derived from those. Its bytes
    /// are gone when this answers.
    ///
    /// # Errors
    /// `not_found`; `denied` without the scope `memories:write`.
    pub async fn forget(&self, context: &Context, id: ArtifactId) -> Result<()> {
        let (agent, _) = self.load(context, Scope::MemoriesWrite, id).await?;
        let context = context.clone();
        self.hub
            .store
            .write(agent, move |tx| {
                boxed(async move {
                    rows::load(tx, agent, id).await?;
                    let erased = erase::artifacts(tx, agent, &[id], &context.principal).await?;
                    for memory in erased.memories {
                        let draft = EntryDraft::new(tx.now(), "memory.forgotten", &context.principal);
                        tx.audit(agent, draft.subject("memory", memory)).await?;
                    }
                    for event in erased.events {
                        let draft = EntryDraft::new(tx.now(), "event.forgotten", &context.principal);
                        tx.audit(agent, draft.subject("event", event)).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// One artifact, in whose space the caller has this scope; without it, no artifact is there.
    async fn load(&self, context: &Context, scope: Scope, id: ArtifactId) -> Result<(Scoped, Artifact)> {
        let agent = self.hub.allow_own(context, Need::Content(scope, None))?;
        let artifact = self.hub.store.read(agent, move |tx| boxed(rows::load(tx, agent, id))).await?;
        let need = |space: SpaceId| Need::Content(scope, Some(space));
        authorize(context, agent.agent_id(), need(artifact.space_id), self.hub.now())
            .map_err(|_| rows::unknown())?;
        Ok((agent, artifact))
    }
}

impl Inner {
    /// Makes sure that the agent's blobs lie in this hub's store. The first hub that is asked decides it.
    pub(crate) async fn settle_artifacts(&self, agent: Scoped) -> Result<()> {
        let here = self.blobs.home(self.store.new_id(self.now())?).await?;
        let mut home = self.store.read(agent, move |tx| boxed(rows::home(tx, agent))).await?;
        if home.is_none() {
            let settle = self.store.write(agent, move |tx| {
                boxed(async move {
                    tx.run(&rows::SETTLE, vec![agent.agent_id().into(), here.into()]);
                    rows::home(tx, agent).await
                })
            });
            home = settle.await?;
        }
        if home == Some(here) {
            return Ok(());
        }
        Err(Error::unavailable(
            "artifacts_elsewhere",
            "the artifacts of this agent lie where this hub cannot reach them",
        )
        .mend(
            "let all hubs on this database have one folder of artifacts: --artifacts DIR or HUB_ARTIFACTS; \
                 `hub doctor` says which folder is meant",
        ))
    }
}
