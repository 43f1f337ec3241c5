//! From nothing to an approved deed and its log, in the words of the contract.

use super::harness::{ADMIN, Database, Server, id, on_both_databases, until};
use super::world::{World, drained, of};
use hub_server::server::Settings;
use reqwest::StatusCode;
use serde_json::json;

on_both_databases! { what_is_said_is_recalled_and_what_is_approved_is_done_and_logged }

async fn what_is_said_is_recalled_and_what_is_approved_is_done_and_logged(database: Database) {
    let server = Server::start_on(&database, Settings::default(), |builder| builder).await;
    let world = World::make(&server, "rules").await;

    let event = world.event("the spare key is under the blue flowerpot");
    let answer = server.post("/v1/events", &world.device, event.clone()).await;
    assert_eq!(answer, json!({"results": [{"event_id": event["event_id"], "status": "stored"}]}));
    let again = server.post("/v1/events", &world.device, event.clone()).await;
    assert_eq!(again["results"][0]["status"], "duplicate");

    let status = drained(&server, &world).await;
    assert_eq!(status["counts"]["events"], 1);
    assert!(status["audit"]["head"].as_str().unwrap().starts_with("sha256:"));

    let question = json!({"query": "where is the spare key", "k": 3});
    let recalled = server.post("/v1/recall", &world.device, question).await;
    let best = &recalled["memories"][0];
    assert_eq!(best["content"], "the spare key is under the blue flowerpot");
    assert_eq!(best["source_event_ids"], json!([event["event_id"]]));
    assert_eq!((&best["tier"], &recalled["partial"]), (&json!("episodic"), &json!(false)));
    assert!(best["score"].is_f64() && best["why"]["terms"].is_array(), "{best}");

    let listed = server.get(&format!("/v1/spaces/{}/events", world.space), &world.owner).await;
    assert_eq!(listed["items"][0]["payload"]["text"], "the spare key is under the blue flowerpot");
    let memories = server.get(&of(&world.agent, "memories?tier=episodic&limit=1"), &world.owner).await;
    assert_eq!(memories["items"].as_array().unwrap().len(), 1);

    approved_is_done(&server, &world).await;

    let entries = server.get(&of(&world.agent, "audit/entries?limit=500"), ADMIN).await;
    let kinds: Vec<&str> = entries["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["entry"]["kind"].as_str().unwrap())
        .collect();
    for kind in ["agent.created", "space.created", "device.created", "token.created", "event.stored"] {
        assert!(kinds.contains(&kind), "{kind} is not in {kinds:?}");
    }
    assert!(!entries.to_string().contains("flowerpot"));
    let (first, last) = (&entries["items"][0], entries["items"].as_array().unwrap().last().unwrap());
    assert_eq!(first["previous_hash"], format!("sha256:{}", "0".repeat(64)));
    let checkpoint = server.get(&of(&world.agent, "audit/checkpoint"), &world.owner).await;
    assert_eq!((&checkpoint["size"], &checkpoint["head"]), (&last["sequence"], &last["hash"]));
    assert_eq!(server.stop().await.0.cut_off, 0);
}

async fn approved_is_done(server: &Server, world: &World) {
    let proposed =
        server.call("POST", &of(&world.agent, "actions"), &world.device, Some(world.action())).await;
    let action = proposed.expect(StatusCode::CREATED);
    assert_eq!(action["state"], "awaiting_approval");
    assert_eq!(action["arguments"], json!({"text": "milk is out"}));
    let (path, digest) = (format!("/v1/actions/{}", id(&action, "action_id")), id(&action, "binding_digest"));
    assert!(digest.starts_with("sha256:") && digest.len() == 71, "{digest}");

    let approve = format!("{path}/approve");
    let body = |digest: &str| Some(json!({ "binding_digest": digest }));
    server.call("POST", &approve, &world.device, body(&digest)).await.problem(403, "not_an_approver");
    let stale = format!("sha256:{}", "0".repeat(64));
    server.call("POST", &approve, &world.member, body(&stale)).await.problem(409, "binding_changed");
    let approved = server.call("POST", &approve, &world.member, body(&digest)).await.expect(StatusCode::OK);
    assert_eq!(approved["approvals"][0]["binding_digest"], digest);

    let done = until("the deed", async || {
        let action = server.get(&path, &world.owner).await;
        (action["state"] == "done").then_some(action)
    })
    .await;
    assert!(done["result"].is_object(), "{done}");
    assert!(done["approvals"][0]["consumed_at"].is_string(), "{done}");
    let done_list = server.get(&of(&world.agent, "actions?state=done"), &world.owner).await;
    assert_eq!(done_list["items"][0]["action_id"], action["action_id"]);
}
