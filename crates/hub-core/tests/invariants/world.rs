//! A hub on a clock that stands still, over a database that fails when it is told to.

use hub_core::actions::Action;
use hub_core::clock::{Clock as _, Timestamp};
use hub_core::events::NewEvent;
use hub_core::hub::WorkerRole;
use hub_core::hub::actions::NewAction;
use hub_core::ids::{ActionId, AgentId, EventId, PersonId, SpaceId};
use hub_core::memory::{Recall, RecallRequest};
use hub_core::page::PageRequest;
use hub_core::planner::{Meter, Plan, Planner, ProposedAction, ProposedMemory, Window};
use hub_core::store::{Executor as _, Intent, Reach, Row, SqliteExecutor, Statement, Value as Sql};
use hub_core::testkit::{FailingExecutor, Gate, ManualClock, SeededEntropy};
use hub_core::tools::{FnTool, Tool, ToolManifest};
use hub_core::vocabulary::{ActionState, Effect, EventStatus, Role, SpeakerRole};
use hub_core::{Context, Error, Hub, HubBuilder, Result, Settings};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use uuid::Uuid;

pub(crate) struct World {
    pub(crate) hub: Hub,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) database: FailingExecutor,
    pub(crate) agent_id: AgentId,
    pub(crate) space_id: SpaceId,
    pub(crate) anna: PersonId,
    pub(crate) ben: PersonId,
    pub(crate) folder: tempfile::TempDir,
}

/// A hub over a folder, and the database that it stands on.
pub(crate) async fn open(
    folder: &Path,
    clock: &Arc<ManualClock>,
    change: impl FnOnce(HubBuilder) -> HubBuilder,
) -> (Hub, FailingExecutor) {
    let executor = SqliteExecutor::open(&folder.join("hub.db")).await.unwrap();
    let database = FailingExecutor::over(Arc::new(executor));
    let builder = HubBuilder::in_folder(folder)
        .clock(clock.clone())
        .entropy(Arc::new(SeededEntropy::new(1)))
        .executor(Arc::new(database.clone()))
        .workers(vec![]);
    (change(builder).open().await.unwrap(), database)
}

impl World {
    /// Without workers.
    pub(crate) async fn new() -> Self {
        Self::build(|builder| builder).await
    }

    pub(crate) async fn with(roles: &[WorkerRole]) -> Self {
        Self::build(|builder| builder.workers(roles.to_vec()).settings(hurried())).await
    }

    pub(crate) async fn build(change: impl FnOnce(HubBuilder) -> HubBuilder) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::default());
        let (hub, database) = open(folder.path(), &clock, change).await;
        let admin = Context::admin();
        let agent_id = hub.agents().create(&admin, "home".into()).await.unwrap().agent_id;
        let space_id = hub.spaces().create(&admin, agent_id, "kitchen".to_owned()).await.unwrap().space_id;
        let anna = hub.people().create(&admin, agent_id, "Anna".to_owned()).await.unwrap().person_id;
        let ben = hub.people().create(&admin, agent_id, "Ben".to_owned()).await.unwrap().person_id;
        Self { hub, clock, database, agent_id, space_id, anna, ben, folder }
    }

    /// Stops the hub, while time passes: a worker may rest by the clock before it ends.
    pub(crate) async fn stop(&self) {
        tokio::select! {
            () = self.hub.shutdown() => {}
            () = async {
                loop {
                    self.pass(Duration::from_millis(20));
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            } => {}
        }
    }

    /// Stops the hub and starts another one over the same folder and clock.
    pub(crate) async fn restart(&mut self, change: impl FnOnce(HubBuilder) -> HubBuilder) {
        self.stop().await;
        (self.hub, self.database) = open(self.folder.path(), &self.clock, change).await;
    }

    /// Anna, who owns the agent.
    pub(crate) fn owner(&self) -> Context {
        Context::operator(self.agent_id, self.anna, Role::Owner)
    }

    /// Ben, who is a member.
    pub(crate) fn member(&self) -> Context {
        Context::operator(self.agent_id, self.ben, Role::Member)
    }

    pub(crate) fn pass(&self, duration: Duration) {
        self.clock.advance(duration);
    }

    pub(crate) fn said(&self, id: u128, text: &str) -> NewEvent {
        self.spoken(id, text, "text")
    }

    pub(crate) fn spoken(&self, id: u128, text: &str, modality: &str) -> NewEvent {
        let payload = json!({ "text": text, "role": "user", "modality": modality });
        event(id, self.space_id, self.clock.now(), payload)
    }

    /// Appends as Anna.
    pub(crate) async fn append(&self, event: NewEvent) -> (EventStatus, Option<Error>) {
        let outcome = self.hub.events().append(&self.owner(), event).await.unwrap().remove(0);
        (outcome.status, outcome.problem)
    }

    pub(crate) async fn privacy(&self, on: bool) {
        let patch = hub_core::hub::spaces::SpacePatch { privacy_mode: Some(on), ..Default::default() };
        self.hub.spaces().update(&self.owner(), self.space_id, patch).await.unwrap();
    }

    pub(crate) async fn recall(&self, words: &str) -> Recall {
        self.hub.memory().recall(&self.owner(), RecallRequest::new(words)).await.unwrap()
    }

    pub(crate) async fn event_ids(&self) -> Vec<u128> {
        let page = PageRequest { limit: Some(500), cursor: None };
        let page = self.hub.events().list(&self.owner(), self.space_id, page).await.unwrap();
        page.items.iter().map(|event| event.event_id.0.as_u128()).collect()
    }

    /// Kinds of the entries of the log, oldest first.
    pub(crate) async fn log(&self) -> Vec<Value> {
        let mut entries = Vec::new();
        let mut page = PageRequest { limit: Some(500), cursor: None };
        loop {
            let found =
                self.hub.audit().entries(&Context::admin(), self.agent_id, page.clone()).await.unwrap();
            entries.extend(found.items.iter().map(|entry| serde_json::from_str(&entry.entry).unwrap()));
            match found.next_cursor {
                Some(cursor) => page.cursor = Some(cursor),
                None => return entries,
            }
        }
    }

    pub(crate) async fn logged(&self, kind: &str) -> usize {
        self.log().await.iter().filter(|entry| entry["kind"] == kind).count()
    }

    /// Runs SQL past the hub, as somebody does who can write to the file. Reads as well.
    pub(crate) async fn sql(&self, sql: &'static str, parameters: Vec<Sql>) -> Vec<Row> {
        raw(&self.folder.path().join("hub.db"), sql, parameters).await
    }

    /// Every row of every table of the hub, in words: two states are the same when these are.
    pub(crate) async fn everything(&self) -> String {
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'memory_terms' ORDER BY name";
        let mut all = String::new();
        for mut row in self.sql(tables, vec![]).await {
            let table: String = row.take(0).unwrap();
            let statement =
                Statement { sql: hub_core::store::Sql::Assembled(format!("SELECT * FROM {table}").into()) };
            let executor = SqliteExecutor::open_existing(&self.folder.path().join("hub.db")).await.unwrap();
            let mut tx = executor.begin(Intent::Read, &Reach::nobody()).await.unwrap();
            all.push_str(&format!("{table}: {:?}\n", tx.query(&statement, vec![]).await.unwrap()));
            drop(tx);
            executor.shutdown().await;
        }
        all
    }

    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        self.sql(sql, vec![]).await.remove(0).take(0).unwrap()
    }

    pub(crate) async fn propose(&self, tool: &str, arguments: Value) -> Action {
        self.propose_as(&self.owner(), tool, arguments).await.unwrap()
    }

    pub(crate) async fn propose_as(&self, who: &Context, tool: &str, arguments: Value) -> Result<Action> {
        let new = NewAction {
            action_id: None,
            space_id: self.space_id,
            tool: tool.to_owned(),
            arguments,
            reason: None,
        };
        self.hub.actions().propose(who, self.agent_id, new).await
    }

    pub(crate) async fn approve(&self, action: &Action) -> Action {
        self.hub.actions().approve(&self.owner(), action.action_id, action.binding_digest).await.unwrap()
    }

    pub(crate) async fn action(&self, id: ActionId) -> Action {
        self.hub.actions().get(&self.owner(), id).await.unwrap()
    }

    /// Waits until the action is in this state, while time passes.
    pub(crate) async fn reaches(&self, id: ActionId, state: ActionState) -> Action {
        until(&format!("state {state}"), async || {
            self.pass(Duration::from_millis(20));
            let action = self.action(id).await;
            (action.state == state).then_some(action)
        })
        .await
    }

    /// Waits until a queue holds nothing that may be claimed or is, while time passes.
    pub(crate) async fn done_with(&self, queue: &str) {
        until(&format!("an empty queue {queue}"), async || {
            self.pass(Duration::from_millis(20));
            let status = self.hub.agents().status(&Context::admin(), self.agent_id).await.unwrap();
            let depth = status.queues[queue];
            (depth.ready + depth.leased + depth.delayed == 0).then_some(())
        })
        .await;
    }

    /// Whether any file of the folder holds these bytes; the first that does.
    pub(crate) fn file_with(&self, words: &str) -> Option<PathBuf> {
        files(self.folder.path()).into_iter().find(|file| {
            let bytes = std::fs::read(file).unwrap();
            bytes.windows(words.len()).any(|part| part == words.as_bytes())
        })
    }

    /// Fills the writer's hands, so that what is asked next is gathered into one commit: answers
    /// the gate that lets it go on.
    pub(crate) async fn busy(&self) -> Gate {
        use hub_core::testkit::{Fault, Step};
        let gate = Gate::default();
        self.database.at(Step::Commit, 1, Fault::Hold(gate.clone()));
        let (hub, agent_id) = (self.hub.clone(), self.agent_id);
        tokio::spawn(async move {
            hub.people().create(&Context::admin(), agent_id, "Filler".to_owned()).await.unwrap();
        });
        gate.reached().await;
        gate
    }
}

/// Settings whose workers look often, and plan each utterance alone.
pub(crate) fn hurried() -> Settings {
    // One loop that plans, so that a test knows which worker has a window.
    Settings {
        window_utterances: 1,
        poll_ms: 10,
        lease_seconds: 60,
        max_attempts: 3,
        plan_loops: 1,
        ..Settings::default()
    }
}

pub(crate) fn event(id: u128, space_id: SpaceId, occurred_at: Timestamp, payload: Value) -> NewEvent {
    NewEvent {
        event_id: EventId(Uuid::from_u128(id)),
        space_id,
        event_type: "transcript_chunk".to_owned(),
        occurred_at,
        person_id: None,
        payload: payload.as_object().unwrap().clone(),
    }
}

pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

pub(crate) async fn raw(file: &Path, sql: &'static str, parameters: Vec<Sql>) -> Vec<Row> {
    let executor = SqliteExecutor::open_existing(file).await.unwrap();
    let mut tx = executor.begin(Intent::Write, &Reach::nobody()).await.unwrap();
    let rows = if parameters.is_empty() && sql.contains(';') {
        tx.script(sql).await.unwrap();
        Vec::new()
    } else {
        tx.query(&Statement::new(sql), parameters).await.unwrap()
    };
    tx.commit().await.unwrap();
    executor.shutdown().await;
    rows
}

/// Waits for a condition, at most twenty seconds.
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..2_000 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what} did not come true within 20 s");
}

/// Lets every task that can go on do so, on a runtime of one thread.
pub(crate) async fn settle() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}

/// The code of a refusal.
pub(crate) fn code<T: std::fmt::Debug>(answer: Result<T>) -> &'static str {
    answer.unwrap_err().code()
}

/// A planner that proposes what a function says, and keeps what it was shown.
#[derive(Debug)]
pub(crate) struct Scripted {
    plan: fn(usize, &Window) -> Result<Plan>,
    /// Where the first calls wait before they answer.
    gates: Vec<Gate>,
    seen: Mutex<Vec<Window>>,
}

impl Scripted {
    /// `plan` is given the number of the call, from 0.
    pub(crate) fn new(plan: fn(usize, &Window) -> Result<Plan>) -> Arc<Self> {
        Self::behind(&[], plan)
    }

    pub(crate) fn behind(gates: &[Gate], plan: fn(usize, &Window) -> Result<Plan>) -> Arc<Self> {
        Arc::new(Self { plan, gates: gates.to_vec(), seen: Mutex::default() })
    }

    pub(crate) fn seen(&self) -> Vec<Window> {
        self.seen.lock().unwrap().clone()
    }
}

#[async_trait::async_trait]
impl Planner for Scripted {
    fn name(&self) -> &str {
        "scripted"
    }

    fn version(&self) -> &str {
        "1"
    }

    async fn plan(&self, window: Window, _: &Meter) -> Result<Plan> {
        let call = {
            let mut seen = self.seen.lock().unwrap();
            seen.push(window.clone());
            seen.len() - 1
        };
        if let Some(gate) = self.gates.get(call) {
            gate.pass().await;
        }
        (self.plan)(call, &window)
    }
}

/// One fact and one request for each thing that a person said in the window.
pub(crate) fn a_fact_and_a_request(_: usize, window: &Window) -> Result<Plan> {
    let mut plan = Plan::default();
    for said in window.utterances.iter().filter(|said| said.role == SpeakerRole::User) {
        plan.memories.push(ProposedMemory {
            content: format!("A person said: {}", said.text),
            predicate: "said".to_owned(),
            person_id: None,
            confidence: 0.5,
            source_event_ids: vec![said.event_id],
        });
        plan.actions.push(ProposedAction {
            tool: "memory.note".to_owned(),
            arguments: json!({ "text": said.text }),
            reason: "It was asked for".to_owned(),
            source_event_ids: vec![said.event_id],
        });
    }
    Ok(plan)
}

/// A tool that counts its runs and answers how often it ran; the first may wait at a gate.
pub(crate) fn tool(
    name: &str,
    version: &str,
    idempotent: bool,
    gate: Option<Gate>,
) -> (Arc<dyn Tool>, Arc<AtomicU64>) {
    let runs = Arc::new(AtomicU64::new(0));
    let manifest = ToolManifest {
        name: name.to_owned(),
        version: version.to_owned(),
        description: "Opens the door".to_owned(),
        input_schema: json!({ "type": "object", "properties": { "door": { "type": "string" } } }),
        effect: Effect::External,
        scopes: vec![],
        timeout_seconds: 60,
        idempotent,
    };
    let counted = runs.clone();
    let tool = FnTool::new(manifest, move |_| {
        let (counted, gate) = (counted.clone(), gate.clone());
        async move {
            let run = counted.fetch_add(1, Ordering::SeqCst) + 1;
            if let Some(gate) = gate.filter(|_| run == 1) {
                gate.pass().await;
            }
            Ok(json!({ "run": run }))
        }
    });
    (Arc::new(tool), runs)
}
