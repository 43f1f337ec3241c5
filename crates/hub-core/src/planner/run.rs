//! The plan stage: a window is read, planned outside any transaction, and what comes of it is
//! written all or nothing, under the fence of the lease.

use super::plan::{KnownPerson, Plan, Utterance, Window};
use super::port::Planner;
use super::validate::validate;
use super::window::cut_due;
use crate::actions::propose::{self, Proposal};
use crate::audit::EntryDraft;
use crate::clock::Timestamp;
use crate::context::{Context, Scoped};
use crate::hub::Inner;
use crate::ids::{EventId, WindowId};
use crate::memory::erase;
use crate::memory::record::{NewMemory, Voice, write};
use crate::panics::caught;
use crate::queue::{Lease, Queue, claim, finish, give_back, look, look_resting};
use crate::store::{Reach, Tx, boxed, declare};
use crate::{Error, Result};
use futures_util::future::join_all;
use hub_protocol::vocabulary::{PlannerKind, SpeakerRole, Tier};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Spaces whose talk one step cuts.
const SPACES_AT_ONCE: i64 = 64;
/// Windows that one step plans side by side.
const WINDOWS_AT_ONCE: usize = 16;

declare! {
    WINDOW = "SELECT w.space_id, w.after_seq, w.to_seq, a.language, a.planner FROM windows w \
              JOIN agents a ON a.agent_id = w.agent_id \
              WHERE w.agent_id = $1 AND w.window_id = $2 AND w.state <> 'planned'";
    // What rests on a grant that has ended is shown to no planner.
    TALK = "SELECT e.event_id, e.person_id, e.role, e.payload, e.occurred_at, e.seq FROM events e \
            LEFT JOIN consents c ON c.agent_id = e.agent_id AND c.consent_id = e.consent_id \
            WHERE e.agent_id = $1 AND e.space_id = $2 AND e.seq > $3 AND e.seq <= $4 AND e.forgotten_at IS NULL \
            AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > $5) \
            AND e.type IN ('transcript_chunk', 'chat_message') ORDER BY e.seq";
    PEOPLE = "SELECT person_id, name FROM people WHERE agent_id = $1 AND deleted_at IS NULL ORDER BY person_id LIMIT 1000";
    PLANNED = "UPDATE windows SET state = 'planned', planned_at = $3, planner = $4 \
               WHERE agent_id = $1 AND window_id = $2";
    DEAD = "UPDATE windows SET state = 'dead' WHERE agent_id = $1 AND window_id = $2";
}

/// Cuts talk whose time has come. Answers whether there was any.
pub(crate) async fn cut(hub: &Arc<Inner>) -> Result<bool> {
    let pace = hub.settings.pace();
    let due = look_resting(&hub.store, Queue::Window, pace.rest()).await?;
    if due.ready.is_none() {
        return Ok(false);
    }
    let due = hub.store.read(Reach::nobody(), move |tx| boxed(super::window::due(tx, due, SPACES_AT_ONCE)));
    let due = due.await?;
    if due.is_empty() {
        return Ok(false);
    }
    let agents: Reach = due.iter().map(|(agent, _)| *agent).collect();
    let cut = hub.store.write(agents, move |tx| boxed(cut_due(tx, due, pace))).await?;
    Ok(cut > 0)
}

/// Plans windows that wait. Answers whether there were any.
pub(crate) async fn step(hub: &Arc<Inner>) -> Result<bool> {
    let lease = hub.settings.lease();
    let due = look(&hub.store, Queue::Plan).await?;
    if due.is_nothing() {
        return Ok(false);
    }
    let leases = hub
        .store
        .write(Reach::nobody(), move |tx| {
            boxed(async move { claim(tx, due, WINDOWS_AT_ONCE, lease, "plan").await })
        })
        .await?;
    let any = !leases.is_empty();
    for outcome in join_all(leases.into_iter().map(|lease| plan_one(hub, lease))).await {
        outcome?;
    }
    Ok(any)
}

/// What was read of a window for its plan.
struct Reading {
    window: Window,
    planner: PlannerKind,
    voice: Voice,
    /// Place and time of each utterance.
    places: HashMap<EventId, (i64, Timestamp)>,
}

/// Workers that may die over a window for each attempt that it has. A hub that is killed again and again
/// leases the same windows each time; they must not be given up for that.
const DEATHS: i64 = 10;

async fn plan_one(hub: &Arc<Inner>, lease: Lease) -> Result<()> {
    if lease.attempts > hub.settings.max_attempts().saturating_mul(DEATHS) {
        // Every attempt was begun and none ended: what ends its worker each time is given up too.
        let error = Error::unavailable("worker_died", "the workers that planned this did not come back");
        return fail(hub, lease, error).await;
    }
    let (agent, window_id) = (lease.agent, WindowId(lease.key));
    let zone = hub.settings.time_zone.clone();
    let read = hub.store.read(agent, move |tx| boxed(read(tx, agent, window_id, zone))).await?;
    let outcome = match read {
        // The window was planned before or is gone with its space: only the job is left.
        None => {
            return hub.store.write(agent, move |tx| boxed(async move { finish(tx, &lease).await })).await;
        }
        Some(reading) => {
            let began = hub.now();
            let planner = planner_of(hub, reading.planner);
            let planned = match &planner {
                Ok(planner) => ask(hub, planner.as_ref(), reading.window.clone()).await,
                Err(error) => Err(error.clone()),
            };
            let name =
                planner.map_or_else(|_| reading.planner.to_string(), |planner| planner.name().to_owned());
            hub.observer.planned(&name, planned.is_ok(), hub.now().since(began));
            match planned {
                Ok(plan) => write_plan(hub, lease.clone(), reading, plan, name).await,
                Err(error) => Err(error),
            }
        }
    };
    match outcome {
        Ok(()) => Ok(()),
        // Another worker has the window; whatever this one made of it is void.
        Err(error) if error.code() == "lease_lost" => Ok(()),
        Err(error) => fail(hub, lease, error).await,
    }
}

fn planner_of(hub: &Inner, kind: PlannerKind) -> Result<Arc<dyn Planner>> {
    hub.planners
        .get(&kind)
        .cloned()
        .ok_or_else(|| Error::unavailable("planner_missing", format!("no planner `{kind}` runs in this hub")))
}

async fn ask(hub: &Inner, planner: &dyn Planner, window: Window) -> Result<Plan> {
    let plan = tokio::select! {
        plan = caught(planner.plan(window.clone())) => plan?,
        () = hub.clock.sleep(hub.settings.plan_timeout()) => {
            return Err(Error::unavailable("plan_timeout", "the planner did not answer in time"));
        }
    };
    validate(&plan, &window)?;
    Ok(plan)
}

async fn read(tx: &mut Tx, agent: Scoped, window_id: WindowId, time_zone: String) -> Result<Option<Reading>> {
    let own = agent.agent_id();
    let Some(mut row) = tx.row(&WINDOW, vec![own.into(), window_id.into()]).await? else { return Ok(None) };
    let (space_id, after, to): (crate::ids::SpaceId, i64, i64) = (row.take(0)?, row.take(1)?, row.take(2)?);
    let (language, planner): (String, PlannerKind) = (row.take(3)?, row.word(4)?);
    let Some(voice) = Voice::of(tx, agent).await? else { return Ok(None) };
    let (mut utterances, mut places) = (Vec::new(), HashMap::new());
    let talk = vec![own.into(), space_id.into(), after.into(), to.into(), tx.now().into()];
    for mut row in tx.rows(&TALK, talk).await? {
        let (event_id, occurred_at) = (row.take(0)?, row.take(4)?);
        let payload: serde_json::Value = row.json(3)?;
        let field = |name| payload.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
        places.insert(event_id, (row.take(5)?, occurred_at));
        utterances.push(Utterance {
            event_id,
            person_id: row.take(1)?,
            speaker: field("speaker"),
            role: row.word::<SpeakerRole>(2)?,
            text: field("text").unwrap_or_default(),
            occurred_at,
        });
    }
    let mut people = Vec::new();
    for mut row in tx.rows(&PEOPLE, vec![own.into()]).await? {
        people.push(KnownPerson { person_id: row.take(0)?, name: row.take(1)? });
    }
    let window = Window { agent_id: own, space_id, window_id, language, time_zone, utterances, people };
    Ok(Some(Reading { window, planner, voice, places }))
}

async fn write_plan(
    hub: &Arc<Inner>,
    lease: Lease,
    reading: Reading,
    mut plan: Plan,
    planner: String,
) -> Result<()> {
    let tools = hub.tools.clone();
    let expiry = hub.settings.action_expiry();
    hub.store
        .write(lease.agent, move |tx| {
            boxed(async move {
                finish(tx, &lease).await?;
                let agent = lease.agent;
                let context = Context::worker(agent.agent_id(), format!("planner:{planner}"));
                keep_remembered(tx, agent, &mut plan).await?;
                write_memories(tx, agent, &context, &reading, &plan).await?;
                for action in plan.actions {
                    let derivation = derivation(
                        "action",
                        &action.source_event_ids,
                        &[&action.tool, &crate::canonical::canonical(&action.arguments)?],
                    );
                    let proposal = Proposal {
                        action_id: None,
                        space_id: reading.window.space_id,
                        tool: action.tool,
                        arguments: action.arguments,
                        reason: action.reason,
                        source_event_ids: action.source_event_ids,
                        derivation: Some(derivation),
                    };
                    match propose::propose(tx, agent, &context, &tools, proposal, expiry).await {
                        // The space turned private after the words were said: nothing is proposed
                        // there any more, and what was proposed of them is dropped.
                        Err(error) if error.code() == "space_private" => {}
                        proposed => proposed.map(|_| ())?,
                    }
                }
                let now = tx.now();
                let window = reading.window.window_id;
                tx.run(&PLANNED, vec![agent.agent_id().into(), window.into(), now.into(), planner.into()]);
                Ok(())
            })
        })
        .await
}

/// Leaves out what rests on words that were forgotten, or whose grant ended, while they were
/// being planned.
async fn keep_remembered(tx: &mut Tx, agent: Scoped, plan: &mut Plan) -> Result<()> {
    let of_memories = plan.memories.iter().flat_map(|memory| &memory.source_event_ids);
    let of_actions = plan.actions.iter().flat_map(|action| &action.source_event_ids);
    let sources: Vec<EventId> = of_memories.chain(of_actions).copied().collect();
    let kept = erase::remembered(tx, agent, &sources).await?;
    plan.memories.retain(|memory| memory.source_event_ids.iter().all(|id| kept.contains(id)));
    plan.actions.retain(|action| action.source_event_ids.iter().all(|id| kept.contains(id)));
    Ok(())
}

async fn write_memories(
    tx: &mut Tx,
    agent: Scoped,
    context: &Context,
    reading: &Reading,
    plan: &Plan,
) -> Result<()> {
    let analyzer = reading.voice.analyzer();
    let mut memories = Vec::with_capacity(plan.memories.len());
    for memory in &plan.memories {
        let places: BTreeSet<(i64, Timestamp)> =
            memory.source_event_ids.iter().filter_map(|id| reading.places.get(id)).copied().collect();
        let (seq, occurred_at) = places.last().copied().unwrap_or((0, tx.now()));
        memories.push(NewMemory {
            tier: Tier::Semantic,
            terms: analyzer.index_terms(&memory.content),
            content: memory.content.clone(),
            predicate: Some(memory.predicate.clone()),
            space_id: reading.window.space_id,
            person_id: memory.person_id,
            speaker: None,
            role: None,
            confidence: Some(memory.confidence),
            seq,
            occurred_at,
            derivation: Some(derivation(
                "fact",
                &memory.source_event_ids,
                &[&memory.predicate, &memory.content],
            )),
            sources: places.iter().map(|(seq, _)| *seq).collect(),
        });
    }
    for memory_id in write(tx, agent, &reading.voice, memories).await? {
        let draft = EntryDraft::new(tx.now(), "memory.derived", &context.principal)
            .subject("memory", memory_id)
            .fact("window_id", reading.window.window_id.to_string());
        tx.audit(agent, draft).await?;
    }
    Ok(())
}

/// What a proposal is made from and says: planning again finds it.
fn derivation(kind: &str, sources: &[EventId], parts: &[&str]) -> [u8; 32] {
    let mut ids: Vec<EventId> = sources.to_vec();
    ids.sort();
    let mut hash = Sha256::new();
    hash.update(kind.as_bytes());
    for id in ids {
        hash.update(id.0.as_bytes());
    }
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

/// Lets the job rest, or gives it up with the reason. A plan that is wrong is wrong again.
async fn fail(hub: &Arc<Inner>, lease: Lease, error: Error) -> Result<()> {
    let attempts =
        if error.is_retryable() { hub.settings.max_attempts() } else { 2.min(hub.settings.max_attempts()) };
    tracing::warn!(window = %lease.key, attempt = lease.attempts, code = error.code(), "a window could not be planned");
    hub.store
        .write(lease.agent, move |tx| {
            boxed(async move {
                if give_back(tx, &lease, attempts, &error).await? {
                    let agent = lease.agent;
                    tx.run(&DEAD, vec![agent.agent_id().into(), lease.key.into()]);
                    let worker = Context::worker(agent.agent_id(), "planner");
                    let draft = EntryDraft::new(tx.now(), "window.dead", &worker.principal)
                        .subject("window", lease.key)
                        .fact("code", error.code());
                    tx.audit(agent, draft).await?;
                }
                Ok(())
            })
        })
        .await
}
