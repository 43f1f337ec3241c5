//! Artifacts in the store.

use super::decision::{Cast, Known};
use super::{Artifact, NewArtifact};
use crate::audit::Digest;
use crate::clock::Timestamp;
use crate::consent::grants;
use crate::context::Scoped;
use crate::events::{SpaceState, ingest};
use crate::ids::{ArtifactId, DeviceId, PersonId};
use crate::store::{Call, JoinStatement, ListStatement, Lock, Row, Tx, Value, declare};
use crate::{Error, Result};
use std::collections::HashSet;
use uuid::Uuid;

/// Artifacts of these agents, with their spaces.
pub(crate) const KNOWN: JoinStatement = JoinStatement {
    sql: "SELECT a.agent_id, a.artifact_id, a.space_id FROM {rows} \
          JOIN artifacts a ON a.agent_id = w.column1 AND a.artifact_id = w.column2",
    types: "bb",
    lock: Lock::None,
};
pub(crate) const JOINS: &[(&str, JoinStatement)] = &[("KNOWN", KNOWN)];

/// Which of these blobs an agent's artifacts are.
const OF_BLOBS: ListStatement = ListStatement {
    sql: "SELECT DISTINCT digest FROM artifacts WHERE agent_id = $1 AND digest IN ({})",
    before: 1,
};
pub(crate) const LISTS: &[(&str, ListStatement)] = &[("OF_BLOBS", OF_BLOBS)];

declare! {
    HOME = "SELECT home FROM artifact_homes WHERE agent_id = $1";
    SETTLE = "INSERT INTO artifact_homes (agent_id, home) VALUES ($1, $2) ON CONFLICT (agent_id) DO NOTHING";
    SIZE = "SELECT CAST(coalesce(sum(size), 0) AS BIGINT) FROM artifacts WHERE agent_id = $1";
    INSERT = "INSERT INTO artifacts (agent_id, artifact_id, space_id, device_id, digest, salt, size, media_type, recording, \
              occurred_at, ended_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    INSERT_PERSON = "INSERT INTO artifact_people (agent_id, artifact_id, person_id, consent_id) VALUES ($1, $2, $3, $4)";
    // What rests on a grant that has ended is not shown, erased already or not.
    ONE = "SELECT artifact_id, agent_id, space_id, device_id, digest, size, media_type, occurred_at, ended_at, created_at \
           FROM artifacts WHERE agent_id = $1 AND artifact_id = $2 AND NOT EXISTS (SELECT 1 FROM artifact_people p \
           JOIN consents c ON c.agent_id = p.agent_id AND c.consent_id = p.consent_id \
           WHERE p.agent_id = artifacts.agent_id AND p.artifact_id = artifacts.artifact_id \
           AND (c.revoked_at IS NOT NULL OR c.expires_at <= $3))";
    PAGE = "SELECT artifact_id, agent_id, space_id, device_id, digest, size, media_type, occurred_at, ended_at, created_at \
            FROM artifacts WHERE agent_id = $1 AND artifact_id > $2 AND NOT EXISTS (SELECT 1 FROM artifact_people p \
            JOIN consents c ON c.agent_id = p.agent_id AND c.consent_id = p.consent_id \
            WHERE p.agent_id = artifacts.agent_id AND p.artifact_id = artifacts.artifact_id \
            AND (c.revoked_at IS NOT NULL OR c.expires_at <= $3)) ORDER BY artifact_id LIMIT $4";
    PEOPLE = "SELECT person_id FROM artifact_people WHERE agent_id = $1 AND artifact_id = $2 ORDER BY person_id";
    OF_BLOB = "SELECT 1 FROM artifacts WHERE agent_id = $1 AND digest = $2 LIMIT 1";
}

pub(crate) fn unknown() -> Error {
    Error::not_found("unknown_artifact", "no such artifact")
}

fn read(mut row: Row) -> Result<Artifact> {
    Ok(Artifact {
        artifact_id: row.take(0)?,
        agent_id: row.take(1)?,
        space_id: row.take(2)?,
        device_id: row.take(3)?,
        digest: row.take(4)?,
        size: u64::try_from(row.take::<i64>(5)?).map_err(Error::internal)?,
        media_type: row.take(6)?,
        person_ids: Vec::new(),
        occurred_at: row.take(7)?,
        ended_at: row.take(8)?,
        created_at: row.take(9)?,
    })
}

async fn with_people(tx: &mut Tx, mut artifact: Artifact) -> Result<Artifact> {
    let own = vec![artifact.agent_id.into(), artifact.artifact_id.into()];
    for mut row in tx.rows(&PEOPLE, own).await? {
        artifact.person_ids.push(row.take(0)?);
    }
    Ok(artifact)
}

/// An artifact that may still be used.
pub(crate) async fn load(tx: &mut Tx, agent: Scoped, id: ArtifactId) -> Result<Artifact> {
    let parameters = vec![agent.agent_id().into(), id.into(), tx.now().into()];
    let row = tx.row(&ONE, parameters).await?.ok_or_else(unknown)?;
    with_people(tx, read(row)?).await
}

/// Artifacts that may still be used, behind one of them.
pub(crate) async fn page(tx: &mut Tx, agent: Scoped, after: Uuid, rows: i64) -> Result<Vec<Artifact>> {
    let parameters = vec![agent.agent_id().into(), after.into(), tx.now().into(), rows.into()];
    let mut artifacts = Vec::new();
    for row in tx.rows(&PAGE, parameters).await? {
        artifacts.push(with_people(tx, read(row)?).await?);
    }
    Ok(artifacts)
}

/// The store that an agent's blobs lie in.
pub(crate) async fn home(tx: &mut Tx, agent: Scoped) -> Result<Option<Uuid>> {
    tx.row(&HOME, vec![agent.agent_id().into()]).await?.map(|mut row| row.take(0)).transpose()
}

/// Which of these blobs the agent's artifacts are.
pub(crate) async fn of_blobs(tx: &mut Tx, agent: Scoped, blobs: &[Digest]) -> Result<HashSet<Digest>> {
    let list: Vec<Value> = blobs.iter().map(|digest| (*digest).into()).collect();
    let rows = tx.rows_of_list(OF_BLOBS, &[agent.agent_id().into()], &list).await?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// Whether space and grants are held until the transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    Yes,
    /// In a transaction that only reads.
    No,
}

/// Reads what a decision about the artifact rests on.
pub(crate) async fn known(tx: &mut Tx, agent: Scoped, new: &NewArtifact, hold: Hold) -> Result<Known> {
    let own: Value = agent.agent_id().into();
    let held = |statement: JoinStatement| match hold {
        Hold::Yes => statement,
        Hold::No => JoinStatement { lock: Lock::None, ..statement },
    };
    let people: Vec<Vec<Value>> =
        new.person_ids.iter().map(|person| vec![own.clone(), (*person).into()]).collect();
    let kinds = [
        Call::joins(held(ingest::SPACES), [ingest::about_space(agent, new.space_id)]),
        Call::joins(ingest::PEOPLE, people.clone()),
        Call::joins(held(grants::OF_PEOPLE), people),
    ];
    let mut known = Known::default();
    let [spaces, people, grants] = kinds;
    // Lists are padded by repeating: an answer may stand there more than once.
    for mut row in tx.ask(spaces).await?.into_iter().flatten() {
        let state = known.space.get_or_insert_with(SpaceState::default);
        state.private_now = row.take(2)?;
        if let Some(started) = row.take(3)? {
            state.private_intervals.push((started, row.take(4)?));
        }
    }
    for mut row in tx.ask(people).await?.into_iter().flatten() {
        known.people.insert(row.take(1)?);
    }
    for row in tx.ask(grants).await?.into_iter().flatten() {
        let (_, grant) = grants::read_of_agent(row)?;
        known.grants.entry(grant.person_id).or_default().push(grant);
    }
    let size: i64 = match tx.row(&SIZE, vec![own]).await? {
        Some(mut row) => row.take(0)?,
        None => 0,
    };
    known.size = u64::try_from(size).unwrap_or(0);
    Ok(known)
}

/// An artifact that is to have a row.
pub(crate) struct NewRow<'n> {
    pub(crate) artifact_id: ArtifactId,
    pub(crate) new: &'n NewArtifact,
    pub(crate) cast: &'n Cast,
    pub(crate) device_id: Option<DeviceId>,
    pub(crate) digest: Digest,
    pub(crate) salt: [u8; 16],
    pub(crate) size: i64,
    pub(crate) media_type: &'n str,
    pub(crate) recording: bool,
    pub(crate) began: Timestamp,
}

/// Writes the row and who is in it.
pub(crate) fn insert(tx: &mut Tx, agent: Scoped, row: &NewRow<'_>) {
    let own = [agent.agent_id().into(), row.artifact_id.into()];
    let from = row.new.occurred_at.unwrap_or(row.began);
    let mut values: Vec<Value> = own.to_vec();
    values.extend([
        row.new.space_id.into(),
        row.device_id.into(),
        row.digest.into(),
        row.salt.into(),
        row.size.into(),
        row.media_type.into(),
        row.recording.into(),
        from.into(),
        row.new.ended_at.unwrap_or(from).into(),
        tx.now().into(),
    ]);
    tx.run(&INSERT, values);
    for (person, consent) in row.cast {
        let mut values: Vec<Value> = own.to_vec();
        values.extend([(*person).into(), (*consent).into()]);
        tx.run(&INSERT_PERSON, values);
    }
}

/// Each person once, in the order of their ids.
pub(crate) fn each_once(mut people: Vec<PersonId>) -> Vec<PersonId> {
    people.sort();
    people.dedup();
    people
}
