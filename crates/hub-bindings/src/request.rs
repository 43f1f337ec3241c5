//! Who calls, and with what.

use hub_core::ids::{AgentId, DeviceId, PersonId};
use hub_core::page::PageRequest;
use hub_core::protocol::decode::decode;
use hub_core::vocabulary::{Role, Scope};
use hub_core::{Context, Error, Hub, Result, wire};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use uuid::Uuid;

/// A request as it crosses the border.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    #[serde(rename = "as")]
    caller: Caller,
    #[serde(default)]
    arguments: Map<String, Value>,
    #[serde(default)]
    page: Page,
    #[serde(default)]
    body: Option<Box<RawValue>>,
}

/// Who calls. A program that embeds the hub is trusted to say so; a `token` is asked for whom it stands.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum Caller {
    Admin {},
    Operator { agent_id: Uuid, person_id: Uuid, role: Role },
    Device { agent_id: Uuid, device_id: Uuid, scopes: Vec<Scope> },
    Token { token: String },
}

impl Caller {
    async fn context(self, hub: &Hub) -> Result<Context> {
        Ok(match self {
            Self::Admin {} => Context::admin(),
            Self::Operator { agent_id, person_id, role } => {
                Context::operator(AgentId(agent_id), PersonId(person_id), role)
            }
            Self::Device { agent_id, device_id, scopes } => {
                Context::device(AgentId(agent_id), DeviceId(device_id), scopes)
            }
            Self::Token { token } => hub.tokens().authenticate(&token).await?,
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    limit: Option<u32>,
    cursor: Option<String>,
}

/// A call of one operation.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) context: Context,
    arguments: Map<String, Value>,
    page: Page,
    body: Option<Box<RawValue>>,
}

impl Call {
    /// Reads a request and asks who calls.
    pub(crate) async fn read(hub: &Hub, text: &str) -> Result<Self> {
        let Request { caller, arguments, page, body } =
            decode::<Request>(text.as_bytes()).map_err(wire::undecodable)?;
        Ok(Self { context: caller.context(hub).await?, arguments, page, body })
    }

    /// An identifier, which must be there.
    pub(crate) fn id<T: From<Uuid>>(&mut self, name: &str) -> Result<T> {
        let id = self.may_id(name)?;
        id.ok_or_else(|| Error::invalid("invalid_field", format!("missing {name}")).field(name))
    }

    /// An identifier that may be absent.
    pub(crate) fn may_id<T: From<Uuid>>(&mut self, name: &str) -> Result<Option<T>> {
        let id: Option<Uuid> = self.may(name, "malformed_id", "a UUID")?;
        Ok(id.map(T::from))
    }

    /// A value that may be absent.
    pub(crate) fn may<T: DeserializeOwned>(
        &mut self,
        name: &str,
        code: &'static str,
        what: &str,
    ) -> Result<Option<T>> {
        match self.arguments.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => serde_json::from_value(value)
                .map(Some)
                .map_err(|_| Error::invalid(code, format!("{name} is not {what}")).field(name)),
        }
    }

    /// Which page of a list.
    pub(crate) fn page(&mut self) -> PageRequest {
        let Page { limit, cursor } = std::mem::take(&mut self.page);
        PageRequest { limit, cursor }
    }

    /// The body, as the same operation takes it over HTTP; `{}` without one.
    pub(crate) fn body<T: DeserializeOwned>(&mut self) -> Result<T> {
        decode(self.text().as_bytes()).map_err(wire::undecodable)
    }

    /// The body as it came.
    pub(crate) fn text(&mut self) -> Box<str> {
        self.body.take().map_or_else(|| "{}".into(), Box::from)
    }

    /// Refuses what the operation did not take.
    pub(crate) fn end(&self) -> Result<()> {
        let unknown = |name: &str| Error::invalid("unknown_field", "unknown field").field(name);
        if let Some(name) = self.arguments.keys().next() {
            return Err(unknown(name));
        }
        if self.body.is_some() {
            return Err(unknown("body"));
        }
        if self.page.limit.is_some() || self.page.cursor.is_some() {
            return Err(unknown("page"));
        }
        Ok(())
    }
}

/// An answer, as JSON.
pub(crate) fn shown<T: Serialize>(answer: &T) -> Result<String> {
    serde_json::to_string(answer).map_err(Error::internal)
}
