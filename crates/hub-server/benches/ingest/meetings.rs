//! The 12,074 real turns, replayed at full speed with the rules planner.

use super::figure;
use super::hub::Hub;
use super::store::Kind;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

/// The meetings file, where it is.
pub(crate) fn file() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let data = std::env::var_os("HUB_TEST_DATA").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    Some(data.join("meetings/qmsum-product-val.jsonl")).filter(|file| file.is_file())
}

/// Replays the file and waits until all of it is planned and recallable.
pub(crate) async fn replay(kind: Kind, file: &std::path::Path, figures: &mut Vec<Value>) {
    eprintln!("meetings …");
    let store = kind.fresh().await;
    let hub = Hub::start(&store, &[]).await;
    let began = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_hub"))
        .args(["replay", "--json", "--data"])
        .arg(hub.folder())
        .envs(store.environment())
        .arg(file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    hub.drained().await;
    let took = began.elapsed().as_secs_f64();
    let name = "12,074 turns of the meetings, replayed, planned and recallable";
    figures.push(figure(name, took, "s", json!({ "at_most": 30.0 })));
}
