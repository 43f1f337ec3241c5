//! `hub.consent()`.

use super::Consents;
use super::people;
use super::tokens::expired_already;
use crate::audit::EntryDraft;
use crate::clock::Timestamp;
use crate::consent::{Grant, grants};
use crate::context::{Context, Need, Principal, Scoped};
use crate::ids::{ConsentId, PersonId};
use crate::page::{Page, PageRequest};
use crate::store::{Tx, across, boxed};
use crate::timers::consents::erase_of_grant;
use crate::{Error, Result};
use hub_protocol::vocabulary::{ConsentKind, Role};

/// A grant to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGrant {
    /// Of what.
    pub kind: ConsentKind,
    /// Until when; without it, until it is revoked.
    pub expires_at: Option<Timestamp>,
}

fn unknown() -> Error {
    Error::not_found("unknown_consent", "no such consent")
}

/// Consent is a person's own: only the person, or an owner of the agent, grants and revokes it.
/// Answers who does. Pure.
fn speaker_for(context: &Context, person_id: PersonId) -> Result<PersonId> {
    match context.principal {
        Principal::Operator { person_id: caller, role, .. } if caller == person_id || role == Role::Owner => {
            Ok(caller)
        }
        _ => Err(Error::denied(
            "not_your_consent",
            "only the person, or an owner, grants, revokes and reads a person's consent",
        )),
    }
}

impl Consents {
    /// Grants consent. Only the person whose it is, or an owner, does.
    ///
    /// # Errors
    /// `denied` for other callers; `not_found` for an unknown person; `invalid`
    /// (`expired_already`) when the expiry is not ahead.
    pub async fn grant(&self, context: &Context, person_id: PersonId, new: NewGrant) -> Result<Grant> {
        let agent = self.hub.allow_own(context, Need::Person)?;
        let context = context.clone();
        self.hub.store.write(agent, move |tx| boxed(grant(tx, agent, context, person_id, new))).await
    }

    /// The grants of a person, ended ones too. The person, an owner or an admin may ask.
    ///
    /// # Errors
    /// `denied` for other callers; `not_found` for an unknown person; `invalid` or `limit` for a
    /// malformed page.
    pub async fn list(
        &self,
        context: &Context,
        person_id: PersonId,
        page: PageRequest,
    ) -> Result<Page<Grant>> {
        let is_admin = context.principal == Principal::Admin;
        let need = if is_admin { Need::Arrange } else { Need::Person };
        let agent = self
            .hub
            .allow_thing(context, need, across::OWNER_OF_PERSON, person_id.0, people::unknown)
            .await?;
        let (after, rows) = (page.after_id()?, page.rows()?);
        let context = context.clone();
        self.hub
            .store
            .read(agent, move |tx| {
                boxed(async move {
                    people::load(tx, agent, person_id).await?;
                    if !is_admin {
                        speaker_for(&context, person_id)?;
                    }
                    let parameters =
                        vec![agent.agent_id().into(), person_id.into(), after.into(), rows.into()];
                    let rows = tx.rows(&grants::OF_PERSON, parameters).await?;
                    let grants = rows.into_iter().map(grants::read).collect::<Result<Vec<_>>>()?;
                    Page::of(grants, &page, |grant| grant.consent_id.to_string())
                })
            })
            .await
    }

    /// Revokes a grant, and erases what was derived under it before it answers. Only the person
    /// whose it is, or an owner, does; twice is no error.
    ///
    /// # Errors
    /// `denied` for other callers; `not_found`.
    pub async fn revoke(&self, context: &Context, consent_id: ConsentId) -> Result<Grant> {
        let agent = self
            .hub
            .allow_thing(context, Need::Person, across::OWNER_OF_CONSENT, consent_id.0, unknown)
            .await?;
        let context = context.clone();
        self.hub
            .store
            .write(agent, move |tx| {
                boxed(async move {
                    let grant = load(tx, agent, consent_id).await?;
                    speaker_for(&context, grant.person_id)?;
                    if grant.revoked_at.is_some() {
                        return Ok(grant);
                    }
                    revoke(tx, agent, &context, consent_id).await?;
                    load(tx, agent, consent_id).await
                })
            })
            .await
    }
}

async fn load(tx: &mut Tx, agent: Scoped, consent_id: ConsentId) -> Result<Grant> {
    let row = tx.row(&grants::ONE, vec![agent.agent_id().into(), consent_id.into()]).await?;
    grants::read(row.ok_or_else(unknown)?)
}

async fn grant(
    tx: &mut Tx,
    agent: Scoped,
    context: Context,
    person_id: PersonId,
    new: NewGrant,
) -> Result<Grant> {
    people::load(tx, agent, person_id).await?;
    let granted_by = speaker_for(&context, person_id)?;
    let now = tx.now();
    if new.expires_at.is_some_and(|end| end <= now) {
        return Err(expired_already());
    }
    let consent_id = ConsentId(tx.new_id()?);
    let parameters = vec![
        agent.agent_id().into(),
        consent_id.into(),
        person_id.into(),
        new.kind.as_str().into(),
        granted_by.into(),
        now.into(),
        new.expires_at.into(),
    ];
    tx.run(&grants::INSERT, parameters);
    let mut entry = EntryDraft::new(now, "consent.granted", &context.principal)
        .subject("consent", consent_id)
        .fact("person_id", person_id.0)
        .fact("consent_kind", new.kind.as_str());
    if let Some(end) = new.expires_at {
        // As text: the year 9999 is beyond the numbers of the log.
        entry = entry.fact("expires_at", end.to_string());
    }
    tx.audit(agent, entry).await?;
    load(tx, agent, consent_id).await
}

/// Ends a grant and erases what rests on it, in one transaction: no instant lies between.
pub(super) async fn revoke(
    tx: &mut Tx,
    agent: Scoped,
    context: &Context,
    consent_id: ConsentId,
) -> Result<()> {
    let now = tx.now();
    let parameters = vec![agent.agent_id().into(), consent_id.into(), now.into()];
    tx.run(&grants::REVOKE, parameters);
    let entry = EntryDraft::new(now, "consent.revoked", &context.principal).subject("consent", consent_id);
    tx.audit(agent, entry).await?;
    erase_of_grant(tx, agent, consent_id).await
}
