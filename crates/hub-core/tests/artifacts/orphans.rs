//! What a process that died left behind is removed; what is somebody's is not.

use crate::world::{World, noise, until};
use hub_core::artifacts::{BlobStore as _, FolderBlobs};
use hub_core::audit::Digest;
use hub_core::hub::WorkerRole;
use hub_core::ids::AgentId;
use std::time::Duration;
use uuid::Uuid;

on_both! {
    blobs_without_a_row_and_uploads_without_a_process_are_removed
}

async fn blobs_without_a_row_and_uploads_without_a_process_are_removed(mut world: World) {
    let kept = world.keep(&[], &noise(1, 30_000)).await;
    let folder = world.folder.path().join("artifacts");
    let store = FolderBlobs::new(&folder);
    let put = async |agent: AgentId, seed: u8| {
        let bytes = noise(seed, 9_000);
        let mut writer = store.begin(Uuid::from_u128(u128::from(seed))).await.unwrap();
        writer.write(bytes.clone().into()).await.unwrap();
        writer.seal().await.unwrap();
        writer.publish(agent, &Digest::of(&bytes)).await.unwrap();
        writer.abort().await;
    };
    // As a process leaves them that is killed between a blob and its row, or before the row's commit.
    put(world.agent, 2).await;
    // Of an agent that another database has.
    let stranger = AgentId(Uuid::from_u128(77));
    put(stranger, 3).await;
    std::fs::write(folder.join("unfinished").join(Uuid::from_u128(5).to_string()), noise(5, 9_000)).unwrap();
    let mut alive = store.begin(Uuid::from_u128(6)).await.unwrap();
    alive.write(noise(6, 9_000).into()).await.unwrap();
    assert_eq!(world.blobs().len(), 5);

    world.restart(&[WorkerRole::Timers]).await;
    until("a swept folder", async || {
        world.clock.advance(Duration::from_millis(250));
        world.blobs().len() == 3
    })
    .await;
    assert_eq!(world.read(kept.artifact_id, None).await.unwrap(), noise(1, 30_000));
    assert_eq!(store.digests(stranger).await.unwrap(), [Digest::of(&noise(3, 9_000))]);
    alive.seal().await.unwrap();
    alive.abort().await;
    assert_eq!(world.blobs().len(), 2);

    // Once an hour it is looked again.
    put(world.agent, 8).await;
    world.clock.advance(Duration::from_secs(3_600));
    until("a folder that is swept again", async || {
        world.clock.advance(Duration::from_millis(250));
        world.blobs().len() == 2
    })
    .await;
}
