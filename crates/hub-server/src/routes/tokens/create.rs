use crate::errors::Result;
use crate::routes::answer::Created;
use crate::routes::endpoint::Call;
use crate::routes::input::{Id, Json};
use hub_core::hub::tokens::NewToken;
use hub_core::ids::AgentId;
use hub_core::protocol::tokens::{CreateToken, TokenCreated};
use hub_core::wire;

pub(in crate::routes) async fn create(
    call: Call,
    Id(agent_id): Id<AgentId>,
    Json(body): Json<CreateToken>,
) -> Result<Created<TokenCreated>> {
    let new = match body {
        CreateToken::Operator { person_id, role } => NewToken::Operator { person_id: person_id.into(), role },
        CreateToken::Delegate { name, scopes, spaces, expires_at } => NewToken::Delegate {
            name,
            scopes,
            spaces: spaces.into_iter().map(Into::into).collect(),
            expires_at: wire::time(&expires_at, "expires_at")?,
        },
    };
    let (token, secret) = call.hub().tokens().create(&call.context, agent_id, new).await?;
    Ok(Created(TokenCreated {
        token_id: token.token_id.0,
        agent_id: token.agent_id.0,
        kind: token.kind,
        token: wire::secret(&secret),
        expires_at: token.expires_at.map(|time| time.to_string()),
    }))
}
