//! The same meeting, planned by rules and by a model whose answers stand in a file: what each proposed,
//! side by side. `cargo test -p hub-openai --test side_by_side -- --nocapture` prints it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]

use hub_core::clock::Timestamp;
use hub_core::events::NewEvent;
use hub_core::hub::actions::ActionFilter;
use hub_core::hub::agents::NewAgent;
use hub_core::hub::memory::MemoryFilter;
use hub_core::ids::EventId;
use hub_core::page::PageRequest;
use hub_core::vocabulary::{PlannerKind, Role, Tier};
use hub_core::{Context, Hub, HubBuilder, Settings};
use hub_openai::OpenAiPlanner;
use hub_openai_fake::{Fake, Script};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const MEETING: &str = include_str!("../testdata/meeting.txt");
const SCRIPT: &str = include_str!("../testdata/meeting.script.json");

/// What was proposed of each utterance, by its place.
type Proposed = BTreeMap<u128, Vec<String>>;

fn event_id(place: u128) -> EventId {
    EventId(Uuid::from_u128(place))
}

/// Plays the meeting to a new agent with this planner.
async fn proposed(hub: &Hub, kind: PlannerKind) -> Proposed {
    let admin = Context::admin();
    let agent = hub.agents().create(&admin, NewAgent { planner: Some(kind), ..NewAgent::from("home") }).await;
    let agent = agent.unwrap().agent_id;
    let space = hub.spaces().create(&admin, agent, "kitchen".to_owned()).await.unwrap().space_id;
    let mut people = BTreeMap::new();
    for name in ["Anna", "Tom"] {
        people.insert(name, hub.people().create(&admin, agent, name.to_owned()).await.unwrap().person_id);
    }
    let owner = Context::operator(agent, people["Anna"], Role::Owner);
    let events: Vec<NewEvent> = MEETING
        .lines()
        .zip(1_u128..)
        .map(|(line, place)| {
            let (speaker, text) = line.split_once(": ").unwrap();
            NewEvent {
                event_id: event_id(place),
                space_id: space,
                event_type: "transcript_chunk".to_owned(),
                occurred_at: Timestamp::parse("2026-03-04T09:00:00Z").unwrap(),
                person_id: None,
                payload: json!({"text": text, "role": "user", "speaker": speaker})
                    .as_object()
                    .unwrap()
                    .clone(),
            }
        })
        .collect();
    let outcomes = hub.events().append(&owner, events).await.unwrap();
    assert!(outcomes.iter().all(|outcome| outcome.problem.is_none()), "{outcomes:?}");
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    loop {
        let status = hub.agents().status(&admin, agent).await.unwrap();
        if status.queues.values().all(|depth| depth.ready + depth.leased + depth.delayed == 0) {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "not drained");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let mut proposed = Proposed::new();
    let filter = MemoryFilter { tier: Some(Tier::Semantic), ..MemoryFilter::default() };
    for memory in hub.memory().list(&owner, agent, filter, PageRequest::default()).await.unwrap().items {
        let place = memory.source_event_ids[0].0.as_u128();
        proposed.entry(place).or_default().push(format!("remember: {}", memory.content));
    }
    let page = PageRequest::default();
    for action in hub.actions().list(&owner, agent, ActionFilter::default(), page).await.unwrap().items {
        let text = action.arguments["text"].as_str().unwrap_or_default().to_owned();
        let place = action.source_event_ids[0].0.as_u128();
        proposed.entry(place).or_default().push(format!("{}: {text}", action.tool));
    }
    proposed
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_and_a_model_side_by_side() {
    let fake = Fake::start(Script::parse(SCRIPT).unwrap()).await.unwrap();
    let settings = hub_openai::Settings { base_url: fake.url(), ..Default::default() };
    let planner = Arc::new(OpenAiPlanner::new(settings, None).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { window_pause_ms: 300, ..Settings::default() };
    let builder = HubBuilder::in_folder(folder.path()).settings(settings);
    let hub = builder.planner(PlannerKind::OpenAi, planner).open().await.unwrap();
    let rules = proposed(&hub, PlannerKind::Rules).await;
    let model = proposed(&hub, PlannerKind::OpenAi).await;
    let nothing = vec!["-".to_owned()];
    for (line, place) in MEETING.lines().zip(1_u128..) {
        println!("\n{line}");
        for (by, what) in [("rules", &rules), ("model", &model)] {
            for proposal in what.get(&place).unwrap_or(&nothing) {
                println!("    {by}  {proposal}");
            }
        }
    }
    assert_eq!(rules[&1], model[&1], "both hear the allergy");
    assert!(rules[&3][0].starts_with("reminder.set") && model[&3][0].starts_with("reminder.set"));
    assert_eq!((rules.get(&2), model[&2].len()), (None, 1), "no rule speaks of boilers");
    assert!(
        !model.contains_key(&6) && !rules.contains_key(&6),
        "what others are quoted as saying is nothing"
    );
    hub.shutdown().await;
}
