//! Through a hub: proposed, approved with the name of a secret, run; and the secret is nowhere.

use crate::world::{Names, OneSecret, SECRET, Service, rule};
use hub_core::actions::Action;
use hub_core::hub::actions::NewAction;
use hub_core::vocabulary::{ActionState, Role};
use hub_core::{Context, Hub, HubBuilder};
use hub_http::{AgentRules, HttpRequest, Settings};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

async fn ends(hub: &Hub, owner: &Context, action: &Action) -> Action {
    for _ in 0..1_000 {
        let found = hub.actions().get(owner, action.action_id).await.unwrap();
        if !matches!(
            found.state,
            ActionState::AwaitingApproval | ActionState::Approved | ActionState::Running
        ) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the action did not end within 10 s");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_waits_for_a_person_and_its_secret_is_kept_nowhere() {
    let service = Service::start().await;
    let folder = tempfile::tempdir().unwrap();
    let admin = Context::admin();
    // The rules name the agent, which is made first.
    let hub = Hub::open(folder.path()).await.unwrap();
    let agent = hub.agents().create(&admin, "home".into()).await.unwrap().agent_id;
    let space = hub.spaces().create(&admin, agent, "kitchen".to_owned()).await.unwrap().space_id;
    let anna = hub.people().create(&admin, agent, "Anna".to_owned()).await.unwrap().person_id;
    hub.shutdown().await;
    let allow = vec![rule(&service.url("calendar.test", "/"), true, &["CALENDAR"])];
    let settings = Settings {
        agents: BTreeMap::from([(agent.0, AgentRules { allow })]),
        seconds: 1,
        ..Settings::default()
    };
    let names = Names::of(&[("calendar.test", &["127.0.0.1"])]);
    let tool = HttpRequest::new(&settings, names, Arc::new(OneSecret)).unwrap();
    let hub = HubBuilder::in_folder(folder.path()).tool(Arc::new(tool)).open().await.unwrap();
    let owner = Context::operator(agent, anna, Role::Owner);
    let propose = async |path: &str| {
        let arguments = json!({
            "method": "POST",
            "url": service.url("calendar.test", path),
            "headers": { "Authorization": { "$secret": "CALENDAR", "prefix": "Bearer " } },
            "body": "dinner at eight",
        });
        let new = NewAction {
            action_id: None,
            space_id: space,
            tool: "http.request".to_owned(),
            arguments,
            reason: None,
        };
        hub.actions().propose(&owner, agent, new).await.unwrap()
    };
    let action = propose("/echo").await;
    assert_eq!(action.state, ActionState::AwaitingApproval);
    assert!(service.requests().is_empty());
    hub.actions().approve(&owner, action.action_id, action.binding_digest).await.unwrap();
    let done = ends(&hub, &owner, &action).await;
    assert_eq!(done.state, ActionState::Done, "{:?}", done.problem);
    assert!(service.requests()[0].contains(&format!("Bearer {SECRET}")));
    assert!(done.result.unwrap()["body"].as_str().unwrap().contains("[secret CALENDAR]"));

    // What was perhaps done is a person's to say.
    let action = propose("/cut").await;
    hub.actions().approve(&owner, action.action_id, action.binding_digest).await.unwrap();
    assert_eq!(ends(&hub, &owner, &action).await.state, ActionState::Unknown);

    let wrong = json!({ "method": "GET", "url": "http://calendar.test/", "headers": { "A": { "$secret": "x", "value": "y" } } });
    let new = NewAction {
        action_id: None,
        space_id: space,
        tool: "http.request".to_owned(),
        arguments: wrong,
        reason: None,
    };
    assert_eq!(hub.actions().propose(&owner, agent, new).await.unwrap_err().code(), "arguments_schema");
    hub.shutdown().await;
    for file in files(folder.path()) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(SECRET.len()).any(|part| part == SECRET.as_bytes()), "{}", file.display());
    }
}
