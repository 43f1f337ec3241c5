-- From where work goes on in the trace that it began in (W3C Trace Context): trace, span and flags in 25 bytes.
-- Only a hub that records traces writes them.

-- By which requests the talk of a space came in: a row for each, not one for each event. What is older than
-- 100,000 entries of the log is let go of.
CREATE TABLE talk_traces (
    agent_id    BLOB    NOT NULL,
    space_id    BLOB    NOT NULL,
    -- Its utterances have first_seq <= seq <= last_seq.
    first_seq   INTEGER NOT NULL CHECK (first_seq > 0),
    last_seq    INTEGER NOT NULL CHECK (last_seq >= first_seq),
    context     BLOB    NOT NULL CHECK (length(context) = 25),
    PRIMARY KEY (agent_id, space_id, first_seq),
    FOREIGN KEY (agent_id, space_id) REFERENCES spaces (agent_id, space_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The proposal of an action, and after it its approval.
ALTER TABLE actions ADD COLUMN trace_context BLOB CHECK (length(trace_context) = 25);
