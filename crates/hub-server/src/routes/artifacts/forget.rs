use crate::errors::Result;
use crate::routes::answer::Done;
use crate::routes::endpoint::Call;
use crate::routes::input::Id;
use hub_core::ids::ArtifactId;

pub(in crate::routes) async fn forget(call: Call, Id(artifact_id): Id<ArtifactId>) -> Result<Done> {
    call.hub().artifacts().forget(&call.context, artifact_id).await?;
    Ok(Done)
}
