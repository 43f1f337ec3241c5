//! Where databases differ. Everything that may differ is here, and nothing else may.

use super::migrate::{self, Migration};
use super::statement::{BulkInsert, ListStatement, Statement};

/// Which database an executor speaks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite 3.42 or later with FTS5.
    Sqlite,
    /// PostgreSQL 16 or later, with the encoding UTF-8.
    #[cfg(feature = "postgres")]
    Postgres,
}

impl Dialect {
    /// How the `n`th parameter stands in an assembled statement. SQLite finds a named one by a walk
    /// over all names, so a statement with a thousand takes anonymous ones.
    #[must_use]
    #[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "SQLite's have no number"))]
    pub fn parameter(self, n: usize) -> String {
        match self {
            Self::Sqlite => "?".to_owned(),
            #[cfg(feature = "postgres")]
            Self::Postgres => format!("${n}"),
        }
    }

    /// The steps that bring such a database to the schema of this program.
    #[must_use]
    pub fn migrations(self) -> &'static [Migration] {
        match self {
            Self::Sqlite => migrate::SQLITE,
            #[cfg(feature = "postgres")]
            Self::Postgres => migrate::POSTGRES,
        }
    }

    /// Makes the table of applied migrations unless it is there, and keeps other programs from
    /// migrating until the transaction ends. SQLite's writer is alone anyhow.
    #[must_use]
    pub fn begin_migration(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER NOT NULL PRIMARY KEY, \
                 name TEXT NOT NULL, checksum BLOB NOT NULL, applied_at INTEGER NOT NULL)"
            }
            // The number of the lock is ours alone by its randomness. Waiting for another program's
            // migration, or a long step of our own, is no statement that hangs.
            #[cfg(feature = "postgres")]
            Self::Postgres => {
                "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SET LOCAL client_min_messages = warning; \
                 SELECT pg_advisory_xact_lock(4846791580151137091); \
                 DO $$ BEGIN IF to_regclass('schema_migrations') IS NULL THEN \
                 CREATE TABLE schema_migrations (version BIGINT NOT NULL PRIMARY KEY, \
                 name TEXT NOT NULL, checksum BYTEA NOT NULL, applied_at BIGINT NOT NULL); END IF; END $$"
            }
        }
    }

    /// Whether several transactions may write at a time, so that a row is held by a lock of its own.
    #[must_use]
    pub fn locks_rows(self) -> bool {
        match self {
            Self::Sqlite => false,
            #[cfg(feature = "postgres")]
            Self::Postgres => true,
        }
    }

    /// Whether a row that was deleted or changed stays in the indexes as it was, for as long as some
    /// transaction is older than the change.
    #[must_use]
    pub fn keeps_what_is_gone(self) -> bool {
        match self {
            Self::Sqlite => false,
            #[cfg(feature = "postgres")]
            Self::Postgres => true,
        }
    }

    /// Who stands behind each of these tokens that was not revoked, whose device was not, and whose person
    /// is there. PostgreSQL asks through a narrow door, as for all that spans agents (`across.rs`).
    #[must_use]
    pub fn standing(self) -> ListStatement {
        let sql = match self {
            Self::Sqlite => {
                "SELECT t.token_id, t.hash, t.agent_id, t.kind, t.person_id, t.role, t.device_id, d.scopes, t.scopes, \
                 t.spaces, t.expires_at FROM tokens t \
                 LEFT JOIN people p ON p.agent_id = t.agent_id AND p.person_id = t.person_id \
                 LEFT JOIN devices d ON d.agent_id = t.agent_id AND d.device_id = t.device_id \
                 WHERE t.token_id IN ({}) AND t.revoked_at IS NULL AND p.deleted_at IS NULL AND d.revoked_at IS NULL"
            }
            #[cfg(feature = "postgres")]
            Self::Postgres => {
                "SELECT w.token_id, s.hash, s.agent_id, s.kind, s.person_id, s.role, s.device_id, s.device_scopes, \
                 s.scopes, s.spaces, s.expires_at \
                 FROM (SELECT DISTINCT unnest(CAST(ARRAY[{}] AS BYTEA[])) AS token_id) AS w \
                 CROSS JOIN LATERAL hub_standing(w.token_id) AS s"
            }
        };
        ListStatement { sql, before: 0 }
    }

    /// Adds documents to the full-text index: agent, document, terms separated by spaces.
    #[must_use]
    pub fn index_documents(self) -> BulkInsert {
        match self {
            Self::Sqlite => BulkInsert {
                into: "memory_terms (rowid, terms) SELECT column2, column3 FROM (",
                types: "bit",
                tail: ")",
            },
            // PostgreSQL indexes nothing longer than a third of a page, so that of a term of more than
            // 512 characters the beginning stands for the whole: recall counts the terms of what it
            // finds again.
            #[cfg(feature = "postgres")]
            Self::Postgres => BulkInsert {
                into: "memory_terms (agent_id, doc, term) SELECT d.agent_id, d.doc, left(t.term, 512) FROM",
                types: "bit",
                tail: "AS d (agent_id, doc, terms) CROSS JOIN LATERAL string_to_table(d.terms, ' ') AS t (term) \
                       WHERE t.term <> '' ON CONFLICT DO NOTHING",
            },
        }
    }

    /// Takes a document out of the full-text index: `$1` document, `$2` the same terms.
    #[must_use]
    pub fn unindex_document(self) -> Statement {
        match self {
            Self::Sqlite => Statement::new(
                "INSERT INTO memory_terms (memory_terms, rowid, terms) VALUES ('delete', $1, $2)",
            ),
            #[cfg(feature = "postgres")]
            Self::Postgres => Statement::new(
                "DELETE FROM memory_terms WHERE doc = $1 AND term IN \
                 (SELECT left(t.term, 512) FROM string_to_table($2, ' ') AS t (term))",
            ),
        }
    }

    /// The newest documents that hold a term: `$1` the term, `$2` limit.
    #[must_use]
    pub fn postings(self) -> Statement {
        match self {
            Self::Sqlite => Statement::new(
                "SELECT rowid FROM memory_terms WHERE memory_terms MATCH $1 ORDER BY rowid DESC LIMIT $2",
            ),
            #[cfg(feature = "postgres")]
            Self::Postgres => Statement::new(
                "SELECT doc FROM memory_terms WHERE term = left($1, 512) ORDER BY doc DESC LIMIT $2",
            ),
        }
    }

    /// How many documents hold a term: `$1` the term.
    #[must_use]
    pub fn document_frequency(self) -> Statement {
        match self {
            Self::Sqlite => Statement::new("SELECT count(*) FROM memory_terms WHERE memory_terms MATCH $1"),
            #[cfg(feature = "postgres")]
            Self::Postgres => Statement::new("SELECT count(*) FROM memory_terms WHERE term = left($1, 512)"),
        }
    }

    /// Entries of the log behind row `$1`, `$2` at most, in the order in which they were written:
    /// the row's number, then each column as its type and its value, of text the bytes. In SQLite
    /// what was changed from outside need not be of the type that it was, nor text be UTF-8;
    /// PostgreSQL lets neither happen.
    #[must_use]
    pub fn log_entries(self) -> Statement {
        match self {
            Self::Sqlite => Statement::new(
                "SELECT rowid, typeof(agent_id), CASE typeof(agent_id) WHEN 'text' THEN CAST(agent_id AS BLOB) ELSE agent_id END, \
                 typeof(seq), CASE typeof(seq) WHEN 'text' THEN CAST(seq AS BLOB) ELSE seq END, \
                 typeof(entry), CASE typeof(entry) WHEN 'text' THEN CAST(entry AS BLOB) ELSE entry END, \
                 typeof(hash), CASE typeof(hash) WHEN 'text' THEN CAST(hash AS BLOB) ELSE hash END \
                 FROM audit_entries WHERE rowid > $1 ORDER BY rowid LIMIT $2",
            ),
            #[cfg(feature = "postgres")]
            Self::Postgres => Statement::new(
                "SELECT place, 'blob', agent_id, 'integer', seq, 'text', entry, 'blob', hash \
                 FROM hub_log_entries($1, $2)",
            ),
        }
    }

    /// Every head of the log: each column as [`Dialect::log_entries`] answers them.
    #[must_use]
    pub fn log_heads(self) -> Statement {
        match self {
            Self::Sqlite => Statement::new(
                "SELECT typeof(agent_id), CASE typeof(agent_id) WHEN 'text' THEN CAST(agent_id AS BLOB) ELSE agent_id END, \
                 typeof(size), CASE typeof(size) WHEN 'text' THEN CAST(size AS BLOB) ELSE size END, \
                 typeof(hash), CASE typeof(hash) WHEN 'text' THEN CAST(hash AS BLOB) ELSE hash END \
                 FROM audit_heads ORDER BY rowid",
            ),
            #[cfg(feature = "postgres")]
            Self::Postgres => {
                Statement::new("SELECT 'blob', agent_id, 'integer', size, 'blob', hash FROM hub_log_heads()")
            }
        }
    }

    /// Every agent whose id is one.
    #[must_use]
    pub fn log_agents(self) -> Statement {
        match self {
            Self::Sqlite => Statement::new(
                "SELECT agent_id FROM agents WHERE typeof(agent_id) = 'blob' ORDER BY agent_id",
            ),
            #[cfg(feature = "postgres")]
            Self::Postgres => Statement::new("SELECT agent_id FROM hub_log_agents()"),
        }
    }

    /// Every statement of this dialect, by name.
    #[must_use]
    pub fn all(self) -> Vec<(&'static str, Statement)> {
        vec![
            ("standing", self.standing().of_length(self, 4).0),
            ("index_documents", self.index_documents().statement(self, 1)),
            ("unindex_document", self.unindex_document()),
            ("postings", self.postings()),
            ("document_frequency", self.document_frequency()),
            ("log_entries", self.log_entries()),
            ("log_heads", self.log_heads()),
            ("log_agents", self.log_agents()),
        ]
    }
}
