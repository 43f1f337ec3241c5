use crate::errors::Result;
use crate::routes::answer::Shown;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::DeviceId;
use hub_core::protocol::devices::Device;
use hub_core::wire;

pub(in crate::routes) async fn get(call: Call, Id(device_id): Id<DeviceId>) -> Result<Shown<Device>> {
    Ok(Shown(wire::device(call.hub().devices().get(&call.context, device_id).await?)))
}
