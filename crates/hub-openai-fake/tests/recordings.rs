//! Recorded traffic of the real server: each exchange can be served, and is what a client then reads.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]

use hub_openai_fake::{Fake, Reply, recording};
use std::path::PathBuf;

/// Where the recordings are; they are not part of this tree.
fn folder() -> PathBuf {
    let named = std::env::var_os("HUB_TEST_DATA").map(PathBuf::from);
    named.unwrap_or_else(|| "../../../shared/data".into()).join("responses")
}

#[tokio::test]
async fn every_recorded_exchange_is_served_and_read() {
    let folder = folder();
    let Ok(files) = std::fs::read_dir(&folder) else {
        println!("not run: no recordings in {}; HUB_TEST_DATA names their parent folder", folder.display());
        return;
    };
    // Other crates of the workspace bring TLS into the client, which then asks for a provider, though nothing
    // here speaks it.
    let _already_set = rustls::crypto::ring::default_provider().install_default();
    let mut served = 0;
    for file in files {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let exchanges = recording::read(&text).unwrap();
        let fake = Fake::start(recording::script(&text).unwrap()).await.unwrap();
        let client = reqwest::Client::builder().build().unwrap();
        for exchange in exchanges {
            if exchange.request.0 != "POST" {
                continue;
            }
            let sent =
                client.post(format!("{}/responses", fake.url())).json(&exchange.asked).send().await.unwrap();
            assert_eq!(sent.status(), 200);
            let body = sent.text().await.unwrap();
            match exchange.answer.reply {
                Reply::Body(body_recorded) => {
                    let read: serde_json::Value = serde_json::from_str(&body).unwrap();
                    assert_eq!(read, body_recorded);
                    assert_eq!(read["object"], "response");
                }
                Reply::Raw(stream) => assert!(body == stream && body.contains("response.completed")),
                other => panic!("{other:?}"),
            }
            served += 1;
        }
    }
    assert!(served >= 5, "{served}");
}
