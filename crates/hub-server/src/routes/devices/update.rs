use crate::errors::Result;
use crate::routes::answer::Shown;
use crate::routes::endpoint::Call;
use crate::routes::input::{Id, Json};
use hub_core::hub::devices::DevicePatch;
use hub_core::ids::DeviceId;
use hub_core::protocol::devices::{Device, PatchDevice};
use hub_core::wire;

pub(in crate::routes) async fn update(
    call: Call,
    Id(device_id): Id<DeviceId>,
    Json(body): Json<PatchDevice>,
) -> Result<Shown<Device>> {
    let patch = DevicePatch { name: body.name, scopes: body.scopes };
    Ok(Shown(wire::device(call.hub().devices().update(&call.context, device_id, patch).await?)))
}
