//! Agents are islands in the schema, not only in code.

use super::Database;
use crate::store::{Intent, Statement, Transaction, Value};

const SAVE: Statement = Statement::new("SAVEPOINT operation");
const UNDO: Statement = Statement::new("ROLLBACK TO SAVEPOINT operation");
const RELEASE: Statement = Statement::new("RELEASE SAVEPOINT operation");

/// What a row refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Space,
    Person,
    Device,
    Memory,
    Action,
    /// Bytes that are an id, and nobody's yet.
    Fresh,
    /// 32 bytes.
    Hash,
}

/// A table, its row of an agent, and what the parameters from `$2` on refer to.
const ROWS: &[(&str, &str, &[Of])] = &[
    (
        "private_intervals",
        "INSERT INTO private_intervals (agent_id, space_id, started_at, ended_at) VALUES ($1, $2, 5, 6)",
        &[Of::Space],
    ),
    (
        "tokens",
        "INSERT INTO tokens (agent_id, token_id, kind, name, hash, person_id, role, scopes, spaces, created_at) \
         VALUES ($1, $2, 'operator', '', $3, $4, 'member', '[]', '[]', 1)",
        &[Of::Fresh, Of::Hash, Of::Person],
    ),
    (
        "tokens",
        "INSERT INTO tokens (agent_id, token_id, kind, name, hash, device_id, scopes, spaces, created_at) \
         VALUES ($1, $2, 'device', '', $3, $4, '[]', '[]', 1)",
        &[Of::Fresh, Of::Hash, Of::Device],
    ),
    (
        "consents",
        "INSERT INTO consents (agent_id, consent_id, person_id, kind, granted_by, granted_at) \
         VALUES ($1, $2, $3, 'voice', $4, 1)",
        &[Of::Fresh, Of::Person, Of::Fresh],
    ),
    (
        "presence",
        "INSERT INTO presence (agent_id, space_id, subject, subject_kind, state, since, updated_at, expires_at) \
         VALUES ($1, $2, $3, 'person', 'present', 1, 1, 2)",
        &[Of::Space, Of::Fresh],
    ),
    (
        "events",
        "INSERT INTO events (agent_id, seq, event_id, space_id, type, occurred_at, received_at, person_id, payload, \
         salt, digest) VALUES ($1, 50, $2, $3, 'custom.x', 1, 1, $4, '{}', $5, $6)",
        &[Of::Fresh, Of::Space, Of::Person, Of::Fresh, Of::Hash],
    ),
    (
        "talk",
        "INSERT INTO talk (agent_id, space_id, cut_to_seq, pending, pending_since, last_at) VALUES ($1, $2, 0, 0, 1, 1)",
        &[Of::Space],
    ),
    (
        "windows",
        "INSERT INTO windows (agent_id, window_id, space_id, after_seq, to_seq, state, cut_at) \
         VALUES ($1, $2, $3, 0, 1, 'cut', 1)",
        &[Of::Fresh, Of::Space],
    ),
    (
        "memories",
        "INSERT INTO memories (agent_id, memory_id, tier, content, space_id, person_id, seq, terms, language, \
         occurred_at, created_at, derivation) VALUES ($1, $2, 'semantic', 'x', $3, $4, 0, 1, 'en', 1, 1, $5)",
        &[Of::Fresh, Of::Space, Of::Person, Of::Hash],
    ),
    (
        "memory_sources",
        "INSERT INTO memory_sources (agent_id, memory_id, seq) VALUES ($1, $2, 1)",
        &[Of::Memory],
    ),
    (
        "actions",
        "INSERT INTO actions (agent_id, action_id, space_id, state, tool, tool_version, tool_schema_digest, arguments, \
         scopes, effect, reason, proposed_by, source_event_ids, binding_digest, salt, policy_version, expires_at, \
         created_at, updated_at) VALUES ($1, $2, $3, 'approved', 't', '1.0.0', $4, '{}', '[]', 'read', '', 'x', '[]', \
         $4, $2, 0, 1, 1, 1)",
        &[Of::Fresh, Of::Space, Of::Hash],
    ),
    (
        "approvals",
        "INSERT INTO approvals (agent_id, action_id, person_id, decision, binding_digest, decided_at) \
         VALUES ($1, $2, $3, 'approved', $4, 1)",
        &[Of::Action, Of::Person, Of::Hash],
    ),
    (
        "messages",
        "INSERT INTO messages (agent_id, message_id, action_id, space_id, device_id, text, created_at) \
         VALUES ($1, $2, $3, $4, $5, 'x', 1)",
        &[Of::Fresh, Of::Fresh, Of::Space, Of::Device],
    ),
    (
        "reminders",
        "INSERT INTO reminders (agent_id, action_id, space_id, person_id, text, fire_at, event_id) \
         VALUES ($1, $2, $3, $4, 'x', 1, $5)",
        &[Of::Fresh, Of::Space, Of::Person, Of::Fresh],
    ),
    (
        "artifacts",
        "INSERT INTO artifacts (agent_id, artifact_id, space_id, digest, salt, size, media_type, recording, occurred_at, \
         ended_at, created_at) VALUES ($1, $2, $3, $4, $5, 1, 'image/png', 0, 1, 1, 1)",
        &[Of::Fresh, Of::Space, Of::Hash, Of::Fresh],
    ),
    (
        "queue",
        "INSERT INTO queue (queue, agent_id, key, state, available_at, enqueued_at) VALUES ('plan', $1, $2, 'ready', 1, 1)",
        &[Of::Fresh],
    ),
];

/// An id: `kind` and `whose` tell apart what belongs to two agents.
fn id(kind: u8, whose: u8) -> Value {
    let mut bytes = [kind; 16];
    bytes[0] = whose;
    Value::Blob(bytes.to_vec())
}

fn value(of: Of, whose: u8, place: usize) -> Value {
    match of {
        Of::Space => id(1, whose),
        Of::Person => id(2, whose),
        Of::Device => id(3, whose),
        Of::Memory => id(5, whose),
        Of::Action => id(6, 0),
        Of::Fresh => id(u8::try_from(100 + place).unwrap(), whose),
        Of::Hash => Value::Blob(vec![200 + whose; 32]),
    }
}

/// An agent with one of each thing; its event and its action have the ids of the other agent's.
async fn agent(tx: &mut dyn Transaction, whose: u8) {
    let hash = || Value::Blob(vec![whose; 32]);
    let me = || id(0, whose);
    let rows: [(&str, Vec<Value>); 8] = [
        (
            "INSERT INTO agents (agent_id, number, name, language, planner, created_at) VALUES ($1, $2, 'x', 'en', 'rules', 1)",
            vec![me(), i64::from(whose).into()],
        ),
        (
            "INSERT INTO spaces (agent_id, space_id, name, privacy_mode, created_at) VALUES ($1, $2, 'x', 0, 1)",
            vec![me(), id(1, whose)],
        ),
        (
            "INSERT INTO people (agent_id, person_id, name, created_at) VALUES ($1, $2, 'x', 1)",
            vec![me(), id(2, whose)],
        ),
        (
            "INSERT INTO devices (agent_id, device_id, name, scopes, created_at) VALUES ($1, $2, 'x', '[]', 1)",
            vec![me(), id(3, whose)],
        ),
        (
            "INSERT INTO events (agent_id, seq, event_id, space_id, type, occurred_at, received_at, payload, salt, digest) \
             VALUES ($1, 1, $2, $3, 'custom.x', 1, 1, '{}', $2, $4)",
            vec![me(), id(4, 0), id(1, whose), hash()],
        ),
        (
            "INSERT INTO memories (agent_id, memory_id, tier, content, space_id, seq, terms, language, occurred_at, \
             created_at, derivation) VALUES ($1, $2, 'semantic', 'x', $3, 1, 1, 'en', 1, 1, $4)",
            vec![me(), id(5, whose), id(1, whose), Value::Blob(vec![9; 32])],
        ),
        (
            "INSERT INTO actions (agent_id, action_id, space_id, state, tool, tool_version, tool_schema_digest, arguments, \
             scopes, effect, reason, proposed_by, source_event_ids, binding_digest, salt, policy_version, expires_at, \
             created_at, updated_at) VALUES ($1, $2, $3, 'approved', 't', '1.0.0', $4, '{}', '[]', 'read', '', 'x', '[]', \
             $4, $2, 0, 1, 1, 1)",
            vec![me(), id(6, 0), id(1, whose), hash()],
        ),
        (
            "INSERT INTO audit_entries (agent_id, seq, entry, hash) VALUES ($1, 1, 'x', $2)",
            vec![me(), hash()],
        ),
    ];
    for (sql, parameters) in rows {
        tx.query(&Statement::new(sql), parameters).await.unwrap();
    }
}

async fn two_agents(database: Database) -> Database {
    let database = database.with_schema().await;
    let mut tx = database.begin(Intent::Write).await;
    agent(tx.as_mut(), 1).await;
    agent(tx.as_mut(), 2).await;
    tx.commit().await.unwrap();
    database
}

/// The same `event_id`, `action_id`, sequence number and derivation in two agents are two things.
pub async fn ids_of_callers_coexist_in_two_agents(database: Database) {
    const EVENTS: Statement = Statement::new("SELECT count(*) FROM events WHERE event_id = $1");
    const AGAIN: Statement = Statement::new(
        "INSERT INTO events (agent_id, seq, event_id, space_id, type, occurred_at, \
        received_at, payload, salt, digest) VALUES ($1, 2, $2, $3, 'custom.x', 1, 1, '{}', $2, $4)",
    );
    let database = two_agents(database).await;
    let mut tx = database.begin(Intent::Write).await;
    assert_eq!(super::one(tx.as_mut(), &EVENTS, vec![id(4, 0)]).await.take::<i64>(0).unwrap(), 2);
    let again = vec![id(0, 1), id(4, 0), id(1, 1), Value::Blob(vec![1; 32])];
    assert!(tx.query(&AGAIN, again).await.is_err(), "the same id twice in one agent");
}

/// In every table that refers to something of an agent, a row of agent 2 that refers to a thing
/// of agent 1 is refused, while each refers to its own.
pub async fn no_reference_crosses_agents(database: Database) {
    let database = two_agents(database).await;
    let mut tx = database.begin(Intent::Write).await;
    for (table, sql, refers) in ROWS {
        let statement = Statement::new(sql);
        let own = |whose: u8| {
            let mut parameters = vec![id(0, whose)];
            parameters.extend(refers.iter().enumerate().map(|(place, of)| value(*of, whose, place)));
            parameters
        };
        let mut attempts = vec![(own(2), true, "its own".to_owned())];
        for (place, of) in refers.iter().enumerate().filter(|(_, of)| value(**of, 1, 0) != value(**of, 2, 0))
        {
            if matches!(of, Of::Fresh | Of::Hash) {
                continue;
            }
            let mut parameters = own(2);
            parameters[place + 1] = value(*of, 1, place);
            attempts.push((parameters, false, format!("{of:?} of another")));
        }
        let mut nobody = own(2);
        nobody[0] = id(0, 9);
        attempts.push((nobody, false, "an agent that is not there".to_owned()));
        for (parameters, allowed, what) in attempts {
            tx.query(&SAVE, vec![]).await.unwrap();
            let answer = tx.query(&statement, parameters).await;
            assert_eq!(answer.is_ok(), allowed, "{table}, {what}: {answer:?}");
            tx.query(&UNDO, vec![]).await.unwrap();
            tx.query(&RELEASE, vec![]).await.unwrap();
        }
    }
}
