-- From where work goes on in the trace that it began in (W3C Trace Context): trace, span and flags in 25 bytes.
-- Only a hub that records traces writes them.

-- By which requests the talk of a space came in: a row for each, not one for each event. What is older than
-- 100,000 entries of the log is let go of.
CREATE TABLE talk_traces (
    agent_id    BYTEA   NOT NULL,
    space_id    BYTEA   NOT NULL,
    -- Its utterances have first_seq <= seq <= last_seq.
    first_seq   BIGINT  NOT NULL CHECK (first_seq > 0),
    last_seq    BIGINT  NOT NULL CHECK (last_seq >= first_seq),
    context     BYTEA   NOT NULL CHECK (octet_length(context) = 25),
    PRIMARY KEY (agent_id, space_id, first_seq),
    FOREIGN KEY (agent_id, space_id) REFERENCES spaces (agent_id, space_id) ON DELETE CASCADE
);

-- The proposal of an action, and after it its approval.
ALTER TABLE actions ADD COLUMN trace_context BYTEA CHECK (octet_length(trace_context) = 25);

-- The wall, for the new table too. Its rights come with the schema's default privileges.
ALTER TABLE talk_traces ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY island ON talk_traces USING (agent_id = ANY
    ((SELECT nullif(current_setting('hub.agents', TRUE), '')::BYTEA[])::BYTEA[]));
