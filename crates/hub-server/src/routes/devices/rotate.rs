use crate::errors::Result;
use crate::routes::answer::Shown;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::DeviceId;
use hub_core::protocol::devices::DeviceRotated;
use hub_core::wire;

pub(in crate::routes) async fn rotate(
    call: Call,
    Id(device_id): Id<DeviceId>,
) -> Result<Shown<DeviceRotated>> {
    let (device, token) = call.hub().devices().rotate(&call.context, device_id).await?;
    Ok(Shown(DeviceRotated { device_id: device.device_id.0, token: wire::secret(&token) }))
}
