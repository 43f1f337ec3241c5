use crate::errors::Result;
use crate::routes::answer::Done;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::TokenId;

pub(in crate::routes) async fn revoke(call: Call, Id(token_id): Id<TokenId>) -> Result<Done> {
    call.hub().tokens().revoke(&call.context, token_id).await?;
    Ok(Done)
}
