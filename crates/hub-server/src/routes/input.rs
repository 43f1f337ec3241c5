//! What a handler takes: ids of the path, the query string, the body. Each input reads itself and
//! describes itself.

use crate::errors::Result;
use crate::openapi::OperationDraft;
use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use hub_core::Error;
use hub_core::page::PageRequest;
use hub_core::protocol::decode::decode;
use hub_core::protocol::events::EventsRequest;
use hub_core::protocol::limits;
use serde::de::DeserializeOwned;
use std::str::FromStr;
use utoipa::ToSchema;

/// Pairs that a query string may hold.
const QUERY_PAIRS: usize = 32;

/// What arrived, as raw parts.
#[derive(Debug, Default)]
pub(crate) struct Received {
    pub(crate) path: Vec<(String, String)>,
    query: Vec<(String, String)>,
    pub(crate) body: Bytes,
    /// The body that no input has read.
    pub(crate) stream: Body,
    pub(crate) headers: HeaderMap,
}

impl Received {
    pub(crate) fn new(query: Option<&str>) -> Self {
        let query = query.map_or_else(Vec::new, |query| {
            form_urlencoded::parse(query.as_bytes())
                .take(QUERY_PAIRS + 1)
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect()
        });
        Self { query, ..Self::default() }
    }

    /// The part of the path of this name.
    fn part(&self, name: &str) -> Result<&str> {
        let found = self.path.iter().find(|(known, _)| known == name);
        Ok(found
            .map(|(_, value)| value.as_str())
            .ok_or_else(|| Error::internal(format!("the path has no part {name}")))?)
    }

    /// Takes a parameter of the query string.
    pub(crate) fn take<T: FromStr>(&mut self, name: &'static str, expected: &str) -> Result<Option<T>> {
        let Some(at) = self.query.iter().position(|(known, _)| known == name) else { return Ok(None) };
        let (_, value) = self.query.swap_remove(at);
        if self.query.iter().any(|(known, _)| known == name) {
            return Err(Error::invalid("invalid_field", format!("{name} is given twice")).field(name).into());
        }
        let parsed = value.parse();
        Ok(Some(
            parsed.map_err(|_| {
                Error::invalid("invalid_field", format!("{name} is not {expected}")).field(name)
            })?,
        ))
    }

    /// Refuses what no input took.
    pub(crate) fn finish(&self) -> Result<()> {
        match self.query.first() {
            None => Ok(()),
            Some((name, _)) => {
                let name: String = name.chars().take(100).collect();
                Err(Error::invalid(
                    "unknown_field",
                    "the query string has a field that this route does not know",
                )
                .field(name)
                .into())
            }
        }
    }
}

/// Something that a handler takes.
pub(crate) trait Input: Sized + Send {
    /// Whether it is read from the body.
    const BODY: bool = false;

    fn read(received: &mut Received) -> Result<Self>;

    fn describe(draft: &mut OperationDraft);
}

/// The id in the path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Id<T>(pub(crate) T);

/// A name in the path.
#[derive(Debug, Clone)]
pub(crate) struct TypeName(pub(crate) String);

/// The body as JSON.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

/// The body as JSON; no body at all is the default.
#[derive(Debug)]
pub(crate) struct MaybeJson<T>(pub(crate) T);

/// The body of `POST /v1/events`.
#[derive(Debug)]
pub(crate) struct EventsBody(pub(crate) EventsRequest);

macro_rules! path_ids {
    ($($id:ident)+) => {$(
        impl Input for Id<hub_core::ids::$id> {
            fn read(received: &mut Received) -> Result<Self> {
                use hub_core::ids::$id;
                Ok(Self($id::parse(received.part($id::FIELD)?)?))
            }

            fn describe(draft: &mut OperationDraft) {
                draft.path_id(hub_core::ids::$id::FIELD);
            }
        }
    )+};
}

path_ids! { AgentId SpaceId DeviceId PersonId ConsentId TokenId EventId MemoryId ActionId DeadLetterId ArtifactId }

impl Input for TypeName {
    fn read(received: &mut Received) -> Result<Self> {
        received.part("type").map(|name| Self(name.to_owned()))
    }

    fn describe(draft: &mut OperationDraft) {
        draft.path_text("type", "An event type, such as `custom.door`.");
    }
}

impl Input for PageRequest {
    fn read(received: &mut Received) -> Result<Self> {
        let expected = format!("a number from 1 to {}", limits::PAGE_ITEMS);
        Ok(Self { limit: received.take("limit", &expected)?, cursor: received.take("cursor", "a text")? })
    }

    fn describe(draft: &mut OperationDraft) {
        draft.query_number("limit", "Items on the page.", limits::PAGE_ITEMS);
        draft.query_text("cursor", "`next_cursor` of the page before.");
    }
}

/// The body's object. An array would be taken for the fields in their order.
fn object<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    match body.trim_ascii_start().first() {
        Some(b'[') => Err(Error::invalid("invalid_field", "the body is not an object").into()),
        _ => Ok(decode(body)?),
    }
}

impl<T: DeserializeOwned + ToSchema + Send> Input for Json<T> {
    const BODY: bool = true;

    fn read(received: &mut Received) -> Result<Self> {
        Ok(Self(object(&received.body)?))
    }

    fn describe(draft: &mut OperationDraft) {
        draft.body::<T>(true);
    }
}

impl<T: DeserializeOwned + Default + ToSchema + Send> Input for MaybeJson<T> {
    const BODY: bool = true;

    fn read(received: &mut Received) -> Result<Self> {
        if received.body.is_empty() { Ok(Self(T::default())) } else { Ok(Self(object(&received.body)?)) }
    }

    fn describe(draft: &mut OperationDraft) {
        draft.body::<T>(false);
    }
}

impl Input for EventsBody {
    const BODY: bool = true;

    fn read(received: &mut Received) -> Result<Self> {
        Ok(Self(EventsRequest::decode(&received.body)?))
    }

    fn describe(draft: &mut OperationDraft) {
        draft.body::<EventsRequest>(true);
    }
}
