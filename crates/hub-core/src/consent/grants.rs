//! Grants in the store.

use super::Grant;
use crate::Result;
use crate::ids::AgentId;
use crate::store::{JoinStatement, Lock, Row, declare};

/// The grants of these people that were not revoked, held while something rests on them; [`read_of_agent`]
/// reads each row.
pub(crate) const OF_PEOPLE: JoinStatement = JoinStatement {
    sql: "SELECT c.agent_id, c.consent_id, c.person_id, c.kind, c.granted_at, c.expires_at, c.revoked_at \
          FROM {rows} JOIN consents c ON c.agent_id = w.column1 AND c.person_id = w.column2 \
          WHERE c.revoked_at IS NULL",
    types: "bb",
    lock: Lock::Share("c"),
};
pub(crate) const JOINS: &[(&str, JoinStatement)] = &[("OF_PEOPLE", OF_PEOPLE)];

declare! {
    INSERT = "INSERT INTO consents (agent_id, consent_id, person_id, kind, granted_by, granted_at, expires_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7)";
    ONE = "SELECT consent_id, person_id, kind, granted_at, expires_at, revoked_at FROM consents \
           WHERE agent_id = $1 AND consent_id = $2";
    OF_PERSON = "SELECT consent_id, person_id, kind, granted_at, expires_at, revoked_at FROM consents \
                 WHERE agent_id = $1 AND person_id = $2 AND consent_id > $3 ORDER BY consent_id LIMIT $4";
    REVOKE = "UPDATE consents SET revoked_at = $3 WHERE agent_id = $1 AND consent_id = $2 AND revoked_at IS NULL \
              RETURNING consent_id";
    ERASED = "UPDATE consents SET erased_at = $3 WHERE agent_id = $1 AND consent_id = $2 AND erased_at IS NULL";
}

pub(crate) fn read(row: Row) -> Result<Grant> {
    read_from(row, 0)
}

/// As [`read`], behind the agent.
pub(crate) fn read_of_agent(mut row: Row) -> Result<(AgentId, Grant)> {
    Ok((row.take(0)?, read_from(row, 1)?))
}

fn read_from(mut row: Row, first: usize) -> Result<Grant> {
    Ok(Grant {
        consent_id: row.take(first)?,
        person_id: row.take(first + 1)?,
        kind: row.word(first + 2)?,
        granted_at: row.take(first + 3)?,
        expires_at: row.take(first + 4)?,
        revoked_at: row.take(first + 5)?,
    })
}
