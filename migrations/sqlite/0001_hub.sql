-- The durable truth of a hub. Everything that belongs to an agent carries `agent_id`, and every
-- reference between such rows names it too, so that no row can point across agents.
--
-- Identifiers are 16 bytes, digests 32; times are microseconds since 1970 UTC; JSON is canonical text.

CREATE TABLE agents (
    agent_id    BLOB    NOT NULL PRIMARY KEY CHECK (length(agent_id) = 16),
    -- Short number that prefixes the agent's terms in the full-text index.
    number      INTEGER NOT NULL UNIQUE CHECK (number > 0),
    name        TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    language    TEXT    NOT NULL CHECK (length(language) BETWEEN 2 AND 35),
    planner     TEXT    NOT NULL CHECK (planner IN ('rules', 'openai', 'both')),
    created_at  INTEGER NOT NULL
) STRICT;

-- The log outlives its agent: neither table refers to `agents`.
CREATE TABLE audit_heads (
    agent_id    BLOB    NOT NULL PRIMARY KEY CHECK (length(agent_id) = 16),
    size        INTEGER NOT NULL CHECK (size >= 0),
    hash        BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TABLE audit_entries (
    agent_id    BLOB    NOT NULL CHECK (length(agent_id) = 16),
    seq         INTEGER NOT NULL CHECK (seq > 0),
    entry       TEXT    NOT NULL,
    hash        BLOB    NOT NULL CHECK (length(hash) = 32),
    UNIQUE (agent_id, seq)
) STRICT;

CREATE TABLE spaces (
    agent_id      BLOB    NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    space_id      BLOB    NOT NULL UNIQUE CHECK (length(space_id) = 16),
    name          TEXT    NOT NULL CHECK (length(name) <= 200),
    privacy_mode  INTEGER NOT NULL CHECK (privacy_mode IN (0, 1)),
    created_at    INTEGER NOT NULL,
    deleted_at    INTEGER,
    PRIMARY KEY (agent_id, space_id)
) STRICT;

-- When a space was private. The interval that is open has no end.
CREATE TABLE private_intervals (
    agent_id    BLOB    NOT NULL,
    space_id    BLOB    NOT NULL,
    started_at  INTEGER NOT NULL,
    ended_at    INTEGER CHECK (ended_at IS NULL OR ended_at >= started_at),
    PRIMARY KEY (agent_id, space_id, started_at),
    FOREIGN KEY (agent_id, space_id) REFERENCES spaces (agent_id, space_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX private_intervals_open ON private_intervals (agent_id, space_id) WHERE ended_at IS NULL;

CREATE TABLE people (
    agent_id    BLOB    NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    person_id   BLOB    NOT NULL UNIQUE CHECK (length(person_id) = 16),
    name        TEXT    NOT NULL CHECK (length(name) <= 200),
    created_at  INTEGER NOT NULL,
    deleted_at  INTEGER,
    PRIMARY KEY (agent_id, person_id)
) STRICT;

CREATE TABLE devices (
    agent_id    BLOB    NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    device_id   BLOB    NOT NULL UNIQUE CHECK (length(device_id) = 16),
    name        TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    scopes      TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    revoked_at  INTEGER,
    PRIMARY KEY (agent_id, device_id)
) STRICT;

-- A token is kept as its SHA-256; what was given out cannot be read back.
CREATE TABLE tokens (
    agent_id    BLOB    NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    token_id    BLOB    NOT NULL UNIQUE CHECK (length(token_id) = 16),
    kind        TEXT    NOT NULL CHECK (kind IN ('operator', 'device', 'delegate')),
    name        TEXT    NOT NULL CHECK (length(name) <= 200),
    hash        BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    person_id   BLOB,
    device_id   BLOB,
    role        TEXT    CHECK (role IN ('owner', 'member', 'guest')),
    scopes      TEXT    NOT NULL,
    spaces      TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER,
    revoked_at  INTEGER,
    PRIMARY KEY (agent_id, token_id),
    FOREIGN KEY (agent_id, person_id) REFERENCES people (agent_id, person_id) ON DELETE CASCADE,
    FOREIGN KEY (agent_id, device_id) REFERENCES devices (agent_id, device_id) ON DELETE CASCADE,
    CHECK ((kind = 'operator') = (person_id IS NOT NULL AND role IS NOT NULL)),
    CHECK ((kind = 'device') = (device_id IS NOT NULL)),
    CHECK (kind <> 'delegate' OR expires_at IS NOT NULL)
) STRICT;

CREATE INDEX tokens_of_device ON tokens (agent_id, device_id) WHERE device_id IS NOT NULL;
CREATE INDEX tokens_of_person ON tokens (agent_id, person_id) WHERE person_id IS NOT NULL;

CREATE TABLE consents (
    agent_id    BLOB    NOT NULL,
    consent_id  BLOB    NOT NULL UNIQUE CHECK (length(consent_id) = 16),
    person_id   BLOB    NOT NULL,
    kind        TEXT    NOT NULL CHECK (kind IN ('voice', 'face', 'recording')),
    granted_by  BLOB    NOT NULL CHECK (length(granted_by) = 16),
    granted_at  INTEGER NOT NULL,
    expires_at  INTEGER,
    revoked_at  INTEGER,
    -- What was derived under the grant has been erased after its end.
    erased_at   INTEGER,
    PRIMARY KEY (agent_id, consent_id),
    FOREIGN KEY (agent_id, person_id) REFERENCES people (agent_id, person_id) ON DELETE CASCADE
) STRICT;

CREATE INDEX consents_of_person ON consents (agent_id, person_id, kind);
CREATE INDEX consents_to_erase ON consents (expires_at) WHERE erased_at IS NULL AND expires_at IS NOT NULL;

CREATE TABLE presence (
    agent_id     BLOB    NOT NULL,
    space_id     BLOB    NOT NULL,
    subject      BLOB    NOT NULL CHECK (length(subject) = 16),
    subject_kind TEXT    NOT NULL CHECK (subject_kind IN ('person', 'device')),
    state        TEXT    NOT NULL CHECK (state IN ('present', 'away')),
    -- Since when the state holds without a gap in the reports.
    since        INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL CHECK (expires_at >= updated_at),
    PRIMARY KEY (agent_id, space_id, subject),
    FOREIGN KEY (agent_id, space_id) REFERENCES spaces (agent_id, space_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE event_types (
    agent_id    BLOB    NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    type        TEXT    NOT NULL CHECK (type LIKE 'custom.%' AND length(type) <= 100),
    schema      TEXT    NOT NULL,
    updated_at  INTEGER NOT NULL,
    PRIMARY KEY (agent_id, type)
) STRICT, WITHOUT ROWID;

-- `seq` is the number of the audit entry that recorded the event: the order in which the agent's
-- events were stored. A forgotten event keeps its row without content, so that its id stays known.
CREATE TABLE events (
    agent_id     BLOB    NOT NULL,
    seq          INTEGER NOT NULL CHECK (seq > 0),
    event_id     BLOB    NOT NULL CHECK (length(event_id) = 16),
    space_id     BLOB    NOT NULL,
    type         TEXT    NOT NULL CHECK (length(type) BETWEEN 1 AND 100),
    occurred_at  INTEGER NOT NULL,
    received_at  INTEGER NOT NULL,
    person_id    BLOB,
    device_id    BLOB,
    role         TEXT    CHECK (role IN ('user', 'agent')),
    modality     TEXT    CHECK (modality IN ('text', 'voice')),
    consent_id   BLOB,
    payload      TEXT,
    salt         BLOB    CHECK (length(salt) = 16),
    digest       BLOB    CHECK (length(digest) = 32),
    forgotten_at INTEGER,
    PRIMARY KEY (agent_id, seq),
    UNIQUE (agent_id, event_id),
    FOREIGN KEY (agent_id, space_id) REFERENCES spaces (agent_id, space_id) ON DELETE CASCADE,
    FOREIGN KEY (agent_id, person_id) REFERENCES people (agent_id, person_id) ON DELETE CASCADE,
    CHECK ((forgotten_at IS NULL) = (payload IS NOT NULL)),
    CHECK ((forgotten_at IS NULL) = (salt IS NOT NULL)),
    CHECK ((forgotten_at IS NULL) = (digest IS NOT NULL)),
    CHECK (modality IS NULL OR modality <> 'voice' OR consent_id IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE INDEX events_of_space ON events (agent_id, space_id, seq);
CREATE INDEX events_of_consent ON events (agent_id, consent_id) WHERE consent_id IS NOT NULL;
CREATE INDEX events_of_person ON events (agent_id, person_id) WHERE person_id IS NOT NULL;

-- Work to do. `fence` grows with every lease: what a worker writes counts only while the row
-- carries the fence that the worker was given. A finished row is deleted.
CREATE TABLE queue (
    job_id         INTEGER NOT NULL PRIMARY KEY,
    queue          TEXT    NOT NULL CHECK (queue IN ('index', 'window', 'plan', 'tools')),
    agent_id       BLOB    NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    key            BLOB    NOT NULL CHECK (length(key) = 16),
    state          TEXT    NOT NULL CHECK (state IN ('ready', 'leased', 'dead')),
    available_at   INTEGER NOT NULL,
    enqueued_at    INTEGER NOT NULL,
    attempts       INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    fence          INTEGER NOT NULL DEFAULT 0 CHECK (fence >= 0),
    leased_until   INTEGER,
    worker         TEXT,
    reason         TEXT    CHECK (length(reason) <= 2000),
    dead_letter_id BLOB    UNIQUE CHECK (length(dead_letter_id) = 16),
    UNIQUE (queue, agent_id, key),
    CHECK ((state = 'leased') = (leased_until IS NOT NULL)),
    CHECK ((state = 'dead') = (dead_letter_id IS NOT NULL))
) STRICT;

CREATE INDEX queue_to_claim ON queue (queue, available_at, job_id) WHERE state = 'ready';
CREATE INDEX queue_leased ON queue (queue, leased_until) WHERE state = 'leased';
CREATE INDEX queue_dead ON queue (agent_id, job_id) WHERE state = 'dead';

-- How far the talk of a space has been cut into windows.
CREATE TABLE talk (
    agent_id       BLOB    NOT NULL,
    space_id       BLOB    NOT NULL,
    cut_to_seq     INTEGER NOT NULL CHECK (cut_to_seq >= 0),
    -- Utterances stored since the cut, when the first of them came in, and when the last.
    pending        INTEGER NOT NULL CHECK (pending >= 0),
    pending_since  INTEGER NOT NULL,
    last_at        INTEGER NOT NULL,
    PRIMARY KEY (agent_id, space_id),
    FOREIGN KEY (agent_id, space_id) REFERENCES spaces (agent_id, space_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE windows (
    agent_id    BLOB    NOT NULL,
    window_id   BLOB    NOT NULL UNIQUE CHECK (length(window_id) = 16),
    space_id    BLOB    NOT NULL,
    -- The window holds the talk of the space with after_seq < seq <= to_seq.
    after_seq   INTEGER NOT NULL CHECK (after_seq >= 0),
    to_seq      INTEGER NOT NULL CHECK (to_seq > after_seq),
    state       TEXT    NOT NULL CHECK (state IN ('cut', 'planned', 'dead')),
    cut_at      INTEGER NOT NULL,
    planned_at  INTEGER,
    planner     TEXT,
    PRIMARY KEY (agent_id, window_id),
    UNIQUE (agent_id, space_id, after_seq),
    UNIQUE (agent_id, space_id, to_seq),
    FOREIGN KEY (agent_id, space_id) REFERENCES spaces (agent_id, space_id) ON DELETE CASCADE,
    CHECK ((state = 'planned') = (planned_at IS NOT NULL))
) STRICT;

-- `doc` is the row's number in the full-text index. `derivation` names what the memory was made
-- from and how, so that making it again finds it instead of doubling it.
CREATE TABLE memories (
    doc         INTEGER NOT NULL PRIMARY KEY,
    agent_id    BLOB    NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    memory_id   BLOB    NOT NULL UNIQUE CHECK (length(memory_id) = 16),
    tier        TEXT    NOT NULL CHECK (tier IN ('episodic', 'semantic')),
    content     TEXT    NOT NULL,
    predicate   TEXT,
    space_id    BLOB    NOT NULL,
    person_id   BLOB,
    speaker     TEXT,
    role        TEXT    CHECK (role IN ('user', 'agent')),
    confidence  REAL    CHECK (confidence BETWEEN 0 AND 1),
    -- Place in the talk of the space: the sequence number of the source event.
    seq         INTEGER NOT NULL CHECK (seq >= 0),
    -- Number of terms, and the language in which they were stemmed.
    terms       INTEGER NOT NULL CHECK (terms >= 0),
    language    TEXT    NOT NULL,
    occurred_at INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    derivation  BLOB    NOT NULL CHECK (length(derivation) = 32),
    UNIQUE (agent_id, memory_id),
    UNIQUE (agent_id, derivation),
    FOREIGN KEY (agent_id, space_id) REFERENCES spaces (agent_id, space_id) ON DELETE CASCADE,
    FOREIGN KEY (agent_id, person_id) REFERENCES people (agent_id, person_id) ON DELETE CASCADE
) STRICT;

CREATE INDEX memories_of_talk ON memories (agent_id, space_id, seq) WHERE tier = 'episodic';
CREATE INDEX memories_of_person ON memories (agent_id, person_id) WHERE person_id IS NOT NULL;

CREATE TABLE memory_sources (
    agent_id    BLOB    NOT NULL,
    event_id    BLOB    NOT NULL,
    memory_id   BLOB    NOT NULL,
    PRIMARY KEY (agent_id, event_id, memory_id),
    FOREIGN KEY (agent_id, event_id) REFERENCES events (agent_id, event_id) ON DELETE CASCADE,
    FOREIGN KEY (agent_id, memory_id) REFERENCES memories (agent_id, memory_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX memory_sources_of_memory ON memory_sources (agent_id, memory_id);

-- What ranking needs to know of an agent's memories as a whole.
CREATE TABLE memory_totals (
    agent_id    BLOB    NOT NULL PRIMARY KEY REFERENCES agents (agent_id) ON DELETE CASCADE,
    documents   INTEGER NOT NULL CHECK (documents >= 0),
    terms       INTEGER NOT NULL CHECK (terms >= 0)
) STRICT;

-- Terms are split and stemmed by the core and carry their agent's number, so that no posting list
-- spans agents. No content and no positions are kept; deleted terms leave the pages at once.
CREATE VIRTUAL TABLE memory_terms USING fts5 (
    terms, content = '', columnsize = 0, detail = none, tokenize = 'ascii'
);
INSERT INTO memory_terms (memory_terms, rank) VALUES ('secure-delete', 1);

CREATE TABLE actions (
    agent_id           BLOB    NOT NULL,
    action_id          BLOB    NOT NULL CHECK (length(action_id) = 16),
    space_id           BLOB    NOT NULL,
    state              TEXT    NOT NULL CHECK (state IN ('awaiting_approval', 'approved', 'running', 'done',
                               'failed', 'unknown', 'denied', 'rejected', 'cancelled', 'expired')),
    tool               TEXT    NOT NULL,
    tool_version       TEXT    NOT NULL,
    tool_schema_digest BLOB    NOT NULL CHECK (length(tool_schema_digest) = 32),
    arguments          TEXT    NOT NULL,
    scopes             TEXT    NOT NULL,
    effect             TEXT    NOT NULL CHECK (effect IN ('read', 'internal', 'external')),
    reason             TEXT    NOT NULL,
    proposed_by        TEXT    NOT NULL,
    source_event_ids   TEXT    NOT NULL,
    binding_digest     BLOB    NOT NULL CHECK (length(binding_digest) = 32),
    -- Salt of the digests that the log holds of this action.
    salt               BLOB    NOT NULL CHECK (length(salt) = 16),
    policy_version     INTEGER NOT NULL CHECK (policy_version >= 0),
    expires_at         INTEGER NOT NULL,
    created_at         INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL,
    derivation         BLOB    CHECK (length(derivation) = 32),
    result             TEXT,
    problem            TEXT,
    PRIMARY KEY (agent_id, action_id),
    UNIQUE (agent_id, derivation),
    FOREIGN KEY (agent_id, space_id) REFERENCES spaces (agent_id, space_id) ON DELETE CASCADE
) STRICT;

CREATE INDEX actions_to_expire ON actions (expires_at) WHERE state IN ('awaiting_approval', 'approved');

-- A decision of a person. An approval is consumed by the transaction that starts the run.
CREATE TABLE approvals (
    agent_id       BLOB    NOT NULL,
    action_id      BLOB    NOT NULL,
    person_id      BLOB    NOT NULL,
    decision       TEXT    NOT NULL CHECK (decision IN ('approved', 'rejected')),
    binding_digest BLOB    NOT NULL CHECK (length(binding_digest) = 32),
    decided_at     INTEGER NOT NULL,
    consumed_at    INTEGER,
    PRIMARY KEY (agent_id, action_id, person_id),
    FOREIGN KEY (agent_id, action_id) REFERENCES actions (agent_id, action_id) ON DELETE CASCADE,
    FOREIGN KEY (agent_id, person_id) REFERENCES people (agent_id, person_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- What a tool did to the hub's own tables is keyed by its action: running again finds it.
CREATE TABLE messages (
    agent_id    BLOB    NOT NULL,
    message_id  BLOB    NOT NULL UNIQUE CHECK (length(message_id) = 16),
    action_id   BLOB    NOT NULL,
    space_id    BLOB    NOT NULL,
    device_id   BLOB,
    recipient   TEXT,
    text        TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (agent_id, message_id),
    UNIQUE (agent_id, action_id),
    FOREIGN KEY (agent_id, space_id) REFERENCES spaces (agent_id, space_id) ON DELETE CASCADE,
    FOREIGN KEY (agent_id, device_id) REFERENCES devices (agent_id, device_id) ON DELETE CASCADE
) STRICT;

CREATE INDEX messages_of_space ON messages (agent_id, space_id, message_id);

CREATE TABLE reminders (
    agent_id    BLOB    NOT NULL,
    action_id   BLOB    NOT NULL,
    space_id    BLOB    NOT NULL,
    person_id   BLOB,
    text        TEXT    NOT NULL,
    fire_at     INTEGER NOT NULL,
    event_id    BLOB    NOT NULL CHECK (length(event_id) = 16),
    fired_at    INTEGER,
    PRIMARY KEY (agent_id, action_id),
    FOREIGN KEY (agent_id, space_id) REFERENCES spaces (agent_id, space_id) ON DELETE CASCADE,
    FOREIGN KEY (agent_id, person_id) REFERENCES people (agent_id, person_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX reminders_to_fire ON reminders (fire_at) WHERE fired_at IS NULL;

-- What the planner of statements should expect of a hub that has been used for a while. Without
-- figures it takes an agent for ten rows, and reads all of them to find one by its id.
ANALYZE;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('events', 'sqlite_autoindex_events_1', '1000000 100000 1'),
    ('events', 'sqlite_autoindex_events_2', '1000000 100000 1'),
    ('events', 'events_of_space', '1000000 100000 20000 1'),
    ('events', 'events_of_consent', '100000 100000 1000'),
    ('events', 'events_of_person', '1000000 100000 20000'),
    ('audit_entries', 'sqlite_autoindex_audit_entries_1', '1000000 100000 1'),
    ('memories', 'sqlite_autoindex_memories_1', '1000000 1'),
    ('memories', 'sqlite_autoindex_memories_2', '1000000 100000 1'),
    ('memories', 'sqlite_autoindex_memories_3', '1000000 100000 1'),
    ('memories', 'memories_of_talk', '1000000 100000 20000 1'),
    ('memories', 'memories_of_person', '1000000 100000 20000'),
    ('memory_sources', 'sqlite_autoindex_memory_sources_1', '1000000 100000 2 1'),
    ('memory_sources', 'memory_sources_of_memory', '1000000 100000 2 1'),
    ('queue', 'sqlite_autoindex_queue_2', '100000 30000 10000 1'),
    ('queue', 'queue_to_claim', '100000 30000 2 1'),
    ('queue', 'queue_leased', '1000 300 2'),
    ('queue', 'queue_dead', '1000 100 1'),
    ('actions', 'sqlite_autoindex_actions_1', '100000 10000 1'),
    ('actions', 'sqlite_autoindex_actions_2', '100000 10000 1'),
    ('actions', 'actions_to_expire', '1000 2'),
    ('messages', 'messages_of_space', '100000 10000 1000 1');
ANALYZE sqlite_schema;
