//! `hub say`: speaks as a person in a space, and shows what came of it.

use super::actions::summary;
use super::exit::{Exit, Failure, Outcome};
use super::screen::Screen;
use super::session::{Reach, Session};
use super::{Common, drain, people};
use clap::Args;
use hub_core::tools::shown;
use hub_protocol::actions::Action;
use hub_protocol::events::{EventResult, EventsAnswer, NewEvent};
use hub_protocol::limits::RECALL_K;
use hub_protocol::memories::Memory;
use hub_protocol::recall::{RecallAnswer, RecallRequest};
use hub_protocol::vocabulary::{EventStatus, Tier};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::time::Duration;
use uuid::Uuid;

/// How long the hub may take to remember and plan what was said.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug, Args)]
pub(crate) struct Say {
    /// What to say
    #[arg(value_name = "TEXT")]
    text: String,
    /// Speak as the person of this name, who is made when new, instead of the owner
    #[arg(long = "as", value_name = "NAME")]
    speaker: Option<String>,
    /// Id or name of the space
    #[arg(long, value_name = "SPACE")]
    space: Option<String>,
    /// Do not wait for what comes of it
    #[arg(long)]
    no_wait: bool,
    #[command(flatten)]
    reach: Reach,
}

/// What came of it.
#[derive(Debug, Serialize)]
struct Said {
    event_id: Uuid,
    status: EventStatus,
    /// Whether all queues were empty at the end, so that nothing more will come of it.
    drained: bool,
    memories: Vec<Kept>,
    actions: Vec<Action>,
}

#[derive(Debug, Serialize)]
struct Kept {
    memory_id: Uuid,
    tier: Tier,
    content: String,
}

impl Say {
    pub(crate) async fn run(&self, common: &Common, screen: &Screen) -> Outcome<Exit> {
        let session = Session::open(common, &self.reach).await?;
        let space_id = session.space(self.space.as_deref()).await?;
        let result = self.send(&session, space_id).await?;
        let event_id = result.event_id.unwrap_or_default();
        let mut said =
            Said { event_id, status: result.status, drained: false, memories: vec![], actions: vec![] };
        match result.status {
            EventStatus::Refused => return Err(refused(result)),
            EventStatus::Private => {
                screen.line("The space is private: nothing of this was kept.");
            }
            _ if self.no_wait => screen.line(format_args!("stored as {event_id}")),
            _ => {
                let status = drain::drained(&session, PATIENCE, |_| ()).await?;
                said.drained = status.is_drained();
                said.memories = memories_of(&session, space_id, &self.text, event_id).await?;
                said.actions = actions_of(&session, event_id).await?;
                show(&said, &session, screen);
            }
        }
        screen.value(&said);
        Ok(Exit::Done)
    }

    async fn send(&self, session: &Session, space_id: Uuid) -> Outcome<EventResult> {
        let mut payload = Map::new();
        payload.insert("text".to_owned(), json!(self.text));
        payload.insert("role".to_owned(), json!("user"));
        let (mut client, mut person_id) = (session.client.clone(), None);
        if let Some(name) = &self.speaker {
            person_id = people::named(session, std::slice::from_ref(name)).await?.get(name).copied();
            client = session.feeder().await?;
            payload.insert("speaker".to_owned(), Value::String(name.clone()));
        }
        let event = NewEvent {
            event_id: Uuid::now_v7(),
            space_id,
            event_type: "transcript_chunk".to_owned(),
            occurred_at: jiff::Timestamp::now().to_string(),
            person_id,
            payload,
        };
        let answer: EventsAnswer = client.post("/v1/events", &event).await?;
        let unreadable =
            || Failure::new(Exit::Unreachable, "unreadable_answer", "the hub answered no outcome");
        answer.results.into_iter().next().ok_or_else(unreadable)
    }
}

/// Memories that rest on the event. Recall finds what was said among its likes, which spares a
/// walk over everything that was ever said; derived facts may have other words, but are fewer.
async fn memories_of(session: &Session, space_id: Uuid, text: &str, event_id: Uuid) -> Outcome<Vec<Kept>> {
    let mut kept = Vec::new();
    let request = RecallRequest {
        query: super::table::head_bytes(text, hub_protocol::limits::QUERY_BYTES).to_owned(),
        k: RECALL_K,
        space_id: Some(space_id),
        person_id: None,
        tiers: Some(vec![Tier::Episodic]),
        as_of: None,
        budget_tokens: None,
    };
    let recalled: RecallAnswer = session.client.post("/v1/recall", &request).await?;
    for memory in recalled.memories {
        if memory.source_event_ids.contains(&event_id) {
            kept.push(Kept { memory_id: memory.memory_id, tier: memory.tier, content: memory.content });
        }
    }
    let tiers: &[Tier] = if kept.is_empty() { &[Tier::Episodic, Tier::Semantic] } else { &[Tier::Semantic] };
    for tier in tiers {
        let path = session.path(&format!("memories?tier={tier}"));
        session
            .client
            .walk(&path, |memory: Memory| {
                if memory.tier == *tier && memory.source_event_ids.contains(&event_id) {
                    kept.push(Kept {
                        memory_id: memory.memory_id,
                        tier: memory.tier,
                        content: memory.content,
                    });
                }
                true
            })
            .await?;
    }
    Ok(kept)
}

async fn actions_of(session: &Session, event_id: Uuid) -> Outcome<Vec<Action>> {
    let mut proposed = Vec::new();
    session
        .client
        .walk(&session.path("actions"), |action: Action| {
            if action.source_event_ids.contains(&event_id) {
                proposed.push(action);
            }
            true
        })
        .await?;
    Ok(proposed)
}

fn refused(result: EventResult) -> Failure {
    let (code, detail) = match result.problem {
        Some(problem) => {
            let place = problem.field.map(|field| format!("; field: {field}")).unwrap_or_default();
            let limit = problem.limit.map(|limit| format!("; limit: {limit}")).unwrap_or_default();
            (problem.code, format!("{}{place}{limit}", problem.detail))
        }
        None => ("refused".to_owned(), "the hub did not say why".to_owned()),
    };
    Failure::new(Exit::Refused, &code, format!("the hub did not keep it: {detail} ({code})"))
}

fn show(said: &Said, session: &Session, screen: &Screen) {
    let rows: Vec<Vec<String>> = said
        .memories
        .iter()
        .map(|memory| vec![format!("  {}", memory.tier), shown(&memory.content)])
        .collect();
    screen.line(screen.strong("Remembered"));
    for line in super::table::columns(&rows) {
        screen.line(line);
    }
    if rows.is_empty() {
        screen.line(screen.faint("  nothing yet"));
    }
    screen.line(screen.strong("Proposed"));
    if said.actions.is_empty() {
        screen.line(screen.faint("  nothing"));
    }
    for action in &said.actions {
        screen.line(format_args!("  {}", summary(action)));
        let command = session.home.command(&format!("approve {}", action.action_id));
        screen.line(format_args!("  approve it with: {}", screen.strong(command)));
    }
    if !said.drained {
        screen.line(screen.doubtful(format_args!(
            "The hub still works on it after {} s; `{}` shows its queues.",
            PATIENCE.as_secs(),
            session.home.command("status")
        )));
    }
}
