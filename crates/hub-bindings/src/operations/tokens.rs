//! Tokens of people and of other programs.

use crate::request::{Call, shown};
use hub_core::ids::{AgentId, TokenId};
use hub_core::protocol::tokens::CreateToken;
use hub_core::{Hub, Result, wire};

pub(super) async fn create(hub: Hub, mut call: Call) -> Result<String> {
    let agent: AgentId = call.id("agent_id")?;
    let body: CreateToken = call.body()?;
    call.end()?;
    let (token, secret) = hub.tokens().create(&call.context, agent, wire::new_token(body)?).await?;
    shown(&wire::token_created(&token, &secret))
}

pub(super) async fn list(hub: Hub, mut call: Call) -> Result<String> {
    let (agent, page): (AgentId, _) = (call.id("agent_id")?, call.page());
    call.end()?;
    shown(&wire::page(hub.tokens().list(&call.context, agent, page).await?, wire::token))
}

pub(super) async fn revoke(hub: Hub, mut call: Call) -> Result<String> {
    let id: TokenId = call.id("token_id")?;
    call.end()?;
    hub.tokens().revoke(&call.context, id).await?;
    shown(&())
}
