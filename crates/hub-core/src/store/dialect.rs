//! Where databases differ. Everything that may differ is here, and nothing else may.

use super::statement::{BulkInsert, Statement};

/// Which database an executor speaks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite 3.42 or later with FTS5.
    Sqlite,
}

impl Dialect {
    /// How the `n`th parameter stands in an assembled statement. SQLite finds a named one by a walk
    /// over all names, so a statement with a thousand takes anonymous ones.
    #[must_use]
    pub fn parameter(self, _n: usize) -> String {
        match self {
            Self::Sqlite => "?".to_owned(),
        }
    }

    /// Claims jobs of a queue: `$1` queue, `$2` now, `$3` limit, `$4` leased until, `$5` worker.
    #[must_use]
    pub fn claim(self) -> Statement {
        match self {
            Self::Sqlite => Statement::new(
                "UPDATE queue SET state = 'leased', leased_until = $4, worker = $5, fence = fence + 1, \
                 attempts = attempts + 1 \
                 WHERE job_id IN (SELECT job_id FROM queue WHERE queue = $1 AND state = 'ready' \
                 AND available_at <= $2 ORDER BY available_at, job_id LIMIT $3) \
                 RETURNING job_id, agent_id, key, fence, attempts",
            ),
        }
    }

    /// Adds documents to the full-text index: document, terms separated by spaces.
    #[must_use]
    pub fn index_documents(self) -> BulkInsert {
        match self {
            Self::Sqlite => BulkInsert { into: "memory_terms (rowid, terms)", columns: 2, tail: "" },
        }
    }

    /// Takes a document out of the full-text index: `$1` document, `$2` the same terms.
    #[must_use]
    pub fn unindex_document(self) -> Statement {
        match self {
            Self::Sqlite => Statement::new(
                "INSERT INTO memory_terms (memory_terms, rowid, terms) VALUES ('delete', $1, $2)",
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
        }
    }

    /// How many documents hold a term: `$1` the term.
    #[must_use]
    pub fn document_frequency(self) -> Statement {
        match self {
            Self::Sqlite => Statement::new("SELECT count(*) FROM memory_terms WHERE memory_terms MATCH $1"),
        }
    }

    /// Every statement of this dialect, by name.
    #[must_use]
    pub fn all(self) -> Vec<(&'static str, Statement)> {
        vec![
            ("claim", self.claim()),
            ("index_documents", self.index_documents().statement(self, 1)),
            ("unindex_document", self.unindex_document()),
            ("postings", self.postings()),
            ("document_frequency", self.document_frequency()),
        ]
    }
}
