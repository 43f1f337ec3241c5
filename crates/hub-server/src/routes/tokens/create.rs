use crate::errors::Result;
use crate::routes::answer::Created;
use crate::routes::endpoint::Call;
use crate::routes::input::{Id, Json};
use hub_core::ids::AgentId;
use hub_core::protocol::tokens::{CreateToken, TokenCreated};
use hub_core::wire;

pub(in crate::routes) async fn create(
    call: Call,
    Id(agent_id): Id<AgentId>,
    Json(body): Json<CreateToken>,
) -> Result<Created<TokenCreated>> {
    let new = wire::new_token(body)?;
    let (token, secret) = call.hub().tokens().create(&call.context, agent_id, new).await?;
    Ok(Created(wire::token_created(&token, &secret)))
}
