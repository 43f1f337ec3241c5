//! One error type of a few kinds. The kind tells the caller what to do; the code is stable and
//! listed in `docs/ERRORS.md`; the source is linked and never repeated in the message.

use hub_protocol::vocabulary::ErrorKind;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Why an operation did not happen.
///
/// `Display` gives a sentence that may be shown to the caller. What went wrong inside is in
/// [`std::error::Error::source`] and belongs in a log.
#[derive(Debug, Clone)]
pub struct Error(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    kind: ErrorKind,
    code: &'static str,
    message: String,
    field: Option<String>,
    limit: Option<String>,
    remedy: Option<String>,
    retryable: bool,
    after: Option<Duration>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// The result of every operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of any kind.
    #[must_use]
    pub fn new(kind: ErrorKind, code: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            kind,
            code,
            message: message.into(),
            field: None,
            limit: None,
            remedy: None,
            retryable: matches!(kind, ErrorKind::Unavailable),
            after: None,
            source: None,
        }))
    }

    /// The request must be corrected.
    #[must_use]
    pub fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, code, message)
    }

    /// It does not exist, or not for this caller.
    #[must_use]
    pub fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, code, message)
    }

    /// It contradicts what is stored.
    #[must_use]
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, code, message)
    }

    /// This caller may not.
    #[must_use]
    pub fn denied(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Denied, code, message)
    }

    /// Ask again later with the same id.
    #[must_use]
    pub fn unavailable(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unavailable, code, message)
    }

    /// A stated limit was reached; `limit` says which and how much.
    #[must_use]
    pub fn limit(code: &'static str, message: impl Into<String>, limit: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Limit, code, message).at_limit(limit)
    }

    /// The hub is at fault. The message is for the log; callers see a fixed sentence.
    #[must_use]
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(ErrorKind::Internal, "internal", "the hub failed; its log says why").because(source)
    }

    /// Names the field at fault.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    /// States the bound that was passed.
    #[must_use]
    pub fn at_limit(mut self, limit: impl fmt::Display) -> Self {
        self.0.limit = Some(limit.to_string());
        self
    }

    /// Says that the same request may succeed later.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.0.retryable = true;
        self
    }

    /// Says that the same request may succeed once this much time has passed, and not before.
    #[must_use]
    pub fn after(mut self, rest: Duration) -> Self {
        self.0.retryable = true;
        self.0.after = Some(rest);
        self
    }

    /// Says to whoever runs the hub how to mend it. Callers from outside are not told.
    #[must_use]
    pub fn mend(mut self, remedy: impl Into<String>) -> Self {
        self.0.remedy = Some(remedy.into());
        self
    }

    /// Links the cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    /// What the caller should do.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The stable code, such as `unknown_space`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// Whether the same request may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// How long there is no use in trying again, if that is known.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.after
    }

    /// The field at fault, if one is.
    #[must_use]
    pub fn field_name(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// How whoever runs the hub can mend it, if that is known.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        self.0.remedy.as_deref()
    }

    /// The bound that was passed, if one was.
    #[must_use]
    pub fn limit_text(&self) -> Option<&str> {
        self.0.limit.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}
