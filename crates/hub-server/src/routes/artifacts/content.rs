//! `GET /v1/artifacts/{artifact_id}`: its bytes, as something to save and never as a page to show.

use super::range::asked;
use crate::errors::{Failure, Result};
use crate::openapi::OperationDraft;
use crate::routes::answer::Answer;
use crate::routes::endpoint::Call;
use crate::routes::input::{Id, Input, Received};
use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use futures_util::stream;
use hub_core::Error;
use hub_core::artifacts::Download;
use hub_core::ids::ArtifactId;

/// Which site may load it beside pages.
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The headers of the request.
#[derive(Debug)]
pub(in crate::routes) struct Headers(HeaderMap);

impl Input for Headers {
    fn read(received: &mut Received) -> Result<Self> {
        Ok(Self(std::mem::take(&mut received.headers)))
    }

    fn describe(draft: &mut OperationDraft) {
        draft.header("range", "One range of bytes (RFC 9110).");
    }
}

/// An artifact on its way out.
#[derive(Debug)]
pub(in crate::routes) struct Content(Download);

pub(in crate::routes) async fn content(
    call: Call,
    Id(artifact_id): Id<ArtifactId>,
    Headers(headers): Headers,
) -> Result<Content> {
    let artifacts = call.hub().artifacts();
    let artifact = artifacts.get(&call.context, artifact_id).await?;
    let range = asked(&headers, &etag(&artifact.digest.to_string()));
    if range.is_some_and(|range| range.of(artifact.size).is_none()) {
        return Err(Failure::outside(artifact.size));
    }
    Ok(Content(artifacts.open(&call.context, artifact_id, range).await?))
}

fn etag(digest: &str) -> String {
    format!("\"{digest}\"")
}

impl Answer for Content {
    fn response(self) -> Result<Response<Body>> {
        let Self(download) = self;
        let (artifact, range) = (download.artifact().clone(), download.range());
        let is_part = range != (0..artifact.size);
        let length = range.end - range.start;
        let mut response = Response::new(body(download));
        let mut put = |name: HeaderName, value: String| -> Result<()> {
            let value = HeaderValue::try_from(value).map_err(Error::internal)?;
            response.headers_mut().insert(name, value);
            Ok(())
        };
        put(CONTENT_TYPE, artifact.media_type)?;
        put(CONTENT_LENGTH, length.to_string())?;
        put(CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", artifact.artifact_id))?;
        put(X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned())?;
        put(CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox; frame-ancestors 'none'".to_owned())?;
        put(RESOURCE_POLICY, "same-origin".to_owned())?;
        // What is forgotten here must not live on in a cache.
        put(CACHE_CONTROL, "private, no-store".to_owned())?;
        put(ACCEPT_RANGES, "bytes".to_owned())?;
        put(ETAG, etag(&artifact.digest.to_string()))?;
        if is_part {
            put(CONTENT_RANGE, format!("bytes {}-{}/{}", range.start, range.end - 1, artifact.size))?;
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        }
        Ok(response)
    }

    fn describe(draft: &mut OperationDraft) {
        draft.bytes("200", "All of its bytes.");
        draft.bytes("206", "The bytes that were asked for.");
    }
}

/// Bytes as they are read. A failure in the middle ends the connection: the answer has begun, and the
/// client sees that it is shorter than it said.
fn body(download: Download) -> Body {
    Body::from_stream(stream::try_unfold(download, |mut download| async {
        match download.next().await {
            Ok(piece) => Ok(piece.map(|piece| (piece, download))),
            Err(error) => {
                tracing::error!(code = error.code(), "an artifact was cut off");
                Err(error)
            }
        }
    }))
}
