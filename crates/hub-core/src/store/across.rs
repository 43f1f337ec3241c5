//! Questions that span agents, all of them: PostgreSQL, which has a wall between agents, answers each
//! through a function of its own that gives exactly this (`migrations/postgres/0003_wall.sql`).

use super::dialect::Dialect;
use super::statement::Statement;

/// One question: SQLite's words, and PostgreSQL's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Across {
    sqlite: &'static str,
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "only PostgreSQL asks it"))]
    postgres: &'static str,
}

impl Across {
    pub(crate) fn of(self, dialect: Dialect) -> Statement {
        match dialect {
            Dialect::Sqlite => Statement::new(self.sqlite),
            #[cfg(feature = "postgres")]
            Dialect::Postgres => Statement::new(self.postgres),
        }
    }
}

macro_rules! across {
    ($($(#[$meta:meta])* $name:ident = $sqlite:expr, $postgres:expr;)+) => {
        $($(#[$meta])* pub(crate) const $name: Across = Across { sqlite: $sqlite, postgres: $postgres };)+
        /// Every question, by name.
        pub(crate) const ALL: &[(&str, Across)] = &[$((stringify!($name), $name)),+];
    };
}

across! {
    /// Claims jobs of a queue: `$1` queue, `$2` now, `$3` limit, `$4` leased until, `$5` worker; of those
    /// that are ready since `$6` or later.
    CLAIM =
        "UPDATE queue SET state = 'leased', leased_until = $4, worker = $5, fence = fence + 1, \
         attempts = attempts + 1 \
         WHERE job_id IN (SELECT job_id FROM queue WHERE queue = $1 AND state = 'ready' \
         AND available_at BETWEEN $6 AND $2 ORDER BY available_at, job_id LIMIT $3) \
         RETURNING job_id, agent_id, key, fence, attempts",
        "SELECT job_id, agent_id, key, fence, attempts FROM hub_claim($1, $2, $3, $4, $5, $6)";
    /// Since when the oldest job of queue `$1` is ready at `$2`, of those that are since `$3` or later, and
    /// when the oldest lease ended that has, of those that did at `$4` or later.
    LOOK =
        "SELECT (SELECT min(available_at) FROM queue WHERE queue = $1 AND state = 'ready' \
         AND available_at BETWEEN $3 AND $2), \
         (SELECT min(leased_until) FROM queue WHERE queue = $1 AND state = 'leased' \
         AND leased_until BETWEEN $4 AND $2)",
        "SELECT available_at, leased_until FROM hub_look($1, $2, $3, $4)";
    /// Makes jobs of queue `$1` claimable again, due at `$2`, whose lease has run out by then, at `$3` or
    /// later.
    RELEASE_EXPIRED =
        "UPDATE queue SET state = 'ready', leased_until = NULL, worker = NULL, available_at = $2 \
         WHERE queue = $1 AND state = 'leased' AND leased_until BETWEEN $3 AND $2",
        "SELECT hub_release_expired($1, $2, $3)";
    /// Spaces whose talk is to be cut by `$1`, of those due since `$3` or later, `$2` at most.
    WINDOWS_DUE =
        "SELECT agent_id, key FROM queue WHERE queue = 'window' AND state = 'ready' AND available_at BETWEEN $3 AND $1 \
         ORDER BY available_at, job_id LIMIT $2",
        "SELECT agent_id, key FROM hub_windows_due($1, $2, $3)";
    /// Jobs to run at `$1` of a tool and version that stands in `$2`, a list with spaces around each; of
    /// those due since `$3` or later.
    TOOLS_READY =
        "SELECT q.job_id, q.agent_id FROM queue q \
         JOIN actions a ON a.agent_id = q.agent_id AND a.action_id = q.key \
         WHERE q.queue = 'tools' AND q.state = 'ready' AND q.available_at BETWEEN $3 AND $1 \
         AND instr($2, ' ' || a.tool || '@' || a.tool_version || ' ') > 0 \
         ORDER BY q.available_at, q.job_id LIMIT 8",
        "SELECT job_id, agent_id FROM hub_tools_ready($1, $3, $2, TRUE, 8)";
    /// Jobs to run at `$1` of a tool or version that does not stand in `$2`, with their actions; of
    /// those due since `$3` or later.
    TOOLS_STRANGE =
        "SELECT q.job_id, q.agent_id, q.key FROM queue q \
         JOIN actions a ON a.agent_id = q.agent_id AND a.action_id = q.key \
         WHERE q.queue = 'tools' AND q.state = 'ready' AND q.available_at BETWEEN $3 AND $1 \
         AND instr($2, ' ' || a.tool || '@' || a.tool_version || ' ') = 0 \
         ORDER BY q.available_at, q.job_id LIMIT 100",
        "SELECT job_id, agent_id, key FROM hub_tools_ready($1, $3, $2, FALSE, 100)";
    /// Runs whose lease had ended by `$1`, at `$3` or later; `$2` at most.
    TOOLS_LOST =
        "SELECT job_id, agent_id, key, fence, attempts FROM queue \
         WHERE queue = 'tools' AND state = 'leased' AND leased_until BETWEEN $3 AND $1 ORDER BY job_id LIMIT $2",
        "SELECT job_id, agent_id, key, fence, attempts FROM hub_tools_lost($1, $2, $3)";
    /// Actions that nobody decided about, or began, by `$1`; `$2` at most.
    ACTIONS_DUE =
        "SELECT agent_id, action_id FROM actions WHERE state IN ('awaiting_approval', 'approved') \
         AND expires_at <= $1 ORDER BY expires_at LIMIT $2",
        "SELECT agent_id, action_id FROM hub_actions_due($1, $2)";
    /// Reminders to be given by `$1`, `$2` at most.
    REMINDERS_DUE =
        "SELECT agent_id, action_id FROM reminders WHERE fired_at IS NULL AND fire_at <= $1 \
         ORDER BY fire_at LIMIT $2",
        "SELECT agent_id, action_id FROM hub_reminders_due($1, $2)";
    /// Grants that had ended by `$1` and whose traces are not erased yet, `$2` at most.
    GRANTS_ENDED =
        "SELECT agent_id, consent_id FROM consents WHERE erased_at IS NULL AND expires_at IS NOT NULL \
         AND expires_at <= $1 ORDER BY expires_at LIMIT $2",
        "SELECT agent_id, consent_id FROM hub_grants_ended($1, $2)";
    /// Whose space `$1` is; so for the other things that a caller names by their id alone.
    OWNER_OF_SPACE =
        "SELECT agent_id FROM spaces WHERE space_id = $1",
        "SELECT agent_id FROM hub_owner('space', $1) AS t (agent_id) WHERE agent_id IS NOT NULL";
    OWNER_OF_PERSON =
        "SELECT agent_id FROM people WHERE person_id = $1",
        "SELECT agent_id FROM hub_owner('person', $1) AS t (agent_id) WHERE agent_id IS NOT NULL";
    OWNER_OF_DEVICE =
        "SELECT agent_id FROM devices WHERE device_id = $1",
        "SELECT agent_id FROM hub_owner('device', $1) AS t (agent_id) WHERE agent_id IS NOT NULL";
    OWNER_OF_CONSENT =
        "SELECT agent_id FROM consents WHERE consent_id = $1",
        "SELECT agent_id FROM hub_owner('consent', $1) AS t (agent_id) WHERE agent_id IS NOT NULL";
    OWNER_OF_TOKEN =
        "SELECT agent_id FROM tokens WHERE token_id = $1",
        "SELECT agent_id FROM hub_owner('token', $1) AS t (agent_id) WHERE agent_id IS NOT NULL";
    OWNER_OF_DEAD_LETTER =
        "SELECT agent_id FROM queue WHERE dead_letter_id = $1",
        "SELECT agent_id FROM hub_owner('dead letter', $1) AS t (agent_id) WHERE agent_id IS NOT NULL";
    /// The agents behind `$1`, for an admin, `$2` at most.
    AGENTS =
        "SELECT agent_id, name, language, planner, created_at FROM agents WHERE agent_id > $1 \
         ORDER BY agent_id LIMIT $2",
        "SELECT agent_id, name, language, planner, created_at FROM hub_agents_after($1, $2)";
    /// How much waits in each queue at `$1`, and since when.
    BACKLOG =
        "SELECT queue, CASE WHEN state = 'ready' AND available_at > $1 THEN 'delayed' ELSE state END, count(*), \
         min(enqueued_at) FROM queue GROUP BY 1, 2",
        "SELECT queue, state, jobs, since FROM hub_backlog($1)";
    /// The number of the next agent; 1 is that of an agent that finds no other.
    NEXT_AGENT =
        "SELECT coalesce(max(number), 1) + 1 FROM agents",
        "SELECT nextval('agents_number_seq')";
    /// Numbers for `$1` documents of the full-text index.
    NEXT_DOCS =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) \
         SELECT (SELECT coalesce(max(doc), 0) FROM memories) + i FROM n",
        "SELECT nextval('memories_doc_seq') FROM generate_series(1, $1)";
    /// The head of every agent's log.
    HEADS =
        "SELECT agent_id, size, hash FROM audit_heads ORDER BY agent_id",
        "SELECT agent_id, size, hash FROM hub_log_heads()";
}
