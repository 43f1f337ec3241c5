//! What a handler answers. Each answer writes itself and describes itself.

use crate::errors::Result;
use crate::openapi::OperationDraft;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response, StatusCode};
use hub_core::Error;
use hub_core::protocol::page::Page;
use serde::Serialize;
use utoipa::ToSchema;

/// Something that a handler answers.
pub(crate) trait Answer: Send {
    fn response(self) -> Result<Response<Body>>;

    fn describe(draft: &mut OperationDraft);
}

/// 200 and a body.
#[derive(Debug)]
pub(crate) struct Shown<T>(pub(crate) T);

/// 201 and a body.
#[derive(Debug)]
pub(crate) struct Created<T>(pub(crate) T);

/// 200 and a page.
#[derive(Debug)]
pub(crate) struct Listed<T>(pub(crate) Page<T>);

/// 204.
#[derive(Debug)]
pub(crate) struct Done;

fn json<T: Serialize>(status: StatusCode, body: &T) -> Result<Response<Body>> {
    let bytes = serde_json::to_vec(body).map_err(Error::internal)?;
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

impl<T: Serialize + ToSchema + Send> Answer for Shown<T> {
    fn response(self) -> Result<Response<Body>> {
        json(StatusCode::OK, &self.0)
    }

    fn describe(draft: &mut OperationDraft) {
        draft.answer::<T>("200", "As asked.");
    }
}

impl<T: Serialize + ToSchema + Send> Answer for Created<T> {
    fn response(self) -> Result<Response<Body>> {
        json(StatusCode::CREATED, &self.0)
    }

    fn describe(draft: &mut OperationDraft) {
        draft.answer::<T>("201", "Made.");
    }
}

impl<T: Serialize + ToSchema + Send> Answer for Listed<T> {
    fn response(self) -> Result<Response<Body>> {
        json(StatusCode::OK, &self.0)
    }

    fn describe(draft: &mut OperationDraft) {
        draft.page::<T>();
    }
}

impl Answer for Done {
    fn response(self) -> Result<Response<Body>> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        Ok(response)
    }

    fn describe(draft: &mut OperationDraft) {
        draft.empty("204", "Done.");
    }
}
