//! What there is to copy. A test compares the list with both schemas, so that a new table or column
//! cannot be forgotten.

/// A table of the hub. Its first column, or one of its key, is `agent_id`: each row belongs to one agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// What names a row among those of its agent: the order of reading and writing.
    pub key: &'static [&'static str],
    /// The type of each column, a letter each, as [`crate::store::BulkInsert`] names them.
    pub types: &'static str,
    /// Its columns.
    pub columns: &'static [&'static str],
    /// Table and columns as an insert names them.
    pub(super) into: &'static str,
}

impl Table {
    /// The place of a column in [`Table::columns`].
    pub(super) fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| *name == column)
    }
}

/// What is not copied but made again: the full-text index, from what the memories say, and the steps of
/// the schema, which the destination takes by itself.
pub const REBUILT: [&str; 2] = ["memory_terms", "schema_migrations"];

macro_rules! tables {
    ($($name:ident by ($($key:ident),+) of $types:literal: $first:ident $(, $column:ident)*;)+) => {
        &[$(Table {
            name: stringify!($name),
            key: &[$(stringify!($key)),+],
            types: $types,
            columns: &[stringify!($first) $(, stringify!($column))*],
            into: concat!(stringify!($name), " (", stringify!($first) $(, ", ", stringify!($column))*, ")"),
        }),+]
    };
}

/// Every table, none before one that its rows refer to. The log stands first: whatever else is there, it
/// tells of it. The number that a row of the log has by itself is not copied; rows of an agent keep their
/// order.
const TABLES: &[Table] = tables! {
    audit_entries by (seq) of "bitb": agent_id, seq, entry, hash;
    audit_heads by (agent_id) of "bib": agent_id, size, hash;
    agents by (agent_id) of "bittti": agent_id, number, name, language, planner, created_at;
    spaces by (space_id) of "bbtiii": agent_id, space_id, name, privacy_mode, created_at, deleted_at;
    private_intervals by (space_id, started_at) of "bbii": agent_id, space_id, started_at, ended_at;
    people by (person_id) of "bbtii": agent_id, person_id, name, created_at, deleted_at;
    devices by (device_id) of "bbttii": agent_id, device_id, name, scopes, created_at, revoked_at;
    tokens by (token_id) of "bbttbbbtttiii":
        agent_id, token_id, kind, name, hash, person_id, device_id, role, scopes, spaces,
        created_at, expires_at, revoked_at;
    consents by (consent_id) of "bbbtbiiii":
        agent_id, consent_id, person_id, kind, granted_by, granted_at, expires_at, revoked_at,
        erased_at;
    presence by (space_id, subject) of "bbbttiii":
        agent_id, space_id, subject, subject_kind, state, since, updated_at, expires_at;
    event_types by (type) of "btti": agent_id, type, schema, updated_at;
    events by (seq) of "bibbtiibbttbtbbi":
        agent_id, seq, event_id, space_id, type, occurred_at, received_at, person_id, device_id,
        role, modality, consent_id, payload, salt, digest, forgotten_at;
    queue by (job_id) of "itbbtiiiiittb":
        job_id, queue, agent_id, key, state, available_at, enqueued_at, attempts, fence,
        leased_until, worker, reason, dead_letter_id;
    talk by (space_id) of "bbiiii": agent_id, space_id, cut_to_seq, pending, pending_since, last_at;
    talk_traces by (space_id, first_seq) of "bbiib": agent_id, space_id, first_seq, last_seq, context;
    windows by (window_id) of "bbbiitiit":
        agent_id, window_id, space_id, after_seq, to_seq, state, cut_at, planned_at, planner;
    memories by (memory_id) of "ibbtttbbttriitiib":
        doc, agent_id, memory_id, tier, content, predicate, space_id, person_id, speaker, role,
        confidence, seq, terms, language, occurred_at, created_at, derivation;
    memory_sources by (memory_id, seq) of "bbi": agent_id, memory_id, seq;
    memory_totals by (agent_id) of "bii": agent_id, documents, terms;
    actions by (action_id) of "bbbtttbttttttbbiiiibttb":
        agent_id, action_id, space_id, state, tool, tool_version, tool_schema_digest, arguments,
        scopes, effect, reason, proposed_by, source_event_ids, binding_digest, salt, policy_version,
        expires_at, created_at, updated_at, derivation, result, problem, trace_context;
    approvals by (action_id, person_id) of "bbbtbii":
        agent_id, action_id, person_id, decision, binding_digest, decided_at, consumed_at;
    messages by (message_id) of "bbbbbtti":
        agent_id, message_id, action_id, space_id, device_id, recipient, text, created_at;
    planner_usage by (day, planner) of "bitiii":
        agent_id, day, planner, requests, input_tokens, output_tokens;
    reminders by (action_id) of "bbbbtibi":
        agent_id, action_id, space_id, person_id, text, fire_at, event_id, fired_at;
    artifact_homes by (agent_id) of "bb": agent_id, home;
    artifacts by (artifact_id) of "bbbbbbitiiii":
        agent_id, artifact_id, space_id, device_id, digest, salt, size, media_type, recording,
        occurred_at, ended_at, created_at;
    artifact_people by (artifact_id, person_id) of "bbbb": agent_id, artifact_id, person_id, consent_id;
    artifact_references by (artifact_id, seq) of "bbi": agent_id, artifact_id, seq;
};

/// Every table that is copied, in the order in which it is.
#[must_use]
pub fn tables() -> &'static [Table] {
    TABLES
}

/// Columns whose values PostgreSQL gives by itself unless they are given: it goes on behind these.
pub(super) const NUMBERED: [(&str, &str); 3] =
    [("agents", "number"), ("queue", "job_id"), ("memories", "doc")];
