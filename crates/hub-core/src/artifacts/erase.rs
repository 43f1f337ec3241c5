//! Forgetting artifacts, with what refers to them; and with the last event that refers to one. Their
//! bytes go once the transaction is committed.

use crate::Result;
use crate::audit::EntryDraft;
use crate::context::{Context, Principal, Scoped};
use crate::ids::{AgentId, ArtifactId, ConsentId, EventId, PersonId, SpaceId};
use crate::memory::erase::{self, Erased};
use crate::store::{ListStatement, Statement, Tx, Value, declare};

const REFERRED: ListStatement = ListStatement {
    sql: "SELECT r.artifact_id, r.seq FROM events e \
          JOIN artifact_references r ON r.agent_id = e.agent_id AND r.seq = e.seq \
          WHERE e.agent_id = $1 AND e.event_id IN ({})",
    before: 1,
};
pub(crate) const LISTS: &[(&str, ListStatement)] = &[("REFERRED", REFERRED)];

declare! {
    UNREFER = "DELETE FROM artifact_references WHERE agent_id = $1 AND seq = $2";
    REFERENCE = "SELECT 1 FROM artifact_references WHERE agent_id = $1 AND artifact_id = $2 LIMIT 1";
    EVENTS = "SELECT e.event_id FROM artifact_references r JOIN events e ON e.agent_id = r.agent_id AND e.seq = r.seq \
              WHERE r.agent_id = $1 AND r.artifact_id = $2 ORDER BY e.seq";
    DELETE = "DELETE FROM artifacts WHERE agent_id = $1 AND artifact_id = $2 RETURNING digest";
    OF_SPACE = "SELECT artifact_id FROM artifacts WHERE agent_id = $1 AND space_id = $2";
    OF_PERSON = "SELECT artifact_id FROM artifact_people WHERE agent_id = $1 AND person_id = $2";
    OF_CONSENT = "SELECT artifact_id FROM artifact_people WHERE agent_id = $1 AND consent_id = $2";
    BLOBS = "SELECT DISTINCT digest FROM artifacts WHERE agent_id = $1";
}

/// Erases these artifacts, the events that refer to them, and everything that was derived from those.
pub(crate) async fn artifacts(
    tx: &mut Tx,
    agent: Scoped,
    ids: &[ArtifactId],
    principal: &Principal,
) -> Result<Erased> {
    let mut events: Vec<EventId> = Vec::new();
    for id in ids {
        for mut row in tx.rows(&EVENTS, vec![agent.agent_id().into(), (*id).into()]).await? {
            events.push(row.take(0)?);
        }
        delete(tx, agent, *id, principal).await?;
    }
    if events.is_empty() { Ok(Erased::default()) } else { erase::events(tx, agent, &events).await }
}

/// Erases the artifacts that only these events referred to.
pub(crate) async fn of_events(tx: &mut Tx, agent: Scoped, events: &[EventId]) -> Result<()> {
    let own = agent.agent_id();
    let list: Vec<Value> = events.iter().map(|id| (*id).into()).collect();
    let mut referred: Vec<ArtifactId> = Vec::new();
    for mut row in tx.rows_of_list(REFERRED, &[own.into()], &list).await? {
        referred.push(row.take(0)?);
        tx.run(&UNREFER, vec![own.into(), row.take::<i64>(1)?.into()]);
    }
    let worker = Context::worker(own, "forget");
    for id in referred {
        if tx.row(&REFERENCE, vec![own.into(), id.into()]).await?.is_none() {
            delete(tx, agent, id, &worker.principal).await?;
        }
    }
    Ok(())
}

/// Erases what was made in a space.
pub(crate) async fn of_space(tx: &mut Tx, agent: Scoped, space: SpaceId) -> Result<Erased> {
    found(tx, agent, &OF_SPACE, space.into()).await
}

/// Erases what a person is in.
pub(crate) async fn of_person(tx: &mut Tx, agent: Scoped, person: PersonId) -> Result<Erased> {
    found(tx, agent, &OF_PERSON, person.into()).await
}

/// Erases what rests on a grant.
pub(crate) async fn of_consent(tx: &mut Tx, agent: Scoped, consent: ConsentId) -> Result<Erased> {
    found(tx, agent, &OF_CONSENT, consent.into()).await
}

async fn found(tx: &mut Tx, agent: Scoped, statement: &Statement, what: Value) -> Result<Erased> {
    let own = agent.agent_id();
    let mut ids: Vec<ArtifactId> = Vec::new();
    for mut row in tx.rows(statement, vec![own.into(), what]).await? {
        ids.push(row.take(0)?);
    }
    artifacts(tx, agent, &ids, &forgetting(own)).await
}

/// Lets go of every blob of an agent whose rows are about to be deleted with it.
pub(crate) async fn of_agent(tx: &mut Tx, agent: Scoped) -> Result<()> {
    for mut row in tx.rows(&BLOBS, vec![agent.agent_id().into()]).await? {
        let digest = row.take(0)?;
        tx.let_go(agent, digest);
    }
    Ok(())
}

async fn delete(tx: &mut Tx, agent: Scoped, id: ArtifactId, principal: &Principal) -> Result<()> {
    let Some(mut row) = tx.row(&DELETE, vec![agent.agent_id().into(), id.into()]).await? else {
        return Ok(());
    };
    tx.let_go(agent, row.take(0)?);
    let draft = EntryDraft::new(tx.now(), "artifact.forgotten", principal).subject("artifact", id);
    tx.audit(agent, draft).await.map(|_| ())
}

fn forgetting(agent: AgentId) -> Principal {
    Context::worker(agent, "forget").principal
}
