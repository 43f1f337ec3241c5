//! What `deploy/` and docs/OPERATIONS.md say of metrics is compared with `/metrics`.

use super::harness::{Reply, Server, id};
use super::world::{World, of};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

/// The metrics that a text names, without what Prometheus appends to those of histograms.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !(letter.is_ascii_lowercase() || letter == '_'));
    let names = words.filter(|word| word.starts_with("hub_") && word.len() > 4).map(|word| {
        ["_bucket", "_sum", "_count"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word).to_owned()
    });
    names.collect()
}

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The rows of the table of metrics.
fn documented() -> BTreeSet<String> {
    let text = file("docs/OPERATIONS.md");
    let rows = text.lines().filter(|line| line.starts_with("| `hub_"));
    rows.flat_map(|row| named(row.split('|').nth(1).unwrap())).collect()
}

async fn served(server: &Server) -> BTreeSet<String> {
    let Reply { text, .. } = server.raw("GET", "/metrics", None, None).await;
    text.lines()
        .filter_map(|line| line.strip_prefix("# TYPE "))
        .filter_map(|rest| rest.split(' ').next().map(str::to_owned))
        .collect()
}

/// After a window was planned, an action run, and a token refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_metric_of_dashboard_alerts_and_document_is_served_and_every_served_one_documented() {
    let server = Server::start().await;
    let world = World::make(&server, "rules").await;
    server.call("GET", "/v1/agents", "wrong", None).await.problem(401, "unknown_token");
    let said = world.event("Remind me to water the plants tomorrow at nine.");
    assert_eq!(server.call("POST", "/v1/events", &world.device, Some(said)).await.status, 200);
    let proposed = server.post(&of(&world.agent, "actions"), &world.device, world.action()).await;
    let approve = format!("/v1/actions/{}/approve", id(&proposed, "action_id"));
    let shown = json!({"binding_digest": proposed["binding_digest"]});
    assert_eq!(server.call("POST", &approve, &world.owner, Some(shown)).await.status, 200);
    let documented = documented();
    let deadline = Instant::now() + Duration::from_secs(30);
    // Planning and the run of the tool are seen a moment later.
    while !documented.is_subset(&served(&server).await) {
        let missing: Vec<_> = documented.difference(&served(&server).await).cloned().collect();
        assert!(Instant::now() < deadline, "documented and not served: {missing:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(served(&server).await, documented, "a served metric is not documented");
    for name in ["deploy/grafana.json", "deploy/alerts.yml", "deploy/alerts.test.yml"] {
        let used = named(&file(name));
        assert!(!used.is_empty(), "{name} uses no metric");
        let unknown: Vec<_> = used.difference(&documented).collect();
        assert!(unknown.is_empty(), "{name} uses {unknown:?}, which nothing serves");
    }
}
