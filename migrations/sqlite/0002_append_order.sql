-- Rows go where the last ones went. A page that a commit touches is written twice, to the log and to
-- the database, so an index whose keys are random costs a page for each row. What is left of those is
-- the index by `event_id`, whose values callers choose.

-- A job of the index stage covers a stretch of the agent's log, first and last sequence number in
-- eight bytes each; it was one number.
UPDATE queue SET key = unhex(substr(hex(key), 17) || substr(hex(key), 17)) WHERE queue = 'index';

-- Looking for what one person said reads the agent's events in their order: it is done once in a
-- person's life, and the index was written for each event.
DROP INDEX events_of_person;

-- An episode is known by its place in the talk; only what was derived otherwise has a derivation.
CREATE TABLE memories_in_order (
    doc         INTEGER NOT NULL PRIMARY KEY,
    agent_id    BLOB    NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    memory_id   BLOB    NOT NULL CHECK (length(memory_id) = 16),
    tier        TEXT    NOT NULL CHECK (tier IN ('episodic', 'semantic')),
    content     TEXT    NOT NULL,
    predicate   TEXT,
    space_id    BLOB    NOT NULL,
    person_id   BLOB,
    speaker     TEXT,
    role        TEXT    CHECK (role IN ('user', 'agent')),
    confidence  REAL    CHECK (confidence BETWEEN 0 AND 1),
    -- Place in the talk of the space: the sequence number of the (last) source event.
    seq         INTEGER NOT NULL CHECK (seq >= 0),
    -- Number of terms, and the language in which they were stemmed.
    terms       INTEGER NOT NULL CHECK (terms >= 0),
    language    TEXT    NOT NULL,
    occurred_at INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    -- Names what a memory was made from and how, so that making it again finds it.
    derivation  BLOB    CHECK (length(derivation) = 32),
    UNIQUE (agent_id, memory_id),
    FOREIGN KEY (agent_id, space_id) REFERENCES spaces (agent_id, space_id) ON DELETE CASCADE,
    FOREIGN KEY (agent_id, person_id) REFERENCES people (agent_id, person_id) ON DELETE CASCADE,
    CHECK ((tier = 'episodic') = (derivation IS NULL))
) STRICT;

INSERT INTO memories_in_order
SELECT doc, agent_id, memory_id, tier, content, predicate, space_id, person_id, speaker, role, confidence, seq,
       terms, language, occurred_at, created_at, CASE WHEN tier = 'semantic' THEN derivation END
FROM memories;

-- Sources by their place in the log, which grows as memories do.
CREATE TABLE memory_sources_in_order (
    agent_id    BLOB    NOT NULL,
    memory_id   BLOB    NOT NULL,
    seq         INTEGER NOT NULL,
    PRIMARY KEY (agent_id, memory_id, seq),
    FOREIGN KEY (agent_id, seq) REFERENCES events (agent_id, seq) ON DELETE CASCADE,
    FOREIGN KEY (agent_id, memory_id) REFERENCES memories_in_order (agent_id, memory_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

INSERT INTO memory_sources_in_order
SELECT s.agent_id, s.memory_id, e.seq FROM memory_sources s
JOIN events e ON e.agent_id = s.agent_id AND e.event_id = s.event_id;

DROP TABLE memory_sources;
DROP TABLE memories;
ALTER TABLE memories_in_order RENAME TO memories;
ALTER TABLE memory_sources_in_order RENAME TO memory_sources;

CREATE UNIQUE INDEX memories_of_talk ON memories (agent_id, space_id, seq) WHERE tier = 'episodic';
CREATE UNIQUE INDEX memories_derived ON memories (agent_id, derivation) WHERE derivation IS NOT NULL;
CREATE INDEX memories_of_person ON memories (agent_id, person_id) WHERE person_id IS NOT NULL;
CREATE INDEX memory_sources_of_event ON memory_sources (agent_id, seq);

DELETE FROM sqlite_stat1 WHERE tbl IN ('memories', 'memory_sources') OR idx = 'events_of_person';
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('memories', 'sqlite_autoindex_memories_1', '1000000 100000 1'),
    ('memories', 'memories_of_talk', '1000000 100000 20000 1'),
    ('memories', 'memories_derived', '100000 10000 1'),
    ('memories', 'memories_of_person', '1000000 100000 20000'),
    ('memory_sources', 'sqlite_autoindex_memory_sources_1', '1000000 100000 1 1'),
    ('memory_sources', 'memory_sources_of_event', '1000000 100000 2');
ANALYZE sqlite_schema;
