//! `hub.people()`.

use super::People;
use super::tokens::rows as tokens;
use crate::audit::EntryDraft;
use crate::clock::Timestamp;
use crate::context::{Context, Need, Scoped};
use crate::ids::{AgentId, ConsentId, EventId, MemoryId, PersonId};
use crate::memory::erase;
use crate::page::{Page, PageRequest};
use crate::store::{Row, Tx, across, boxed, declare};
use crate::text::name;
use crate::{Error, Result};

/// A person whom the agent knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub person_id: PersonId,
    /// Whose.
    pub agent_id: AgentId,
    /// The person's name.
    pub name: String,
    /// When the agent came to know the person.
    pub created_at: Timestamp,
}

/// What to change of a person; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonPatch {
    /// 1 to 200 characters.
    pub name: Option<String>,
}

declare! {
    INSERT = "INSERT INTO people (agent_id, person_id, name, created_at) VALUES ($1, $2, $3, $4)";
    ONE = "SELECT person_id, agent_id, name, created_at FROM people \
           WHERE agent_id = $1 AND person_id = $2 AND deleted_at IS NULL";
    PAGE = "SELECT person_id, agent_id, name, created_at FROM people \
            WHERE agent_id = $1 AND person_id > $2 AND deleted_at IS NULL ORDER BY person_id LIMIT $3";
    RENAME = "UPDATE people SET name = $3 WHERE agent_id = $1 AND person_id = $2 AND deleted_at IS NULL";
    DELETE = "UPDATE people SET deleted_at = $3, name = '' WHERE agent_id = $1 AND person_id = $2";
    // Reads on where the last page ended: there is no index of what one person said.
    EVENTS = "SELECT event_id, seq FROM events WHERE agent_id = $1 AND seq > $3 AND person_id = $2 \
              AND forgotten_at IS NULL ORDER BY seq LIMIT 1000";
    MEMORIES = "SELECT memory_id FROM memories WHERE agent_id = $1 AND person_id = $2 ORDER BY doc LIMIT 1000";
    GRANTS = "SELECT consent_id FROM consents WHERE agent_id = $1 AND person_id = $2 AND revoked_at IS NULL \
              ORDER BY consent_id";
    ABSENT = "DELETE FROM presence WHERE agent_id = $1 AND subject = $2 AND subject_kind = 'person'";
    REMINDERS = "DELETE FROM reminders WHERE agent_id = $1 AND person_id = $2";
}

pub(crate) fn unknown() -> Error {
    Error::not_found("unknown_person", "no such person")
}

fn read(mut row: Row) -> Result<Person> {
    Ok(Person {
        person_id: row.take(0)?,
        agent_id: row.take(1)?,
        name: row.take(2)?,
        created_at: row.take(3)?,
    })
}

/// The person, who must be there and not deleted.
pub(crate) async fn load(tx: &mut Tx, agent: Scoped, person_id: PersonId) -> Result<Person> {
    read(tx.row(&ONE, vec![agent.agent_id().into(), person_id.into()]).await?.ok_or_else(unknown)?)
}

impl People {
    /// Makes a person. An admin or an owner may.
    ///
    /// # Errors
    /// `invalid` for a name out of bounds; `not_found` for an unknown agent.
    pub async fn create(&self, context: &Context, agent_id: AgentId, person_name: String) -> Result<Person> {
        let agent = self.hub.allow(context, agent_id, Need::Arrange)?;
        let (name, context) = (name(&person_name, "name")?, context.clone());
        self.hub
            .store
            .write(agent, move |tx| {
                boxed(async move {
                    super::agents::load(tx, agent).await?;
                    let person_id = PersonId(tx.new_id()?);
                    let now = tx.now();
                    tx.run(&INSERT, vec![agent_id.into(), person_id.into(), name.into(), now.into()]);
                    let entry = EntryDraft::new(now, "person.created", &context.principal)
                        .subject("person", person_id);
                    tx.audit(agent, entry).await?;
                    load(tx, agent, person_id).await
                })
            })
            .await
    }

    /// One person.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get(&self, context: &Context, person_id: PersonId) -> Result<Person> {
        let agent =
            self.hub.allow_thing(context, Need::See, across::OWNER_OF_PERSON, person_id.0, unknown).await?;
        self.hub.store.read(agent, move |tx| boxed(load(tx, agent, person_id))).await
    }

    /// The people of an agent.
    ///
    /// # Errors
    /// `not_found` for an unknown agent; `invalid` or `limit` for a malformed page.
    pub async fn list(
        &self,
        context: &Context,
        agent_id: AgentId,
        page: PageRequest,
    ) -> Result<Page<Person>> {
        let agent = self.hub.allow(context, agent_id, Need::See)?;
        let (after, rows) = (page.after_id()?, page.rows()?);
        self.hub
            .store
            .read(agent, move |tx| {
                boxed(async move {
                    super::agents::load(tx, agent).await?;
                    let rows = tx.rows(&PAGE, vec![agent_id.into(), after.into(), rows.into()]).await?;
                    let people = rows.into_iter().map(read).collect::<Result<Vec<_>>>()?;
                    Page::of(people, &page, |person| person.person_id.to_string())
                })
            })
            .await
    }

    /// Renames a person. An admin or an owner may.
    ///
    /// # Errors
    /// `not_found`; `invalid` for a name out of bounds.
    pub async fn update(&self, context: &Context, person_id: PersonId, patch: PersonPatch) -> Result<Person> {
        let agent = self
            .hub
            .allow_thing(context, Need::Arrange, across::OWNER_OF_PERSON, person_id.0, unknown)
            .await?;
        let (context, name) = (context.clone(), patch.name.map(|text| name(&text, "name")).transpose()?);
        self.hub
            .store
            .write(agent, move |tx| {
                boxed(async move {
                    let person = load(tx, agent, person_id).await?;
                    let Some(name) = name else { return Ok(person) };
                    let parameters = vec![agent.agent_id().into(), person_id.into(), name.into()];
                    tx.run(&RENAME, parameters);
                    let entry = EntryDraft::new(tx.now(), "person.renamed", &context.principal)
                        .subject("person", person_id);
                    tx.audit(agent, entry).await?;
                    load(tx, agent, person_id).await
                })
            })
            .await
    }

    /// Deletes a person: their tokens stop working, their grants end, and what they said and what
    /// is remembered about them is erased. An admin or an owner may. The ids of their events stay
    /// known.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn delete(&self, context: &Context, person_id: PersonId) -> Result<()> {
        let agent = self
            .hub
            .allow_thing(context, Need::Arrange, across::OWNER_OF_PERSON, person_id.0, unknown)
            .await?;
        let context = context.clone();
        let answer =
            self.hub.store.write(agent, move |tx| boxed(delete(tx, agent, person_id, context))).await;
        self.hub.forget_tokens();
        answer
    }
}

async fn delete(tx: &mut Tx, agent: Scoped, person_id: PersonId, context: Context) -> Result<()> {
    load(tx, agent, person_id).await?;
    let now = tx.now();
    let own = vec![agent.agent_id().into(), person_id.into()];
    let mut ended = own.clone();
    ended.push(now.into());
    tx.run(&tokens::REVOKE_OF_PERSON, ended.clone());
    for mut row in tx.rows(&GRANTS, own.clone()).await? {
        let consent_id: ConsentId = row.take(0)?;
        super::consents::revoke(tx, agent, &context, consent_id).await?;
    }
    let (events, memories) = erase_all(tx, agent, person_id).await?;
    tx.run(&ABSENT, own.clone());
    tx.run(&REMINDERS, own);
    tx.run(&DELETE, ended);
    let entry = EntryDraft::new(now, "person.deleted", &context.principal)
        .subject("person", person_id)
        .fact("events", events)
        .fact("memories", memories);
    tx.audit(agent, entry).await.map(|_| ())
}

/// Erases what the person said and what is remembered about the person; answers how many of each.
async fn erase_all(tx: &mut Tx, agent: Scoped, person_id: PersonId) -> Result<(usize, usize)> {
    let own = vec![agent.agent_id().into(), person_id.into()];
    let erased = crate::artifacts::erase::of_person(tx, agent, person_id).await?;
    let (mut events, mut memories, mut after) = (erased.events.len(), erased.memories.len(), 0_i64);
    loop {
        let mut parameters = own.clone();
        parameters.push(after.into());
        let mut ids: Vec<EventId> = Vec::new();
        for mut row in tx.rows(&EVENTS, parameters).await? {
            ids.push(row.take(0)?);
            after = row.take(1)?;
        }
        if ids.is_empty() {
            break;
        }
        let erased = erase::events(tx, agent, &ids).await?;
        events += erased.events.len();
        memories += erased.memories.len();
    }
    loop {
        let rows = tx.rows(&MEMORIES, own.clone()).await?;
        let ids: Vec<MemoryId> = rows.into_iter().map(|mut row| row.take(0)).collect::<Result<_>>()?;
        if ids.is_empty() {
            return Ok((events, memories));
        }
        memories += erase::memories(tx, agent, &ids).await?.len();
    }
}
