//! `/v1/recall`.

use super::answer::Shown;
use super::endpoint::Call;
use super::input::Json;
use crate::errors::Result;
use hub_core::protocol::recall::{RecallAnswer, RecallRequest};
use hub_core::wire;

pub(super) async fn recall(call: Call, Json(body): Json<RecallRequest>) -> Result<Shown<RecallAnswer>> {
    call.state.shared().limits.recall(call.principal())?;
    let request = wire::recall_request(body)?;
    Ok(Shown(wire::recall(call.hub().memory().recall(&call.context, request).await?)))
}
