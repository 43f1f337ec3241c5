//! A hub that was lived with: a row of every kind in every table. What is said in it is invented.
#![allow(dead_code, reason = "not every test uses all of it")]
#![allow(clippy::disallowed_methods, reason = "it waits for conditions, and looks again after a moment")]

use hub_core::actions::Action;
use hub_core::artifacts::NewArtifact;
use hub_core::clock::{Clock as _, SystemClock};
use hub_core::events::NewEvent;
use hub_core::hub::actions::NewAction;
use hub_core::hub::consents::NewGrant;
use hub_core::hub::devices::NewDevice;
use hub_core::hub::memory::NewNote;
use hub_core::hub::presence::NewPresence;
use hub_core::hub::spaces::SpacePatch;
use hub_core::hub::tokens::NewToken;
use hub_core::ids::{AgentId, EventId, PersonId, SpaceId};
use hub_core::memory::RecallRequest;
use hub_core::planner::{Meter, Plan, Planner, ProposedAction, ProposedMemory, Window};
use hub_core::store::{Executor, Intent, Reach, Statement};
use hub_core::tools::{FnTool, ToolManifest};
use hub_core::trace::{TraceContext, Traces};
use hub_core::vocabulary::{
    ActionState, ConsentKind, Effect, EventStatus, PlannerKind, PresenceState, Role, Scope,
};
use hub_core::{Context, Error, Hub, HubBuilder, Result, Settings};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Plans a fact and a request for each window, and gives up on one.
#[derive(Debug)]
struct Scripted;

#[async_trait::async_trait]
impl Planner for Scripted {
    fn name(&self) -> &str {
        "scripted"
    }

    fn version(&self) -> &str {
        "1"
    }

    async fn plan(&self, window: Window, meter: &Meter) -> Result<Plan> {
        // As a model that is asked once.
        meter.asked(10);
        meter.answered(12, 5);
        let mut plan = Plan::default();
        for said in window.utterances {
            if said.text.contains("unplannable") {
                return Err(Error::invalid("stubborn", "not this"));
            }
            plan.memories.push(ProposedMemory {
                content: format!("Somebody said: {}", said.text),
                predicate: "said".to_owned(),
                person_id: None,
                confidence: 0.625,
                source_event_ids: vec![said.event_id],
            });
            if said.text.contains("please") {
                plan.actions.push(ProposedAction {
                    tool: "memory.note".to_owned(),
                    arguments: json!({ "text": said.text }),
                    reason: "It was asked for".to_owned(),
                    source_event_ids: vec![said.event_id],
                });
            }
        }
        Ok(plan)
    }
}

/// Records as if one span were all there is.
#[derive(Debug)]
struct OneSpan;

impl Traces for OneSpan {
    fn are_recorded(&self) -> bool {
        true
    }

    fn context(&self, _span: &tracing::Span) -> Option<TraceContext> {
        TraceContext::new([7; 16], [9; 8], true)
    }
}

/// Opens a hub with what [`live`] needs, in a folder or on another database.
async fn open(folder: &Path, executor: Option<Arc<dyn Executor>>, works: bool) -> Hub {
    let settings = Settings { window_utterances: 2, poll_ms: 10, max_attempts: 1, ..Settings::default() };
    let manifest = ToolManifest {
        name: "door.open".to_owned(),
        version: "1.0.0".to_owned(),
        description: "Opens a door that is stuck".to_owned(),
        input_schema: json!({ "type": "object" }),
        effect: Effect::External,
        scopes: vec![],
        timeout_seconds: 5,
        idempotent: true,
    };
    let stuck = FnTool::new(manifest, |_| async { Err(Error::invalid("stuck", "the door is stuck")) });
    let mut builder = HubBuilder::in_folder(folder)
        .settings(settings)
        .planner(PlannerKind::Rules, Arc::new(Scripted))
        .tool(Arc::new(stuck))
        .traces(Arc::new(OneSpan));
    if let Some(executor) = executor {
        builder = builder.executor(executor);
    }
    if !works {
        builder = builder.workers(vec![]);
    }
    builder.open().await.unwrap()
}

struct Lived {
    hub: Hub,
    agent: AgentId,
    space: SpaceId,
    anna: PersonId,
    said: u128,
}

impl Lived {
    fn owner(&self) -> Context {
        Context::operator(self.agent, self.anna, Role::Owner)
    }

    async fn say(&mut self, space: SpaceId, event_type: &str, payload: Value) -> EventId {
        self.said += 1;
        let event = NewEvent {
            event_id: EventId(Uuid::from_u128(self.said)),
            space_id: space,
            event_type: event_type.to_owned(),
            occurred_at: SystemClock.now(),
            person_id: Some(self.anna),
            payload: payload.as_object().unwrap().clone(),
        };
        let id = event.event_id;
        let outcome = self.hub.events().append(&self.owner(), event).await.unwrap().remove(0);
        assert_eq!(outcome.status, EventStatus::Stored, "{:?}", outcome.problem);
        id
    }

    async fn talk(&mut self, text: &str) -> EventId {
        self.say(self.space, "transcript_chunk", json!({ "text": text, "role": "user" })).await
    }

    async fn propose(&self, tool: &str, arguments: Value) -> Action {
        let new = NewAction {
            action_id: None,
            space_id: self.space,
            tool: tool.to_owned(),
            arguments,
            reason: None,
        };
        self.hub.actions().propose(&self.owner(), self.agent, new).await.unwrap()
    }

    async fn approve(&self, tool: &str, arguments: Value) -> Action {
        let action = self.propose(tool, arguments).await;
        self.hub.actions().approve(&self.owner(), action.action_id, action.binding_digest).await.unwrap()
    }

    async fn reaches(&self, action: &Action, state: ActionState) {
        for _ in 0..2_000 {
            let found = self.hub.actions().get(&self.owner(), action.action_id).await.unwrap();
            if found.state == state {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no action became {state} within 20 s");
    }

    async fn privacy(&self, space: SpaceId, on: bool) {
        let patch = SpacePatch { privacy_mode: Some(on), ..Default::default() };
        self.hub.spaces().update(&self.owner(), space, patch).await.unwrap();
    }
}

async fn begin(hub: &Hub, name: &str) -> Lived {
    let admin = Context::admin();
    let agent = hub.agents().create(&admin, name.into()).await.unwrap().agent_id;
    let space = hub.spaces().create(&admin, agent, "kitchen".to_owned()).await.unwrap().space_id;
    let anna = hub.people().create(&admin, agent, "Anna Größe 🌷".to_owned()).await.unwrap().person_id;
    Lived { hub: hub.clone(), agent, space, anna, said: 0 }
}

/// Lives with a hub for a while, and stops it with work left to do. `rows` more sentences are said.
/// `database` opens another one than the folder's.
pub(crate) async fn live(folder: &Path, database: impl AsyncFn() -> Option<Arc<dyn Executor>>, rows: usize) {
    let hub = open(folder, database().await, true).await;
    let mut home = begin(&hub, "home").await;
    arrange(&home).await;
    record(&mut home).await;
    speak(&mut home).await;
    act(&home).await;
    hub.drained(home.agent).await.unwrap();

    // The ids of one agent's events are those of another's as well.
    let mut office = begin(&hub, "office").await;
    office.talk("The printer on the second floor is out of paper").await;
    hub.drained(office.agent).await.unwrap();
    // Of an agent that is gone the log is left.
    let mut gone = begin(&hub, "gone").await;
    gone.talk("Nobody will know of this").await;
    hub.agents().delete(&Context::admin(), gone.agent).await.unwrap();
    hub.shutdown().await;

    let hub = open(folder, database().await, false).await;
    (home.hub, office.hub) = (hub.clone(), hub.clone());
    home.talk("This one waits to be remembered").await;
    for number in 0..rows {
        office.talk(&format!("Ticket {number} is about room {}", number % 97)).await;
    }
    for number in 0..6 {
        home.propose("memory.note", json!({ "text": format!("Note {number}") })).await;
    }
    hub.shutdown().await;
}

async fn arrange(home: &Lived) {
    let (hub, agent, owner, admin) = (&home.hub, home.agent, home.owner(), Context::admin());
    let ben = hub.people().create(&admin, agent, "Ben".to_owned()).await.unwrap().person_id;
    let carl = hub.people().create(&admin, agent, "Carl".to_owned()).await.unwrap().person_id;
    hub.people().delete(&owner, carl).await.unwrap();
    let hall = hub.spaces().create(&admin, agent, "hall".to_owned()).await.unwrap().space_id;
    hub.spaces().delete(&owner, hall).await.unwrap();
    for name in ["tablet", "door"] {
        let new = NewDevice { name: name.to_owned(), scopes: vec![Scope::EventsWrite, Scope::MemoriesRead] };
        let (device, _) = hub.devices().create(&owner, agent, new).await.unwrap();
        if name == "door" {
            hub.devices().revoke(&owner, device.device_id).await.unwrap();
        }
    }
    let operator = NewToken::Operator { person_id: ben, role: Role::Member };
    let (token, _) = hub.tokens().create(&admin, agent, operator).await.unwrap();
    hub.tokens().revoke(&owner, token.token_id).await.unwrap();
    let later = SystemClock.now().after(Duration::from_secs(86_400));
    let delegate = NewToken::Delegate {
        name: "calendar".to_owned(),
        scopes: vec![Scope::EventsRead],
        spaces: vec![home.space],
        expires_at: later,
    };
    hub.tokens().create(&admin, agent, delegate).await.unwrap();
    let grant = |kind, expires_at| NewGrant { kind, expires_at };
    hub.consent().grant(&owner, home.anna, grant(ConsentKind::Voice, None)).await.unwrap();
    hub.consent().grant(&owner, ben, grant(ConsentKind::Recording, Some(later))).await.unwrap();
    let face = hub.consent().grant(&owner, ben, grant(ConsentKind::Face, None)).await.unwrap();
    hub.consent().revoke(&owner, face.consent_id).await.unwrap();
    let here = NewPresence { person_id: None, state: PresenceState::Present };
    hub.presence().report(&owner, home.space, here).await.unwrap();
    let schema = json!({ "type": "object", "required": ["open"] });
    hub.events().put_type(&owner, agent, "custom.door".to_owned(), schema).await.unwrap();
}

/// A recording to which an event refers, and a picture of nobody.
async fn record(home: &mut Lived) {
    let (hub, owner, space) = (home.hub.clone(), home.owner(), home.space);
    let new = NewGrant { kind: ConsentKind::Recording, expires_at: None };
    hub.consent().grant(&owner, home.anna, new).await.unwrap();
    let recorded = NewArtifact { person_ids: vec![home.anna], ..NewArtifact::new(space) };
    let mut ids = Vec::new();
    for (new, bytes) in
        [(recorded, &b"RIFF\x24\0\0\0WAVEfmt "[..]), (NewArtifact::new(space), b"\x89PNG\r\n\x1a\n")]
    {
        let mut upload = hub.artifacts().begin(&owner, new).await.unwrap();
        upload.write(bytes.to_vec().into()).await.unwrap();
        ids.push(upload.finish().await.unwrap().artifact_id);
    }
    let payload = json!({ "artifact_id": ids[0].0, "text": "What Anna sang" });
    home.say(space, "artifact_reference", payload).await;
}

async fn speak(home: &mut Lived) {
    let (hub, owner, agent, space) = (home.hub.clone(), home.owner(), home.agent, home.space);
    home.talk("The spare key is under the blue flowerpot, please note it").await;
    home.talk("Crème brûlée und Grüße 北京 🎂").await;
    home.say(space, "chat_message", json!({ "text": "Oslo is cold in January", "role": "user" })).await;
    let voice = json!({ "text": "My dentist is called Weber", "role": "user", "modality": "voice" });
    home.say(space, "transcript_chunk", voice).await;
    home.say(space, "custom.door", json!({ "open": true, "escaped": "a\u{1}b" })).await;
    hub.drained(agent).await.unwrap();
    home.talk("An unplannable sentence").await;
    home.talk("And one more, so that the window is full").await;
    hub.drained(agent).await.unwrap();
    let secret = home.talk("The safe opens with 1234").await;
    hub.drained(agent).await.unwrap();
    hub.events().forget(&owner, secret).await.unwrap();

    let study = hub.spaces().create(&owner, agent, "study".to_owned()).await.unwrap().space_id;
    home.privacy(study, true).await;
    home.privacy(study, false).await;
    tokio::time::sleep(Duration::from_millis(2)).await;
    home.privacy(study, true).await;
    for content in ["The bins go out on Tuesday", "The gardener comes in May"] {
        let note = NewNote { space_id: space, content: content.to_owned(), person_id: Some(home.anna) };
        let noted = hub.memory().note(&owner, agent, note).await.unwrap();
        if content.contains("May") {
            hub.memory()
                .edit(&owner, noted.memory_id, "The gardener comes in June".to_owned())
                .await
                .unwrap();
        }
    }
}

async fn act(home: &Lived) {
    let (hub, owner) = (&home.hub, home.owner());
    let device = hub.devices().list(&owner, home.agent, Default::default()).await.unwrap().items.remove(0);
    let fires = SystemClock.now().after(Duration::from_secs(86_400)).to_string();
    let arguments = [
        ("memory.note", json!({ "text": "Water the plants" })),
        ("reminder.set", json!({ "text": "Feed the zebrafish", "at": fires })),
        ("message.send", json!({ "text": "Dinner!", "to": { "space_id": home.space.0 }, "for": "all" })),
        ("message.send", json!({ "text": "Update yourself", "to": { "device_id": device.device_id.0 } })),
    ];
    for (tool, arguments) in arguments {
        let action = home.approve(tool, arguments).await;
        home.reaches(&action, ActionState::Done).await;
    }
    let stuck = home.approve("door.open", json!({ "door": "garage" })).await;
    home.reaches(&stuck, ActionState::Failed).await;
    let refused = home.propose("memory.note", json!({ "text": "Never mind" })).await;
    hub.actions().reject(&owner, refused.action_id, Some("not now".to_owned())).await.unwrap();
    let taken_back = home.propose("memory.note", json!({ "text": "Or not" })).await;
    hub.actions().cancel(&owner, taken_back.action_id).await.unwrap();
}

/// What a hub that was killed leaves: a job that a worker held, a fired reminder, and actions in the
/// states in which they seldom rest.
pub(crate) async fn be_killed(executor: &dyn Executor) {
    const LEASED: &str = "UPDATE queue SET state = 'leased', leased_until = 7, worker = 'index', fence = fence + 1 \
                          WHERE job_id = (SELECT max(job_id) FROM queue WHERE queue = 'index' AND state = 'ready')";
    const FIRED: &str = "UPDATE reminders SET fired_at = 9";
    const STATE: &str = "UPDATE actions SET state = $1 WHERE (agent_id, action_id) = (SELECT agent_id, action_id \
                         FROM actions WHERE state = 'awaiting_approval' ORDER BY action_id LIMIT 1)";
    let mut tx = executor.begin(Intent::Migrate, &Reach::nobody()).await.unwrap();
    for sql in [LEASED, FIRED] {
        tx.query(&Statement::new(sql), vec![]).await.unwrap();
    }
    for state in ["approved", "running", "unknown", "denied", "expired"] {
        tx.query(&Statement::new(STATE), vec![state.into()]).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Questions whose answers are noted; what they ask for was said in one of the agents.
const QUESTIONS: [&str; 6] = [
    "where is the spare key?",
    "how cold is Oslo?",
    "who is the dentist?",
    "Grüße 北京",
    "when do the bins go out?",
    "is there paper in the printer?",
];

/// What a hub says of itself, agent by agent: counts, where the log ends, and the first answers of its
/// memory.
pub(crate) async fn told(hub: &Hub) -> Value {
    let admin = Context::admin();
    let mut told = serde_json::Map::new();
    for agent in hub.agents().list(&admin, Default::default()).await.unwrap().items {
        let status = hub.agents().status(&admin, agent.agent_id).await.unwrap();
        let log = hub.audit().checkpoint(&admin, agent.agent_id).await.unwrap();
        let people = hub.people().list(&admin, agent.agent_id, Default::default()).await.unwrap().items;
        let owner = Context::operator(agent.agent_id, people[0].person_id, Role::Owner);
        let mut answers = serde_json::Map::new();
        for question in QUESTIONS {
            let found = hub.memory().recall(&owner, RecallRequest::new(question)).await.unwrap().memories;
            let contents: Vec<&str> = found.iter().take(3).map(|hit| hit.memory.content.as_str()).collect();
            answers.insert(question.to_owned(), json!(contents));
        }
        let log = json!({ "size": log.size, "head": log.hash.to_string() });
        told.insert(agent.name, json!({ "counts": status.counts, "log": log, "answers": answers }));
    }
    Value::Object(told)
}

/// As [`told`], of a database on which nobody works.
pub(crate) async fn told_of(folder: &Path, executor: Option<Arc<dyn Executor>>) -> Value {
    let hub = open(folder, executor, false).await;
    assert!(hub.audit().verify(&Context::admin()).await.unwrap().holds());
    let told = told(&hub).await;
    hub.shutdown().await;
    told
}
