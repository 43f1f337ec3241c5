-- The durable truth of a hub. Everything that belongs to an agent carries `agent_id`, and every
-- reference between such rows names it too, so that no row can point across agents.
--
-- Identifiers are 16 bytes, digests 32; times are microseconds since 1970 UTC; JSON is canonical text.
--
-- Flags and counts are BIGINT as well: every statement is shared with SQLite, which has one type of
-- integer. Text that a list is ordered by is compared byte by byte, as SQLite does (COLLATE "C").
--
-- This is the layout to which version 2 brought SQLite: PostgreSQL never had the one before.

CREATE TABLE agents (
    agent_id    BYTEA   NOT NULL PRIMARY KEY CHECK (octet_length(agent_id) = 16),
    -- Short number that prefixes the agent's terms in the full-text index.
    number      BIGINT  NOT NULL UNIQUE CHECK (number > 0),
    name        TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    language    TEXT    NOT NULL CHECK (length(language) BETWEEN 2 AND 35),
    planner     TEXT    NOT NULL CHECK (planner IN ('rules', 'openai', 'both')),
    created_at  BIGINT  NOT NULL
);

-- The log outlives its agent: neither table refers to `agents`.
CREATE TABLE audit_heads (
    agent_id    BYTEA   NOT NULL PRIMARY KEY CHECK (octet_length(agent_id) = 16),
    size        BIGINT  NOT NULL CHECK (size >= 0),
    hash        BYTEA   NOT NULL CHECK (octet_length(hash) = 32)
);

CREATE TABLE audit_entries (
    -- The order in which rows were written, as SQLite has it by itself: a log is verified in it.
    rowid       BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    agent_id    BYTEA   NOT NULL CHECK (octet_length(agent_id) = 16),
    seq         BIGINT  NOT NULL CHECK (seq > 0),
    entry       TEXT    NOT NULL,
    hash        BYTEA   NOT NULL CHECK (octet_length(hash) = 32),
    UNIQUE (agent_id, seq)
);

CREATE TABLE spaces (
    agent_id      BYTEA   NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    space_id      BYTEA   NOT NULL UNIQUE CHECK (octet_length(space_id) = 16),
    name          TEXT    NOT NULL CHECK (length(name) <= 200),
    privacy_mode  BIGINT  NOT NULL CHECK (privacy_mode IN (0, 1)),
    created_at    BIGINT  NOT NULL,
    deleted_at    BIGINT,
    PRIMARY KEY (agent_id, space_id)
);

-- When a space was private. The interval that is open has no end.
CREATE TABLE private_intervals (
    agent_id    BYTEA   NOT NULL,
    space_id    BYTEA   NOT NULL,
    started_at  BIGINT  NOT NULL,
    ended_at    BIGINT  CHECK (ended_at IS NULL OR ended_at >= started_at),
    PRIMARY KEY (agent_id, space_id, started_at),
    FOREIGN KEY (agent_id, space_id) REFERENCES spaces (agent_id, space_id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX private_intervals_open ON private_intervals (agent_id, space_id) WHERE ended_at IS NULL;

CREATE TABLE people (
    agent_id    BYTEA   NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    person_id   BYTEA   NOT NULL UNIQUE CHECK (octet_length(person_id) = 16),
    name        TEXT    NOT NULL CHECK (length(name) <= 200),
    created_at  BIGINT  NOT NULL,
    deleted_at  BIGINT,
    PRIMARY KEY (agent_id, person_id)
);

CREATE TABLE devices (
    agent_id    BYTEA   NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    device_id   BYTEA   NOT NULL UNIQUE CHECK (octet_length(device_id) = 16),
    name        TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    scopes      TEXT    NOT NULL,
    created_at  BIGINT  NOT NULL,
    revoked_at  BIGINT,
    PRIMARY KEY (agent_id, device_id)
);

-- A token is kept as its SHA-256; what was given out cannot be read back.
CREATE TABLE tokens (
    agent_id    BYTEA   NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    token_id    BYTEA   NOT NULL UNIQUE CHECK (octet_length(token_id) = 16),
    kind        TEXT    NOT NULL CHECK (kind IN ('operator', 'device', 'delegate')),
    name        TEXT    NOT NULL CHECK (length(name) <= 200),
    hash        BYTEA   NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    person_id   BYTEA,
    device_id   BYTEA,
    role        TEXT    CHECK (role IN ('owner', 'member', 'guest')),
    scopes      TEXT    NOT NULL,
    spaces      TEXT    NOT NULL,
    created_at  BIGINT  NOT NULL,
    expires_at  BIGINT,
    revoked_at  BIGINT,
    PRIMARY KEY (agent_id, token_id),
    FOREIGN KEY (agent_id, person_id) REFERENCES people (agent_id, person_id) ON DELETE CASCADE,
    FOREIGN KEY (agent_id, device_id) REFERENCES devices (agent_id, device_id) ON DELETE CASCADE,
    CHECK ((kind = 'operator') = (person_id IS NOT NULL AND role IS NOT NULL)),
    CHECK ((kind = 'device') = (device_id IS NOT NULL)),
    CHECK (kind <> 'delegate' OR expires_at IS NOT NULL)
);

CREATE INDEX tokens_of_device ON tokens (agent_id, device_id) WHERE device_id IS NOT NULL;
CREATE INDEX tokens_of_person ON tokens (agent_id, person_id) WHERE person_id IS NOT NULL;

CREATE TABLE consents (
    agent_id    BYTEA   NOT NULL,
    consent_id  BYTEA   NOT NULL UNIQUE CHECK (octet_length(consent_id) = 16),
    person_id   BYTEA   NOT NULL,
    kind        TEXT    NOT NULL CHECK (kind IN ('voice', 'face', 'recording')),
    granted_by  BYTEA   NOT NULL CHECK (octet_length(granted_by) = 16),
    granted_at  BIGINT  NOT NULL,
    expires_at  BIGINT,
    revoked_at  BIGINT,
    -- What was derived under the grant has been erased after its end.
    erased_at   BIGINT,
    PRIMARY KEY (agent_id, consent_id),
    FOREIGN KEY (agent_id, person_id) REFERENCES people (agent_id, person_id) ON DELETE CASCADE
);

CREATE INDEX consents_of_person ON consents (agent_id, person_id, kind);
CREATE INDEX consents_to_erase ON consents (expires_at) WHERE erased_at IS NULL AND expires_at IS NOT NULL;

CREATE TABLE presence (
    agent_id     BYTEA   NOT NULL,
    space_id     BYTEA   NOT NULL,
    subject      BYTEA   NOT NULL CHECK (octet_length(subject) = 16),
    subject_kind TEXT    NOT NULL CHECK (subject_kind IN ('person', 'device')),
    state        TEXT    NOT NULL CHECK (state IN ('present', 'away')),
    -- Since when the state holds without a gap in the reports.
    since        BIGINT  NOT NULL,
    updated_at   BIGINT  NOT NULL,
    expires_at   BIGINT  NOT NULL CHECK (expires_at >= updated_at),
    PRIMARY KEY (agent_id, space_id, subject),
    FOREIGN KEY (agent_id, space_id) REFERENCES spaces (agent_id, space_id) ON DELETE CASCADE
);

CREATE TABLE event_types (
    agent_id    BYTEA   NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    type        TEXT    COLLATE "C" NOT NULL CHECK (type LIKE 'custom.%' AND length(type) <= 100),
    schema      TEXT    NOT NULL,
    updated_at  BIGINT  NOT NULL,
    PRIMARY KEY (agent_id, type)
);

-- `seq` is the number of the audit entry that recorded the event: the order in which the agent's
-- events were stored. A forgotten event keeps its row without content, so that its id stays known.
CREATE TABLE events (
    agent_id     BYTEA   NOT NULL,
    seq          BIGINT  NOT NULL CHECK (seq > 0),
    event_id     BYTEA   NOT NULL CHECK (octet_length(event_id) = 16),
    space_id     BYTEA   NOT NULL,
    type         TEXT    NOT NULL CHECK (length(type) BETWEEN 1 AND 100),
    occurred_at  BIGINT  NOT NULL,
    received_at  BIGINT  NOT NULL,
    person_id    BYTEA,
    device_id    BYTEA,
    role         TEXT    CHECK (role IN ('user', 'agent')),
    modality     TEXT    CHECK (modality IN ('text', 'voice')),
    consent_id   BYTEA,
    payload      TEXT,
    salt         BYTEA   CHECK (octet_length(salt) = 16),
    digest       BYTEA   CHECK (octet_length(digest) = 32),
    forgotten_at BIGINT,
    PRIMARY KEY (agent_id, seq),
    UNIQUE (agent_id, event_id),
    FOREIGN KEY (agent_id, space_id) REFERENCES spaces (agent_id, space_id) ON DELETE CASCADE,
    FOREIGN KEY (agent_id, person_id) REFERENCES people (agent_id, person_id) ON DELETE CASCADE,
    CHECK ((forgotten_at IS NULL) = (payload IS NOT NULL)),
    CHECK ((forgotten_at IS NULL) = (salt IS NOT NULL)),
    CHECK ((forgotten_at IS NULL) = (digest IS NOT NULL)),
    CHECK (modality IS NULL OR modality <> 'voice' OR consent_id IS NOT NULL)
);

CREATE INDEX events_of_space ON events (agent_id, space_id, seq);
CREATE INDEX events_of_consent ON events (agent_id, consent_id) WHERE consent_id IS NOT NULL;

-- Work to do. `fence` grows with every lease: what a worker writes counts only while the row
-- carries the fence that the worker was given. A finished row is deleted.
CREATE TABLE queue (
    job_id         BIGINT  GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    queue          TEXT    NOT NULL CHECK (queue IN ('index', 'window', 'plan', 'tools')),
    agent_id       BYTEA   NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    key            BYTEA   NOT NULL CHECK (octet_length(key) = 16),
    state          TEXT    NOT NULL CHECK (state IN ('ready', 'leased', 'dead')),
    available_at   BIGINT  NOT NULL,
    enqueued_at    BIGINT  NOT NULL,
    attempts       BIGINT  NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    fence          BIGINT  NOT NULL DEFAULT 0 CHECK (fence >= 0),
    leased_until   BIGINT,
    worker         TEXT,
    reason         TEXT    CHECK (length(reason) <= 2000),
    dead_letter_id BYTEA   UNIQUE CHECK (octet_length(dead_letter_id) = 16),
    UNIQUE (queue, agent_id, key),
    CHECK ((state = 'leased') = (leased_until IS NOT NULL)),
    CHECK ((state = 'dead') = (dead_letter_id IS NOT NULL))
);

CREATE INDEX queue_to_claim ON queue (queue, available_at, job_id) WHERE state = 'ready';
CREATE INDEX queue_leased ON queue (queue, leased_until) WHERE state = 'leased';
CREATE INDEX queue_dead ON queue (agent_id, job_id) WHERE state = 'dead';

-- How far the talk of a space has been cut into windows.
CREATE TABLE talk (
    agent_id       BYTEA   NOT NULL,
    space_id       BYTEA   NOT NULL,
    cut_to_seq     BIGINT  NOT NULL CHECK (cut_to_seq >= 0),
    -- Utterances stored since the cut, when the first of them came in, and when the last.
    pending        BIGINT  NOT NULL CHECK (pending >= 0),
    pending_since  BIGINT  NOT NULL,
    last_at        BIGINT  NOT NULL,
    PRIMARY KEY (agent_id, space_id),
    FOREIGN KEY (agent_id, space_id) REFERENCES spaces (agent_id, space_id) ON DELETE CASCADE
);

CREATE TABLE windows (
    agent_id    BYTEA   NOT NULL,
    window_id   BYTEA   NOT NULL UNIQUE CHECK (octet_length(window_id) = 16),
    space_id    BYTEA   NOT NULL,
    -- The window holds the talk of the space with after_seq < seq <= to_seq.
    after_seq   BIGINT  NOT NULL CHECK (after_seq >= 0),
    to_seq      BIGINT  NOT NULL CHECK (to_seq > after_seq),
    state       TEXT    NOT NULL CHECK (state IN ('cut', 'planned', 'dead')),
    cut_at      BIGINT  NOT NULL,
    planned_at  BIGINT,
    planner     TEXT,
    PRIMARY KEY (agent_id, window_id),
    UNIQUE (agent_id, space_id, after_seq),
    UNIQUE (agent_id, space_id, to_seq),
    FOREIGN KEY (agent_id, space_id) REFERENCES spaces (agent_id, space_id) ON DELETE CASCADE,
    CHECK ((state = 'planned') = (planned_at IS NOT NULL))
);

-- `doc` is the row's number in the full-text index. An episode is known by its place in the talk; only
-- what was derived otherwise has a derivation.
CREATE TABLE memories (
    doc         BIGINT  GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    agent_id    BYTEA   NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    memory_id   BYTEA   NOT NULL CHECK (octet_length(memory_id) = 16),
    tier        TEXT    NOT NULL CHECK (tier IN ('episodic', 'semantic')),
    content     TEXT    NOT NULL,
    predicate   TEXT,
    space_id    BYTEA   NOT NULL,
    person_id   BYTEA,
    speaker     TEXT,
    role        TEXT    CHECK (role IN ('user', 'agent')),
    confidence  DOUBLE PRECISION CHECK (confidence BETWEEN 0 AND 1),
    -- Place in the talk of the space: the sequence number of the (last) source event.
    seq         BIGINT  NOT NULL CHECK (seq >= 0),
    -- Number of terms, and the language in which they were stemmed.
    terms       BIGINT  NOT NULL CHECK (terms >= 0),
    language    TEXT    NOT NULL,
    occurred_at BIGINT  NOT NULL,
    created_at  BIGINT  NOT NULL,
    -- Names what a memory was made from and how, so that making it again finds it.
    derivation  BYTEA   CHECK (octet_length(derivation) = 32),
    UNIQUE (agent_id, memory_id),
    FOREIGN KEY (agent_id, space_id) REFERENCES spaces (agent_id, space_id) ON DELETE CASCADE,
    FOREIGN KEY (agent_id, person_id) REFERENCES people (agent_id, person_id) ON DELETE CASCADE,
    CHECK ((tier = 'episodic') = (derivation IS NULL))
);

-- Sources by their place in the log, which grows as memories do.
CREATE TABLE memory_sources (
    agent_id    BYTEA   NOT NULL,
    memory_id   BYTEA   NOT NULL,
    seq         BIGINT  NOT NULL,
    PRIMARY KEY (agent_id, memory_id, seq),
    FOREIGN KEY (agent_id, seq) REFERENCES events (agent_id, seq) ON DELETE CASCADE,
    FOREIGN KEY (agent_id, memory_id) REFERENCES memories (agent_id, memory_id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX memories_of_talk ON memories (agent_id, space_id, seq) WHERE tier = 'episodic';
CREATE UNIQUE INDEX memories_derived ON memories (agent_id, derivation) WHERE derivation IS NOT NULL;
CREATE INDEX memories_of_person ON memories (agent_id, person_id) WHERE person_id IS NOT NULL;
CREATE INDEX memory_sources_of_event ON memory_sources (agent_id, seq);

-- What ranking needs to know of an agent's memories as a whole.
CREATE TABLE memory_totals (
    agent_id    BYTEA   NOT NULL PRIMARY KEY REFERENCES agents (agent_id) ON DELETE CASCADE,
    documents   BIGINT  NOT NULL CHECK (documents >= 0),
    terms       BIGINT  NOT NULL CHECK (terms >= 0)
);

-- Terms are split and stemmed by the core and carry their agent's number, so that no posting list
-- spans agents. No content and no positions are kept. A document is taken out by its terms, which
-- the primary key finds.
CREATE TABLE memory_terms (
    term        TEXT    COLLATE "C" NOT NULL,
    doc         BIGINT  NOT NULL,
    PRIMARY KEY (term, doc)
);

CREATE TABLE actions (
    agent_id           BYTEA   NOT NULL,
    action_id          BYTEA   NOT NULL CHECK (octet_length(action_id) = 16),
    space_id           BYTEA   NOT NULL,
    state              TEXT    NOT NULL CHECK (state IN ('awaiting_approval', 'approved', 'running', 'done',
                               'failed', 'unknown', 'denied', 'rejected', 'cancelled', 'expired')),
    tool               TEXT    NOT NULL,
    tool_version       TEXT    NOT NULL,
    tool_schema_digest BYTEA   NOT NULL CHECK (octet_length(tool_schema_digest) = 32),
    arguments          TEXT    NOT NULL,
    scopes             TEXT    NOT NULL,
    effect             TEXT    NOT NULL CHECK (effect IN ('read', 'internal', 'external')),
    reason             TEXT    NOT NULL,
    proposed_by        TEXT    NOT NULL,
    source_event_ids   TEXT    NOT NULL,
    binding_digest     BYTEA   NOT NULL CHECK (octet_length(binding_digest) = 32),
    -- Salt of the digests that the log holds of this action.
    salt               BYTEA   NOT NULL CHECK (octet_length(salt) = 16),
    policy_version     BIGINT  NOT NULL CHECK (policy_version >= 0),
    expires_at         BIGINT  NOT NULL,
    created_at         BIGINT  NOT NULL,
    updated_at         BIGINT  NOT NULL,
    derivation         BYTEA   CHECK (octet_length(derivation) = 32),
    result             TEXT,
    problem            TEXT,
    PRIMARY KEY (agent_id, action_id),
    UNIQUE (agent_id, derivation),
    FOREIGN KEY (agent_id, space_id) REFERENCES spaces (agent_id, space_id) ON DELETE CASCADE
);

CREATE INDEX actions_to_expire ON actions (expires_at) WHERE state IN ('awaiting_approval', 'approved');

-- A decision of a person. An approval is consumed by the transaction that starts the run.
CREATE TABLE approvals (
    agent_id       BYTEA   NOT NULL,
    action_id      BYTEA   NOT NULL,
    person_id      BYTEA   NOT NULL,
    decision       TEXT    NOT NULL CHECK (decision IN ('approved', 'rejected')),
    binding_digest BYTEA   NOT NULL CHECK (octet_length(binding_digest) = 32),
    decided_at     BIGINT  NOT NULL,
    consumed_at    BIGINT,
    PRIMARY KEY (agent_id, action_id, person_id),
    FOREIGN KEY (agent_id, action_id) REFERENCES actions (agent_id, action_id) ON DELETE CASCADE,
    FOREIGN KEY (agent_id, person_id) REFERENCES people (agent_id, person_id) ON DELETE CASCADE
);

-- What a tool did to the hub's own tables is keyed by its action: running again finds it.
CREATE TABLE messages (
    agent_id    BYTEA   NOT NULL,
    message_id  BYTEA   NOT NULL UNIQUE CHECK (octet_length(message_id) = 16),
    action_id   BYTEA   NOT NULL,
    space_id    BYTEA   NOT NULL,
    device_id   BYTEA,
    recipient   TEXT,
    text        TEXT    NOT NULL,
    created_at  BIGINT  NOT NULL,
    PRIMARY KEY (agent_id, message_id),
    UNIQUE (agent_id, action_id),
    FOREIGN KEY (agent_id, space_id) REFERENCES spaces (agent_id, space_id) ON DELETE CASCADE,
    FOREIGN KEY (agent_id, device_id) REFERENCES devices (agent_id, device_id) ON DELETE CASCADE
);

CREATE INDEX messages_of_space ON messages (agent_id, space_id, message_id);

CREATE TABLE reminders (
    agent_id    BYTEA   NOT NULL,
    action_id   BYTEA   NOT NULL,
    space_id    BYTEA   NOT NULL,
    person_id   BYTEA,
    text        TEXT    NOT NULL,
    fire_at     BIGINT  NOT NULL,
    event_id    BYTEA   NOT NULL CHECK (octet_length(event_id) = 16),
    fired_at    BIGINT,
    PRIMARY KEY (agent_id, action_id),
    FOREIGN KEY (agent_id, space_id) REFERENCES spaces (agent_id, space_id) ON DELETE CASCADE,
    FOREIGN KEY (agent_id, person_id) REFERENCES people (agent_id, person_id) ON DELETE CASCADE
);

CREATE INDEX reminders_to_fire ON reminders (fire_at) WHERE fired_at IS NULL;
