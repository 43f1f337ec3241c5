//! Failures as problem details (RFC 9457).

use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_RANGE, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Response, StatusCode};
use hub_core::Error;
use hub_core::protocol::decode::DecodeError;
use hub_core::protocol::limits;
use hub_core::protocol::problem::{PROBLEM_MEDIA_TYPE, PartProblem, Problem};
use hub_core::vocabulary::ErrorKind;

/// The result of a handler.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// Why a request failed: an error of the core, and the status under which it travels.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    pub(crate) error: Error,
    retry_after_seconds: Option<u32>,
    /// Bytes of what only has others than were asked for.
    whole_bytes: Option<u64>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let status = match error.kind() {
            _ if error.code() == "artifact_too_large" => StatusCode::PAYLOAD_TOO_LARGE,
            _ if error.code() == "storage_full" => StatusCode::INSUFFICIENT_STORAGE,
            ErrorKind::Invalid | ErrorKind::Limit => StatusCode::BAD_REQUEST,
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::Conflict => StatusCode::CONFLICT,
            ErrorKind::Denied => StatusCode::FORBIDDEN,
            ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let retry_after_seconds = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(1);
        Self { status, error, retry_after_seconds, whole_bytes: None }
    }
}

impl From<DecodeError> for Failure {
    fn from(problem: DecodeError) -> Self {
        undecodable(problem).into()
    }
}

/// A body, or an event of one, that could not be read.
pub(crate) fn undecodable(problem: DecodeError) -> Error {
    let detail = without_content(&problem.detail);
    let mut error = if detail.starts_with("recursion limit") {
        Error::invalid("json_depth", "the JSON nests too deeply")
            .at_limit(format_args!("{} levels", limits::JSON_DEPTH))
    } else if detail.starts_with("number out of range") {
        Error::invalid(problem.code, detail).at_limit("64-bit numbers")
    } else {
        Error::invalid(problem.code, detail)
    };
    if let Some(field) = problem.field {
        error = error.field(field);
    }
    if let Some(limit) = problem.limit {
        error = error.at_limit(limit);
    }
    error
}

/// A parser's message without the value that it found: that may be what somebody said.
fn without_content(message: &str) -> String {
    // A message that was cut may have lost its own end, and then the end of the value stands there.
    let end_of = |mark: &str| {
        let is_whole = !message.ends_with('…');
        message.rfind(mark).filter(|_| is_whole).and_then(|at| message.get(at..)).unwrap_or_default()
    };
    for start in ["invalid type: ", "invalid value: "] {
        let Some(found) = message.strip_prefix(start) else { continue };
        let kind = found.split(['"', '`', ',']).next().unwrap_or_default().trim_end();
        return format!("{start}{kind}{}", end_of(", expected "));
    }
    if message.starts_with("unknown variant ") {
        return format!("unknown variant{}", end_of(", expected "));
    }
    if message.starts_with("unknown field ") {
        return format!("unknown field{}", end_of(", expected "));
    }
    message.to_owned()
}

impl Failure {
    fn new(status: StatusCode, error: Error) -> Self {
        Self { status, error, retry_after_seconds: None, whole_bytes: None }
    }

    pub(crate) fn unauthorized(code: &'static str, message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, Error::denied(code, message))
    }

    /// A token that stands for nobody, or no longer for somebody.
    pub(crate) fn refused_token(error: &Error) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, Error::denied(error.code(), error.to_string()))
    }

    pub(crate) fn unknown_route() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            Error::not_found("unknown_route", "no such route; /openapi.json lists them"),
        )
    }

    pub(crate) fn wrong_method() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            Error::invalid(
                "wrong_method",
                "this route is not for that method; the header `allow` lists them",
            ),
        )
    }

    pub(crate) fn body_too_large() -> Self {
        let limit = format!("{} bytes", limits::BODY_BYTES);
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            Error::limit("body_too_large", "the body is too large", limit),
        )
    }

    pub(crate) fn body_too_slow(seconds: u64) -> Self {
        let error = Error::limit("body_too_slow", "the body did not arrive in time", format!("{seconds} s"));
        Self::new(StatusCode::REQUEST_TIMEOUT, error.retryable())
    }

    pub(crate) fn body_cut() -> Self {
        Self::new(StatusCode::BAD_REQUEST, Error::invalid("body_cut", "the body ended before its length"))
    }

    /// A range of bytes that something of this size does not have.
    pub(crate) fn outside(size: u64) -> Self {
        let limit = format!("{size} bytes");
        let error =
            Error::limit("range_outside", "the artifact has none of these bytes", limit).field("range");
        Self { whole_bytes: Some(size), ..Self::new(StatusCode::RANGE_NOT_SATISFIABLE, error) }
    }

    /// A rate that the caller passed; `limit` is the rate.
    pub(crate) fn too_many(code: &'static str, message: &str, limit: impl std::fmt::Display) -> Self {
        let error = Error::limit(code, message, limit).retryable();
        Self { retry_after_seconds: Some(1), ..Self::new(StatusCode::TOO_MANY_REQUESTS, error) }
    }

    /// A bound of this process that others have used up.
    pub(crate) fn busy(code: &'static str, message: &str, limit: impl std::fmt::Display) -> Self {
        let error = Error::limit(code, message, limit).retryable();
        Self { retry_after_seconds: Some(1), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, error) }
    }

    pub(crate) fn too_many_connections(limit: usize) -> Self {
        Self::busy(
            "too_many_connections",
            "this hub has as many connections open as it may",
            format_args!("{limit} connections"),
        )
    }

    /// The body that a client sees.
    pub(crate) fn body(&self, request_id: &str) -> Vec<u8> {
        let problem = Problem {
            kind: format!("urn:hub:problem:{}", self.error.code()),
            title: self.error.code().replace('_', " "),
            status: self.status.as_u16(),
            detail: self.error.to_string(),
            code: self.error.code().to_owned(),
            retryable: self.error.is_retryable(),
            field: self.error.field_name().map(str::to_owned),
            limit: self.error.limit_text().map(str::to_owned),
            request_id: request_id.to_owned(),
        };
        serde_json::to_vec(&problem).unwrap_or_default()
    }

    pub(crate) fn response(&self, request_id: &str) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body(request_id)));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_MEDIA_TYPE));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(Ok(range)) = self.whole_bytes.map(|size| HeaderValue::try_from(format!("bytes */{size}")))
        {
            headers.insert(CONTENT_RANGE, range);
        }
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The methods of a route, for the answer to another method.
pub(crate) fn allow(response: &mut Response<Body>, methods: &str) {
    if let Ok(methods) = HeaderValue::from_str(methods) {
        response.headers_mut().insert(ALLOW, methods);
    }
}

/// An error inside an answer that otherwise succeeded.
pub(crate) fn part(error: &Error) -> PartProblem {
    PartProblem {
        code: error.code().to_owned(),
        detail: error.to_string(),
        retryable: error.is_retryable(),
        field: error.field_name().map(str::to_owned),
        limit: error.limit_text().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use hub_core::protocol::agents::CreateAgent;
    use hub_core::protocol::consents::GrantConsent;
    use hub_core::protocol::decode::decode;

    const SECRET: &str = "the gold, expected in the shed, is `mine`, ok";

    #[test]
    fn what_a_parser_found_is_not_repeated() {
        let sentence = serde_json::to_string(SECRET).unwrap();
        for body in [
            format!("{{\"name\":{{}},\"language\":{sentence}}}"),
            sentence.clone(),
            format!("[[{sentence}]]"),
        ] {
            let error = undecodable(decode::<CreateAgent>(body.as_bytes()).unwrap_err());
            assert!(!error.to_string().contains("shed"), "{error}");
        }
        let body = format!("{{\"kind\":{sentence}}}");
        let error = undecodable(decode::<GrantConsent>(body.as_bytes()).unwrap_err());
        assert!(!error.to_string().contains("shed"), "{error}");
        assert!(error.to_string().starts_with("unknown variant"), "{error}");
    }

    #[test]
    fn what_was_expected_and_where_stays() {
        let error = undecodable(decode::<CreateAgent>(b"{\"name\":\"a\",\n\"language\":7}").unwrap_err());
        assert_eq!(error.field_name(), Some("language"));
        assert!(error.to_string().contains("expected a string at line 2"), "{error}");
        let error = undecodable(decode::<GrantConsent>(b"{\"kind\":\"smell\"}").unwrap_err());
        assert!(error.to_string().contains("voice") && error.to_string().contains("face"), "{error}");
    }

    #[test]
    fn inner_causes_stay_inside() {
        let failure = Failure::from(Error::internal("table agents: disk sector 7"));
        let body: serde_json::Value = serde_json::from_slice(&failure.body("r1")).unwrap();
        assert_eq!(body["status"], 500);
        assert_eq!(body["code"], "internal");
        assert_eq!(body["request_id"], "r1");
        assert!(!body.to_string().contains("sector"), "{body}");
    }
}
