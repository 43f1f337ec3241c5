//! Of hubs that start at once on one empty database, one makes the first agent.

use super::Fresh;
use futures_util::future::join_all;
use hub_core::hub::agents::NewAgent;
use hub_core::page::PageRequest;
use hub_core::store::PostgresExecutor;
use hub_core::{Context, Hub, HubBuilder};
use std::sync::Arc;

async fn open(fresh: &Fresh) -> (Hub, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let executor = Arc::new(PostgresExecutor::open(&fresh.url()).await.unwrap());
    let hub = HubBuilder::in_folder(folder.path()).executor(executor).workers(Vec::new()).open().await;
    (hub.unwrap(), folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_several_hubs_makes_the_first_agent() {
    let Some(fresh) = Fresh::make().await else { return };
    let admin = Context::admin();
    // All migrate the same empty database at once, too.
    let hubs = join_all((0..4).map(|_| open(&fresh))).await;
    let tries = hubs
        .iter()
        .map(|(hub, _)| async { hub.agents().create_first(&admin, NewAgent::from("home")).await.unwrap() });
    let made: Vec<_> = join_all(tries).await.into_iter().flatten().collect();
    assert_eq!(made.len(), 1, "{made:?}");
    let agents = hubs[0].0.agents().list(&admin, PageRequest::default()).await.unwrap().items;
    assert_eq!(agents, made);
    assert!(hubs[1].0.agents().create_first(&admin, NewAgent::from("other")).await.unwrap().is_none());
    assert!(hubs[2].0.audit().verify(&admin).await.unwrap().holds());
    for (hub, _) in &hubs {
        hub.shutdown().await;
    }
}
