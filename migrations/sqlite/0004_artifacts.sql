-- Artifacts: blobs that people and satellites hand in. The bytes lie in a store of blobs, under the agent
-- and the SHA-256 of what they are; here stands what they are, where, and whose.

CREATE TABLE artifacts (
    agent_id    BLOB    NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    artifact_id BLOB    NOT NULL CHECK (length(artifact_id) = 16),
    space_id    BLOB    NOT NULL,
    device_id   BLOB,
    -- Two artifacts of an agent may be the same bytes; those of two agents share nothing.
    digest      BLOB    NOT NULL CHECK (length(digest) = 32),
    -- Salt of the digest that the log holds.
    salt        BLOB    NOT NULL CHECK (length(salt) = 16),
    size        INTEGER NOT NULL CHECK (size >= 0),
    media_type  TEXT    NOT NULL CHECK (length(media_type) BETWEEN 3 AND 100),
    -- Sound or moving pictures: whoever is in it consented to being recorded.
    recording   INTEGER NOT NULL CHECK (recording IN (0, 1)),
    occurred_at INTEGER NOT NULL,
    ended_at    INTEGER NOT NULL CHECK (ended_at >= occurred_at),
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (agent_id, artifact_id),
    FOREIGN KEY (agent_id, space_id) REFERENCES spaces (agent_id, space_id) ON DELETE CASCADE
) STRICT;

CREATE INDEX artifacts_of_blob ON artifacts (agent_id, digest);
CREATE INDEX artifacts_of_space ON artifacts (agent_id, space_id, artifact_id);

-- Who is in an artifact, and of a recording by which grant.
CREATE TABLE artifact_people (
    agent_id    BLOB    NOT NULL,
    artifact_id BLOB    NOT NULL,
    person_id   BLOB    NOT NULL,
    consent_id  BLOB    CHECK (length(consent_id) = 16),
    PRIMARY KEY (agent_id, artifact_id, person_id),
    FOREIGN KEY (agent_id, artifact_id) REFERENCES artifacts (agent_id, artifact_id) ON DELETE CASCADE,
    FOREIGN KEY (agent_id, person_id) REFERENCES people (agent_id, person_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX artifact_people_of_person ON artifact_people (agent_id, person_id);
CREATE INDEX artifact_people_of_consent ON artifact_people (agent_id, consent_id) WHERE consent_id IS NOT NULL;

-- Which events refer to it.
CREATE TABLE artifact_references (
    agent_id    BLOB    NOT NULL,
    artifact_id BLOB    NOT NULL,
    seq         INTEGER NOT NULL,
    PRIMARY KEY (agent_id, artifact_id, seq),
    FOREIGN KEY (agent_id, artifact_id) REFERENCES artifacts (agent_id, artifact_id) ON DELETE CASCADE,
    FOREIGN KEY (agent_id, seq) REFERENCES events (agent_id, seq) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX artifact_references_of_event ON artifact_references (agent_id, seq);

-- The store that an agent's blobs lie in, by the name that it gave itself. It outlives the agent, as the
-- log does, so that what an agent left behind is known to be this hub's to remove.
CREATE TABLE artifact_homes (
    agent_id    BLOB    NOT NULL PRIMARY KEY CHECK (length(agent_id) = 16),
    home        BLOB    NOT NULL CHECK (length(home) = 16)
) STRICT;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('artifacts', 'sqlite_autoindex_artifacts_1', '100000 10000 1'),
    ('artifacts', 'artifacts_of_blob', '100000 10000 1'),
    ('artifacts', 'artifacts_of_space', '100000 10000 2000 1'),
    ('artifact_people', 'artifact_people_of_person', '100000 10000 2000'),
    ('artifact_people', 'artifact_people_of_consent', '100000 10000 2000'),
    ('artifact_references', 'artifact_references_of_event', '100000 10000 1');
ANALYZE sqlite_schema;
