//! The words by which a decision of the domain is recognised.

/// Enums of the vocabulary whose variants the server may build and show, but not decide by.
pub(crate) const VOCABULARY: &[(&str, &str)] = &[
    ("ActionState", "which states follow one another is the core's lifecycle (I5, I6)"),
    ("ConsentKind", "what needs which consent is the core's gate (I4)"),
    ("Principal", "who may do what is the core's guard"),
    ("PrincipalKind", "who may do what is the core's guard"),
    ("Role", "what owners, members and guests may do is the core's guard"),
    ("Scope", "what a scope allows is the core's guard"),
    ("Effect", "what needs approval is the core's policy (I5)"),
    ("EventKind", "what an event type demands is the core's ingest"),
    ("Modality", "what needs consent is the core's gate (I4)"),
];

/// Fields by which the domain decides.
pub(crate) const FIELDS: &[(&str, &str)] = &[
    ("privacy_mode", "privacy is read in the transaction of the write (I3)"),
    ("expires_at", "whether something has expired is decided by the core's clock (I4, I5)"),
    ("revoked_at", "whether something still holds is decided at its use (I4)"),
    ("occurred_at", "which times of an event are good is the core's ingest (I3)"),
    ("scopes", "what a scope allows is the core's guard"),
    ("binding_digest", "whether an approval binds is decided in the core's transaction (I5)"),
];

/// Modules of pure decisions, which the core calls for itself.
pub(crate) const DECISIONS: &[&str] =
    &["decision", "decide", "lifecycle", "binding", "guard", "rank", "validate"];

/// Crates that talk to databases.
pub(crate) const DRIVERS: &[&str] = &[
    "diesel",
    "libsqlite3-sys",
    "postgres",
    "rusqlite",
    "sea-orm",
    "sea-query",
    "sqlite",
    "sqlx",
    "sqlx-core",
    "sqlx-postgres",
    "sqlx-sqlite",
    "tokio-postgres",
];

/// Methods whose receiver and arguments decide. Of `then` and `then_some` only the receiver does.
pub(crate) const PREDICATES: &[&str] = &[
    "all",
    "any",
    "contains",
    "filter",
    "find",
    "is_none_or",
    "is_some_and",
    "partition",
    "position",
    "retain",
    "skip_while",
    "take_while",
];
