//! Grants in the store.

use super::Grant;
use crate::Result;
use crate::context::Scoped;
use crate::store::{Call, ListStatement, Row, Tx, Value, declare};

const OF_PEOPLE: ListStatement = ListStatement {
    sql: "SELECT consent_id, person_id, kind, granted_at, expires_at, revoked_at FROM consents \
          WHERE agent_id = $1 AND revoked_at IS NULL AND person_id IN ({})",
    before: 1,
};
pub(crate) const LISTS: &[(&str, ListStatement)] = &[("OF_PEOPLE", OF_PEOPLE)];

declare! {
    INSERT = "INSERT INTO consents (agent_id, consent_id, person_id, kind, granted_by, granted_at, expires_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7)";
    ONE = "SELECT consent_id, person_id, kind, granted_at, expires_at, revoked_at FROM consents \
           WHERE agent_id = $1 AND consent_id = $2";
    OF_PERSON = "SELECT consent_id, person_id, kind, granted_at, expires_at, revoked_at FROM consents \
                 WHERE agent_id = $1 AND person_id = $2 AND consent_id > $3 ORDER BY consent_id LIMIT $4";
    REVOKE = "UPDATE consents SET revoked_at = $3 WHERE agent_id = $1 AND consent_id = $2 AND revoked_at IS NULL \
              RETURNING consent_id";
    ENDED = "SELECT agent_id, consent_id FROM consents WHERE erased_at IS NULL AND expires_at IS NOT NULL \
             AND expires_at <= $1 ORDER BY expires_at LIMIT $2";
    ERASED = "UPDATE consents SET erased_at = $3 WHERE agent_id = $1 AND consent_id = $2 AND erased_at IS NULL";
}

pub(crate) fn read(mut row: Row) -> Result<Grant> {
    Ok(Grant {
        consent_id: row.take(0)?,
        person_id: row.take(1)?,
        kind: row.word(2)?,
        granted_at: row.take(3)?,
        expires_at: row.take(4)?,
        revoked_at: row.take(5)?,
    })
}

/// Asks for the grants of these people that were not revoked; [`read`] reads each row.
pub(crate) fn of_people(tx: &Tx, agent: Scoped, people: &[Value]) -> Vec<Call> {
    tx.list(OF_PEOPLE, &[agent.agent_id().into()], people)
}
