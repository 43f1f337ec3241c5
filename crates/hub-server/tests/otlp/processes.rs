//! One trace through three processes on one PostgreSQL database: one listens, one plans, one acts.
#![cfg(feature = "postgres")]

use crate::cli_support::Folder;
use crate::collector::{Collector, Manner};
use crate::house::{House, collecting};
use crate::story::{HEARD, HEARD_BY, WISH, traceparent};
use crate::tree::Tree;
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_trace_goes_through_three_processes() {
    let made = tokio::task::spawn_blocking(Folder::on_postgresql).await.unwrap();
    let Some(folder) = made else { return };
    let (planner, doer) = (folder.beside_it(), folder.beside_it());
    let collector = Collector::start(Manner::default()).await;
    let environment = collecting(&collector.url);
    let house = House::start(folder, &["--no-workers"], &environment);
    let workers =
        [house.worker(&planner, "plan,index", &environment), house.worker(&doer, "tools", &environment)];
    house.say(&[WISH], Some(&traceparent(HEARD, HEARD_BY))).await;
    let action = house.proposed().await;
    house.approve(&action, None).await;
    house.done(&action).await;
    house.drained().await;
    for worker in workers {
        let (code, _) = tokio::task::spawn_blocking(move || worker.stop()).await.unwrap();
        assert_eq!(code, 0);
    }
    house.stop().await;

    let tree = Tree::of(&collector.spans(), HEARD);
    assert_eq!(tree.roots().len(), 1, "{:?}", tree.names());
    let ran = tree.one("execute_tool reminder.set");
    let way = [
        "execute_tool reminder.set",
        "process tools",
        "approve",
        "propose",
        "commit",
        "process plan",
        "POST /v1/events",
    ];
    assert_eq!(tree.way_up(ran), way);
    let program = |name: &str| tree.one(name).process["hub.program"].clone();
    assert_eq!(program("POST /v1/events"), "hub serve");
    assert_eq!(program("approve"), "hub serve");
    assert_eq!(
        (program("process plan"), program("process tools")),
        ("hub worker".into(), "hub worker".into())
    );
    let processes: BTreeSet<&str> =
        tree.all().map(|told| told.process["service.instance.id"].as_str()).collect();
    assert_eq!(processes.len(), 3);
    assert!(tree.all().all(|told| told.process["service.name"] == "hub"));
}
