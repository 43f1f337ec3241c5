use crate::errors::Result;
use crate::routes::answer::Created;
use crate::routes::endpoint::Call;
use crate::routes::input::{Id, Json};
use hub_core::hub::devices::NewDevice;
use hub_core::ids::AgentId;
use hub_core::protocol::devices::{CreateDevice, DeviceCreated};
use hub_core::wire;

pub(in crate::routes) async fn create(
    call: Call,
    Id(agent_id): Id<AgentId>,
    Json(body): Json<CreateDevice>,
) -> Result<Created<DeviceCreated>> {
    let new = NewDevice { name: body.name, scopes: body.scopes };
    let (device, token) = call.hub().devices().create(&call.context, agent_id, new).await?;
    Ok(Created(DeviceCreated {
        device_id: device.device_id.0,
        agent_id: device.agent_id.0,
        name: device.name,
        scopes: device.scopes,
        created_at: device.created_at.to_string(),
        token: wire::secret(&token),
    }))
}
