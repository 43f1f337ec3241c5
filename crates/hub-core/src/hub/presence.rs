//! `hub.presence()`: who was last reported to be where.

use super::Presences;
use crate::audit::EntryDraft;
use crate::clock::Timestamp;
use crate::context::{Context, Need, Principal, Scoped};
use crate::ids::{DeviceId, PersonId, SpaceId};
use crate::store::{Row, Tx, boxed, declare};
use crate::{Error, Result};
use hub_protocol::vocabulary::{PresenceState, Scope};
use std::time::Duration;
use uuid::Uuid;

/// Who is reported on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A person.
    Person(PersonId),
    /// A satellite.
    Device(DeviceId),
}

/// Where a person or device was last reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// In which space.
    pub space_id: SpaceId,
    /// Who.
    pub subject: Subject,
    /// There or not.
    pub state: PresenceState,
    /// Since when the state holds, without a gap in the reports.
    pub since: Timestamp,
    /// The last report.
    pub observed_at: Timestamp,
    /// When the report no longer counts.
    pub expires_at: Timestamp,
}

/// A report of presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewPresence {
    /// Who; absent is the caller itself, when it is a person or a device.
    pub person_id: Option<PersonId>,
    /// There or not.
    pub state: PresenceState,
}

declare! {
    REPORT = "INSERT INTO presence (agent_id, space_id, subject, subject_kind, state, since, updated_at, expires_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $6, $7) ON CONFLICT (agent_id, space_id, subject) DO UPDATE SET \
              since = CASE WHEN presence.state = excluded.state AND presence.expires_at > excluded.updated_at \
              THEN presence.since ELSE excluded.since END, \
              state = excluded.state, updated_at = excluded.updated_at, expires_at = excluded.expires_at \
              RETURNING space_id, subject, subject_kind, state, since, updated_at, expires_at";
    LIVE = "SELECT space_id, subject, subject_kind, state, since, updated_at, expires_at FROM presence \
            WHERE agent_id = $1 AND space_id = $2 AND expires_at > $3 ORDER BY subject";
}

impl Subject {
    fn id(self) -> Uuid {
        match self {
            Self::Person(person_id) => person_id.0,
            Self::Device(device_id) => device_id.0,
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Person(_) => "person",
            Self::Device(_) => "device",
        }
    }
}

fn read(mut row: Row) -> Result<Presence> {
    let (subject, kind): (Uuid, String) = (row.take(1)?, row.take(2)?);
    Ok(Presence {
        space_id: row.take(0)?,
        subject: match kind.as_str() {
            "device" => Subject::Device(DeviceId(subject)),
            _ => Subject::Person(PersonId(subject)),
        },
        state: row.word(3)?,
        since: row.take(4)?,
        observed_at: row.take(5)?,
        expires_at: row.take(6)?,
    })
}

/// Whom the caller may report on. A person speaks for nobody else. Pure.
fn subject(context: &Context, person_id: Option<PersonId>) -> Result<Subject> {
    match (&context.principal, person_id) {
        (Principal::Operator { person_id: caller, .. }, None) => Ok(Subject::Person(*caller)),
        (Principal::Operator { person_id: caller, .. }, Some(person)) if *caller != person => {
            Err(Error::denied("not_yourself", "a person reports their own presence only").field("person_id"))
        }
        (Principal::Device { device_id, .. }, None) => Ok(Subject::Device(*device_id)),
        (_, Some(person)) => Ok(Subject::Person(person)),
        (_, None) => {
            Err(Error::invalid("missing_field", "whose presence it is must be said").field("person_id"))
        }
    }
}

impl Presences {
    /// Reports who is in a space, or has left it. The report counts for
    /// [`crate::Settings::presence_seconds`]. While the space is private nothing is reported.
    ///
    /// # Errors
    /// `denied` without the scope `presence:write`, for another person than the operator, or while
    /// the space is private (`space_private`); `not_found` for an unknown space or person;
    /// `invalid` when a delegate names nobody.
    pub async fn report(&self, context: &Context, space_id: SpaceId, new: NewPresence) -> Result<Presence> {
        let agent = self.hub.allow_own(context, Need::Content(Scope::PresenceWrite, Some(space_id)))?;
        let subject = subject(context, new.person_id)?;
        let context = context.clone();
        let lasts = Duration::from_secs(self.hub.settings.presence_seconds);
        self.hub
            .store
            .write(agent, move |tx| {
                boxed(async move {
                    let space = super::spaces::load(tx, agent, space_id).await?;
                    if space.privacy_mode {
                        return Err(Error::denied("space_private", "the space is private"));
                    }
                    match subject {
                        Subject::Person(person_id) => {
                            super::people::load(tx, agent, person_id).await?;
                        }
                        Subject::Device(device_id) => {
                            super::devices::load(tx, agent, device_id).await?;
                        }
                    }
                    report(tx, agent, &context, (space_id, subject, new.state), lasts).await
                })
            })
            .await
    }

    /// What was reported of a space and still counts.
    ///
    /// # Errors
    /// `denied` without the scope `presence:read`; `not_found` for an unknown space.
    pub async fn list(&self, context: &Context, space_id: SpaceId) -> Result<Vec<Presence>> {
        let agent = self.hub.allow_own(context, Need::Content(Scope::PresenceRead, Some(space_id)))?;
        self.hub
            .store
            .read(agent, move |tx| {
                boxed(async move {
                    super::spaces::load(tx, agent, space_id).await?;
                    let parameters = vec![agent.agent_id().into(), space_id.into(), tx.now().into()];
                    tx.rows(&LIVE, parameters).await?.into_iter().map(read).collect()
                })
            })
            .await
    }
}

async fn report(
    tx: &mut Tx,
    agent: Scoped,
    context: &Context,
    (space_id, subject, state): (SpaceId, Subject, PresenceState),
    lasts: Duration,
) -> Result<Presence> {
    let now = tx.now();
    let parameters = vec![
        agent.agent_id().into(),
        space_id.into(),
        subject.id().into(),
        subject.kind().into(),
        state.as_str().into(),
        now.into(),
        now.after(lasts).into(),
    ];
    let row = tx.row(&REPORT, parameters).await?;
    let presence = read(row.ok_or_else(|| Error::internal("a report of presence left no row"))?)?;
    // A heartbeat that only repeats what is known is not an entry in the log.
    if presence.since == now {
        let entry = EntryDraft::new(now, "presence.changed", &context.principal)
            .subject(subject.kind(), subject.id())
            .fact("space_id", space_id.0)
            .fact("state", state.as_str());
        tx.audit(agent, entry).await?;
    }
    Ok(presence)
}
