-- Artifacts: blobs that people and satellites hand in. The bytes lie in a store of blobs, under the agent
-- and the SHA-256 of what they are; here stands what they are, where, and whose.

CREATE TABLE artifacts (
    agent_id    BYTEA   NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    artifact_id BYTEA   NOT NULL CHECK (octet_length(artifact_id) = 16),
    space_id    BYTEA   NOT NULL,
    device_id   BYTEA,
    -- Two artifacts of an agent may be the same bytes; those of two agents share nothing.
    digest      BYTEA   NOT NULL CHECK (octet_length(digest) = 32),
    -- Salt of the digest that the log holds.
    salt        BYTEA   NOT NULL CHECK (octet_length(salt) = 16),
    size        BIGINT  NOT NULL CHECK (size >= 0),
    media_type  TEXT    NOT NULL CHECK (length(media_type) BETWEEN 3 AND 100),
    -- Sound or moving pictures: whoever is in it consented to being recorded.
    recording   BIGINT  NOT NULL CHECK (recording IN (0, 1)),
    occurred_at BIGINT  NOT NULL,
    ended_at    BIGINT  NOT NULL CHECK (ended_at >= occurred_at),
    created_at  BIGINT  NOT NULL,
    PRIMARY KEY (agent_id, artifact_id),
    FOREIGN KEY (agent_id, space_id) REFERENCES spaces (agent_id, space_id) ON DELETE CASCADE
);

CREATE INDEX artifacts_of_blob ON artifacts (agent_id, digest);
CREATE INDEX artifacts_of_space ON artifacts (agent_id, space_id, artifact_id);

-- Who is in an artifact, and of a recording by which grant.
CREATE TABLE artifact_people (
    agent_id    BYTEA   NOT NULL,
    artifact_id BYTEA   NOT NULL,
    person_id   BYTEA   NOT NULL,
    consent_id  BYTEA   CHECK (octet_length(consent_id) = 16),
    PRIMARY KEY (agent_id, artifact_id, person_id),
    FOREIGN KEY (agent_id, artifact_id) REFERENCES artifacts (agent_id, artifact_id) ON DELETE CASCADE,
    FOREIGN KEY (agent_id, person_id) REFERENCES people (agent_id, person_id) ON DELETE CASCADE
);

CREATE INDEX artifact_people_of_person ON artifact_people (agent_id, person_id);
CREATE INDEX artifact_people_of_consent ON artifact_people (agent_id, consent_id) WHERE consent_id IS NOT NULL;

-- Which events refer to it.
CREATE TABLE artifact_references (
    agent_id    BYTEA   NOT NULL,
    artifact_id BYTEA   NOT NULL,
    seq         BIGINT  NOT NULL,
    PRIMARY KEY (agent_id, artifact_id, seq),
    FOREIGN KEY (agent_id, artifact_id) REFERENCES artifacts (agent_id, artifact_id) ON DELETE CASCADE,
    FOREIGN KEY (agent_id, seq) REFERENCES events (agent_id, seq) ON DELETE CASCADE
);

CREATE INDEX artifact_references_of_event ON artifact_references (agent_id, seq);

-- The store that an agent's blobs lie in, by the name that it gave itself. It outlives the agent, as the
-- log does, so that what an agent left behind is known to be this hub's to remove.
CREATE TABLE artifact_homes (
    agent_id    BYTEA   NOT NULL PRIMARY KEY CHECK (octet_length(agent_id) = 16),
    home        BYTEA   NOT NULL CHECK (octet_length(home) = 16)
);

-- The wall, for these tables too. Their rights come with the schema's default privileges.
DO $$
DECLARE
    place TEXT;
BEGIN
    FOREACH place IN ARRAY ARRAY['artifacts', 'artifact_people', 'artifact_references', 'artifact_homes'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', place);
        EXECUTE format('CREATE POLICY island ON %I USING (agent_id = ANY '
                       '((SELECT nullif(current_setting(''hub.agents'', TRUE), '''')::BYTEA[])::BYTEA[]))', place);
    END LOOP;
END
$$;
