-- What models were asked for an agent, and what it cost, by the day of UTC: days since 1970.

CREATE TABLE planner_usage (
    agent_id      BLOB    NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    day           INTEGER NOT NULL,
    planner       TEXT    NOT NULL CHECK (length(planner) BETWEEN 1 AND 64),
    requests      INTEGER NOT NULL CHECK (requests >= 0),
    input_tokens  INTEGER NOT NULL CHECK (input_tokens >= 0),
    output_tokens INTEGER NOT NULL CHECK (output_tokens >= 0),
    PRIMARY KEY (agent_id, day, planner)
) STRICT, WITHOUT ROWID;
