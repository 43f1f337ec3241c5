//! Failures as problem details (RFC 9457).

use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_RANGE, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Response, StatusCode};
use hub_core::Error;
use hub_core::protocol::decode::DecodeError;
use hub_core::protocol::limits;
use hub_core::protocol::problem::{PROBLEM_MEDIA_TYPE, Problem};
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
        hub_core::wire::undecodable(problem).into()
    }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

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
