//! `POST /v1/artifacts`: the body is the artifact, and goes on as it comes.

use crate::errors::{Failure, Result};
use crate::limits::drain;
use crate::openapi::OperationDraft;
use crate::routes::answer::Created;
use crate::routes::endpoint::Call;
use crate::routes::input::{Input, Received};
use axum::body::{Body, HttpBody as _};
use axum::http::header::{CONTENT_TYPE, EXPECT};
use http_body_util::BodyExt as _;
use hub_core::artifacts::{NewArtifact, Upload};
use hub_core::ids::{PersonId, SpaceId};
use hub_core::protocol::artifacts::Artifact;
use hub_core::wire;
use hub_core::{Error, artifacts};
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};

/// How long an upload may be silent before it is asked anew whether it may go on.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What arrives: where it was made, who is in it, and its bytes.
#[derive(Debug)]
pub(in crate::routes) struct Arriving {
    space_id: SpaceId,
    person_ids: Vec<PersonId>,
    occurred_at: Option<String>,
    ended_at: Option<String>,
    sent_at: Option<String>,
    media_type: Option<String>,
    /// Whether the sender waits to be told that his bytes are wanted.
    waits: bool,
    body: Body,
}

impl Input for Arriving {
    fn read(received: &mut Received) -> Result<Self> {
        let space: Option<String> = received.take("space_id", "an id")?;
        let missing = || Error::invalid("invalid_field", "space_id is missing").field("space_id");
        let people: Option<String> = received.take("person_ids", "ids")?;
        let people = people.unwrap_or_default();
        let person_ids = people.split(',').filter(|part| !part.is_empty()).map(PersonId::parse);
        let media_type = received.headers.get(CONTENT_TYPE).map(|value| {
            let malformed = |_| Error::invalid("malformed_media_type", "the header is no text");
            value.to_str().map(str::to_owned).map_err(|cause| malformed(cause).field("content-type"))
        });
        Ok(Self {
            space_id: SpaceId::parse(&space.ok_or_else(missing)?)?,
            person_ids: person_ids
                .collect::<hub_core::Result<_>>()
                .map_err(|error| error.field("person_ids"))?,
            occurred_at: received.take("occurred_at", "a time")?,
            ended_at: received.take("ended_at", "a time")?,
            sent_at: received.take("sent_at", "a time")?,
            media_type: media_type.transpose()?,
            waits: received.headers.contains_key(EXPECT),
            body: std::mem::take(&mut received.stream),
        })
    }

    fn describe(draft: &mut OperationDraft) {
        draft.required_query_id("space_id", "Where it was made.");
        draft.query_text(
            "person_ids",
            "Who is in it: ids with commas between. Sound and moving pictures name everyone.",
        );
        draft.query_text("occurred_at", "RFC 3339: when it was made; by default when it arrives.");
        draft.query_text("ended_at", "RFC 3339: when what it shows ended; by default `occurred_at`.");
        draft.query_text("sent_at", "RFC 3339: the sender's clock.");
        draft.bytes_body();
    }
}

pub(in crate::routes) async fn create(call: Call, arriving: Arriving) -> Result<Created<Artifact>> {
    let Arriving { mut body, waits, .. } = arriving;
    let new = NewArtifact {
        space_id: arriving.space_id,
        person_ids: arriving.person_ids,
        media_type: arriving.media_type,
        occurred_at: wire::optional_time(arriving.occurred_at.as_ref(), "occurred_at")?,
        ended_at: wire::optional_time(arriving.ended_at.as_ref(), "ended_at")?,
        sent_at: wire::optional_time(arriving.sent_at.as_ref(), "sent_at")?,
        size: body.size_hint().exact(),
    };
    match take(&call, new, &mut body).await {
        Ok(artifact) => Ok(Created(wire::artifact(artifact))),
        Err(failure) => {
            // A client that is cut off while it sends may never see the answer.
            if !waits {
                drain(body).await;
            }
            Err(failure)
        }
    }
}

async fn take(call: &Call, new: NewArtifact, body: &mut Body) -> Result<artifacts::Artifact> {
    let settings = &call.state.shared().settings;
    let mut upload = call.hub().artifacts().begin(&call.context, new).await?;
    let limit = Duration::from_secs(settings.upload_seconds.max(1));
    let silence = Duration::from_secs(settings.body_seconds.max(1));
    let received = match timeout(limit, receive(&mut upload, body, silence)).await {
        Ok(received) => received,
        Err(_) => Err(Failure::body_too_slow(settings.upload_seconds)),
    };
    match received {
        Ok(()) => Ok(upload.finish().await?),
        Err(failure) => {
            upload.abort().await;
            Err(failure)
        }
    }
}

async fn receive(upload: &mut Upload, body: &mut Body, silence: Duration) -> Result<()> {
    let mut heard = Instant::now();
    loop {
        match timeout_at(Instant::now() + LOOK_EVERY, body.frame()).await {
            Ok(None) => return Ok(()),
            Ok(Some(frame)) => {
                heard = Instant::now();
                if let Ok(bytes) = frame.map_err(|_| Failure::body_cut())?.into_data() {
                    upload.write(bytes).await?;
                }
            }
            Err(_) if heard.elapsed() >= silence => return Err(Failure::body_too_slow(silence.as_secs())),
            Err(_) => upload.check().await?,
        }
    }
}
