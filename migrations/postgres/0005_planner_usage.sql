-- What models were asked for an agent, and what it cost, by the day of UTC: days since 1970.

CREATE TABLE planner_usage (
    agent_id      BYTEA   NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    day           BIGINT  NOT NULL,
    planner       TEXT    NOT NULL CHECK (length(planner) BETWEEN 1 AND 64),
    requests      BIGINT  NOT NULL CHECK (requests >= 0),
    input_tokens  BIGINT  NOT NULL CHECK (input_tokens >= 0),
    output_tokens BIGINT  NOT NULL CHECK (output_tokens >= 0),
    PRIMARY KEY (agent_id, day, planner)
);

-- The wall, for this table too. Its rights come with the schema's default privileges.
ALTER TABLE planner_usage ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY island ON planner_usage USING (agent_id = ANY
    ((SELECT nullif(current_setting('hub.agents', TRUE), '')::BYTEA[])::BYTEA[]));
