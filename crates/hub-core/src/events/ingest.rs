//! The one way in: events of several requests, decided on and written in one transaction.

use super::decision::{Decision, Known, SpaceState, Storable, decide};
use super::kind;
use super::new_event::{Batch, EventOutcome, NewEvent};
use crate::artifacts::rows as artifacts;
use crate::audit::{EntryDraft, salted_digest};
use crate::canonical::canonical_object;
use crate::clock::Timestamp;
use crate::consent::grants;
use crate::context::{Context, Need, Principal, Scoped, authorize};
use crate::ids::{AgentId, ArtifactId, EventId, PersonId, SpaceId};
use crate::memory::index::{self, Stretch};
use crate::planner::traced;
use crate::planner::window::{Waiting, note_talk};
use crate::queue::{self, Job};
use crate::schema::{JsonSchema, check_json};
use crate::store::{BulkInsert, Call, JoinStatement, Lock, Pen, Row, Tx, Value};
use crate::text::without_nul;
use crate::trace::TraceContext;
use crate::{Error, Result};
use hub_protocol::limits;
use hub_protocol::vocabulary::{EventStatus, Scope, SpeakerRole};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Events of one request, checked as far as it goes without the database.
pub(crate) struct Submission {
    pub(crate) agent: Scoped,
    pub(crate) principal: Principal,
    pub(crate) events: Vec<Prepared>,
    /// How far the sender's clock is from the hub's.
    pub(crate) clock_error: Duration,
    pub(crate) pace: crate::planner::Pace,
    /// The trace of the request.
    pub(crate) trace: Option<TraceContext>,
}

/// One event, or why it will not become one.
pub(crate) enum Prepared {
    Ready { event: NewEvent, payload: String },
    Refused { event_id: Option<EventId>, problem: Error },
}

const EXISTING: JoinStatement = JoinStatement {
    sql: "SELECT e.agent_id, e.event_id, e.salt, e.digest FROM {rows} \
          JOIN events e ON e.agent_id = w.column1 AND e.event_id = w.column2",
    types: "bb",
    lock: Lock::None,
};
// A space that was never private has one row, without an interval; so has one where nobody has talked.
pub(crate) const SPACES: JoinStatement = JoinStatement {
    sql: "SELECT s.agent_id, s.space_id, s.privacy_mode, i.started_at, i.ended_at, t.pending, t.pending_since, \
          (SELECT q.key FROM queue q WHERE q.queue = 'index' AND q.agent_id = s.agent_id AND q.key >= w.column3 \
           AND q.state || '' = 'ready' ORDER BY q.key DESC LIMIT 1) \
          FROM {rows} JOIN spaces s ON s.agent_id = w.column1 AND s.space_id = w.column2 \
          LEFT JOIN private_intervals i ON i.agent_id = s.agent_id AND i.space_id = s.space_id \
          LEFT JOIN talk t ON t.agent_id = s.agent_id AND t.space_id = s.space_id \
          WHERE s.deleted_at IS NULL",
    types: "bbb",
    lock: Lock::Share("s"),
};
pub(crate) const PEOPLE: JoinStatement = JoinStatement {
    sql: "SELECT p.agent_id, p.person_id FROM {rows} \
          JOIN people p ON p.agent_id = w.column1 AND p.person_id = w.column2 WHERE p.deleted_at IS NULL",
    types: "bb",
    lock: Lock::None,
};
const SCHEMAS: JoinStatement = JoinStatement {
    sql: "SELECT y.agent_id, y.type, y.schema FROM {rows} \
          JOIN event_types y ON y.agent_id = w.column1 AND y.type = w.column2",
    types: "bt",
    lock: Lock::None,
};
pub(crate) const JOINS: &[(&str, JoinStatement)] =
    &[("EXISTING", EXISTING), ("SPACES", SPACES), ("PEOPLE", PEOPLE), ("SCHEMAS", SCHEMAS)];
pub(crate) const INSERT_EVENTS: BulkInsert = BulkInsert {
    into: "events (agent_id, seq, event_id, space_id, type, occurred_at, received_at, person_id, device_id, role, \
           modality, consent_id, payload, salt, digest)",
    types: "bibbtiibbttbtbb",
    tail: "",
};

pub(crate) const INSERT_REFERENCES: BulkInsert =
    BulkInsert { into: "artifact_references (agent_id, artifact_id, seq)", types: "bbi", tail: "" };

/// Checks a batch as far as it goes without the database. Runs beside the writer, not in it.
pub(crate) fn prepare(
    context: &Context,
    batch: Batch,
    now: Timestamp,
    pace: crate::planner::Pace,
) -> Result<Submission> {
    let agent_id = context
        .principal
        .agent_id()
        .ok_or_else(|| Error::denied("not_allowed", "an admin does not post events"))?;
    let agent = authorize(context, agent_id, Need::Content(Scope::EventsWrite, None), now)?;
    if batch.events.is_empty() || batch.events.len() > limits::EVENTS_PER_REQUEST {
        return Err(Error::limit(
            "batch_size",
            "a request carries 1 to 1,000 events",
            format!("{} events", limits::EVENTS_PER_REQUEST),
        )
        .field("events"));
    }
    let clock_error = batch.sent_at.map_or(Duration::ZERO, |sent| now.since(sent).max(sent.since(now)));
    let events = batch.events.into_iter().map(|event| prepare_one(context, event, now)).collect();
    Ok(Submission { agent, principal: context.principal.clone(), events, clock_error, pace, trace: None })
}

fn prepare_one(
    context: &Context,
    event: Result<NewEvent, (Option<EventId>, Error)>,
    now: Timestamp,
) -> Prepared {
    let event = match event {
        Ok(event) => event,
        Err((event_id, problem)) => return Prepared::Refused { event_id, problem },
    };
    let event_id = Some(event.event_id);
    let checked = (|| {
        if let Some(agent_id) = context.principal.agent_id() {
            authorize(context, agent_id, Need::Content(Scope::EventsWrite, Some(event.space_id)), now)?;
        }
        without_nul(&event.event_type, "type")?;
        for (name, value) in &event.payload {
            without_nul(name, "payload")?;
            check_json(value, "payload")?;
        }
        let payload = canonical_object(&event.payload).map_err(|error| error.field("payload"))?;
        if payload.len() > limits::PAYLOAD_BYTES {
            let limit = format!("{} bytes", limits::PAYLOAD_BYTES);
            return Err(Error::limit("payload_too_large", "the payload is too large", limit).field("payload"));
        }
        Ok(payload)
    })();
    match checked {
        Ok(payload) => Prepared::Ready { event, payload },
        Err(problem) => Prepared::Refused { event_id, problem },
    }
}

/// Stores what may be stored and answers, for each submission, one outcome an event. The database is
/// asked as often for a hundred agents as for one.
pub(crate) async fn store(tx: &mut Tx, submissions: &[Submission]) -> Result<Vec<Vec<EventOutcome>>> {
    let mut writing = Writing::begin(tx, submissions).await?;
    let mut events: Vec<(usize, &Submission, &Prepared)> = Vec::new();
    for (index, submission) in submissions.iter().enumerate() {
        events.extend(submission.events.iter().map(|prepared| (index, submission, prepared)));
    }
    // What belongs together is written together; of one agent in the order in which it came.
    events.sort_by_key(|(_, submission, _)| submission.agent);
    let mut outcomes: Vec<Vec<EventOutcome>> = submissions.iter().map(|_| Vec::new()).collect();
    for part in events.chunks(EVENTS_AT_ONCE) {
        // The database writes one part while the next one is decided on.
        let decided = tx.meanwhile(|pen| {
            part.iter().map(|(_, submission, prepared)| writing.take(pen, submission, prepared)).collect()
        });
        let decided: Vec<EventOutcome> = decided.await?;
        for ((index, _, _), outcome) in part.iter().zip(decided) {
            if let Some(place) = outcomes.get_mut(*index) {
                place.push(outcome);
            }
        }
        writing.hand_over(tx);
    }
    writing.finish(tx);
    Ok(outcomes)
}

/// Events that are decided on before they go to the database.
const EVENTS_AT_ONCE: usize = 128;

/// Salt and digest of a stored event's content.
type Fingerprint = ([u8; 16], [u8; 32]);

/// What the decisions about one agent's events rest on.
#[derive(Default)]
struct Background {
    known: Known,
    /// Ids that are stored, with salt and digest; none when forgotten.
    existing: HashMap<EventId, Option<Fingerprint>>,
    /// The first of what is to be indexed.
    to_index: Option<i64>,
    /// A job waits that indexes this along with what was there before.
    index_job_waits: bool,
    /// Talk that waited before.
    waiting: HashMap<SpaceId, Waiting>,
}

struct Writing {
    agents: BTreeMap<Scoped, Background>,
    rows: Vec<Vec<Value>>,
    /// Which event refers to which artifact.
    references: Vec<Vec<Value>>,
    /// Utterances of people, by space.
    talk: BTreeMap<(Scoped, SpaceId), i64>,
    traced: traced::Stretches,
    pace: crate::planner::Pace,
}

/// What is asked for before anything is decided.
#[derive(Default)]
struct Asked<'s> {
    ids: Vec<Vec<Value>>,
    spaces: BTreeSet<(Scoped, SpaceId)>,
    people: BTreeSet<(Scoped, PersonId)>,
    /// Those of them whose consent is needed.
    consents: BTreeSet<(Scoped, PersonId)>,
    types: BTreeSet<(Scoped, &'s str)>,
    artifacts: BTreeSet<(Scoped, ArtifactId)>,
}

impl<'s> Asked<'s> {
    fn add(&mut self, submission: &'s Submission) {
        let agent = submission.agent;
        let operator = match submission.principal {
            Principal::Operator { person_id, .. } => Some(person_id),
            _ => None,
        };
        self.people.extend(operator.map(|person| (agent, person)));
        for prepared in &submission.events {
            if let Prepared::Ready { event, .. } = prepared {
                self.ids.push(vec![agent.agent_id().into(), event.event_id.into()]);
                self.spaces.insert((agent, event.space_id));
                self.people.extend(event.person_id.map(|person| (agent, person)));
                if kind::needs_consent(&event.event_type, &event.payload) {
                    self.consents.extend(event.person_id.or(operator).map(|person| (agent, person)));
                }
                let artifact = kind::artifact_of(&event.event_type, &event.payload);
                self.artifacts.extend(artifact.map(|artifact| (agent, artifact)));
                if event.event_type.starts_with("custom.") {
                    self.types.insert((agent, &event.event_type));
                }
            }
        }
    }

    /// The questions: what exists, spaces, people, grants, schemas, artifacts.
    fn questions(self) -> [Vec<Call>; 6] {
        [
            Call::joins(EXISTING, self.ids),
            Call::joins(SPACES, self.spaces.into_iter().map(|(agent, space)| about_space(agent, space))),
            Call::joins(PEOPLE, of_agents(self.people)),
            Call::joins(grants::OF_PEOPLE, of_agents(self.consents)),
            Call::joins(SCHEMAS, of_agents(self.types)),
            Call::joins(artifacts::KNOWN, of_agents(self.artifacts)),
        ]
    }
}

/// The row that a question about [`SPACES`] goes with.
pub(crate) fn about_space(agent: Scoped, space: SpaceId) -> Vec<Value> {
    vec![agent.agent_id().into(), space.into(), index::WITHOUT_END.into()]
}

fn of_agents<T: Into<Value>>(things: BTreeSet<(Scoped, T)>) -> Vec<Vec<Value>> {
    things.into_iter().map(|(agent, thing)| vec![agent.agent_id().into(), thing.into()]).collect()
}

impl Writing {
    /// Reads, in the transaction, everything that the decisions rest on.
    async fn begin(tx: &mut Tx, submissions: &[Submission]) -> Result<Self> {
        let agents: BTreeSet<Scoped> = submissions.iter().map(|submission| submission.agent).collect();
        let ids: Vec<AgentId> = agents.iter().map(|agent| agent.agent_id()).collect();
        let mut asked = Asked::default();
        submissions.iter().for_each(|submission| asked.add(submission));
        // All questions at once: one way to the database and back.
        let kinds = asked.questions();
        let counts = kinds.each_ref().map(Vec::len);
        let mut questions: Vec<Call> = kinds.into_iter().flatten().collect();
        questions.extend(tx.heads(&ids));
        let mut answers = tx.ask(questions).await?.into_iter();
        let answers_of = counts.map(|count| answers.by_ref().take(count).flatten().collect::<Vec<Row>>());
        tx.take_heads(ids, answers.flatten())?;
        let mut writing = Self {
            agents: agents.into_iter().map(|agent| (agent, Background::default())).collect(),
            rows: Vec::new(),
            references: Vec::new(),
            talk: BTreeMap::new(),
            traced: traced::Stretches::new(),
            pace: submissions.first().map(|submission| submission.pace).unwrap_or_default(),
        };
        writing.learn(answers_of)?;
        Ok(writing)
    }

    /// The background of the agent that stands in a row's first column, when it is one of these.
    fn of(&mut self, row: &mut Row) -> Result<Option<&mut Background>> {
        let agent_id = AgentId(row.take(0)?);
        Ok(self.agents.iter_mut().find(|(agent, _)| agent.agent_id() == agent_id).map(|(_, of)| of))
    }

    fn learn(&mut self, [existing, spaces, people, grants, schemas, artifacts]: [Vec<Row>; 6]) -> Result<()> {
        for mut row in existing {
            let Some(of) = self.of(&mut row)? else { continue };
            let (salt, digest): (Option<[u8; 16]>, Option<[u8; 32]>) = (row.take(2)?, row.take(3)?);
            of.existing.insert(row.take(1)?, salt.zip(digest));
        }
        for mut row in spaces {
            let Some(of) = self.of(&mut row)? else { continue };
            let space: SpaceId = row.take(1)?;
            let state: &mut SpaceState = of.known.spaces.entry(space).or_default();
            state.private_now = row.take(2)?;
            if let Some(started) = row.take(3)? {
                state.private_intervals.push((started, row.take(4)?));
            }
            of.index_job_waits |= row.take::<Option<Uuid>>(7)?.is_some();
            if let Some(utterances) = row.take(5)? {
                of.waiting.insert(space, Waiting { utterances, since: row.take(6)? });
            }
        }
        for mut row in people {
            if let Some(of) = self.of(&mut row)? {
                of.known.people.insert(row.take(1)?);
            }
        }
        for row in grants {
            let (agent_id, grant) = grants::read_of_agent(row)?;
            let of = self.agents.iter_mut().find(|(agent, _)| agent.agent_id() == agent_id);
            if let Some((_, of)) = of {
                of.known.grants.entry(grant.person_id).or_default().push(grant);
            }
        }
        for mut row in schemas {
            let Some(of) = self.of(&mut row)? else { continue };
            let schema = JsonSchema::compile(&row.json(2)?)?;
            of.known.schemas.insert(row.take(1)?, Arc::new(schema));
        }
        for mut row in artifacts {
            if let Some(of) = self.of(&mut row)? {
                of.known.artifacts.insert(row.take(1)?, row.take(2)?);
            }
        }
        Ok(())
    }

    fn take(&mut self, pen: &mut Pen, submission: &Submission, prepared: &Prepared) -> Result<EventOutcome> {
        match prepared {
            Prepared::Refused { event_id, problem } => Ok(EventOutcome::refused(*event_id, problem.clone())),
            Prepared::Ready { event, payload } => self.take_one(pen, submission, event, payload),
        }
    }

    fn take_one(
        &mut self,
        pen: &mut Pen,
        submission: &Submission,
        event: &NewEvent,
        payload: &str,
    ) -> Result<EventOutcome> {
        let id = event.event_id;
        let content = content(event, payload);
        let of = self.agents.entry(submission.agent).or_default();
        match of.existing.get(&id) {
            Some(Some((salt, digest))) if salted_digest(salt, content.as_bytes()).0 != *digest => {
                let problem = Error::conflict("event_id_reused", "this id was stored with other content");
                return Ok(EventOutcome::refused(Some(id), problem.field("event_id")));
            }
            Some(_) => return Ok(EventOutcome::of(id, EventStatus::Duplicate)),
            None => {}
        }
        match decide(event, &submission.principal, &of.known, pen.now(), submission.clock_error) {
            Decision::Private => Ok(EventOutcome::of(id, EventStatus::Private)),
            Decision::Refuse(problem) => Ok(EventOutcome::refused(Some(id), problem)),
            Decision::NoConsent(problem) => {
                let draft = EntryDraft::new(pen.now(), "consent.denied", &submission.principal)
                    .subject("event", id)
                    .fact("space_id", event.space_id.to_string());
                pen.append(submission.agent, &draft)?;
                Ok(EventOutcome::refused(Some(id), problem))
            }
            Decision::Store(storable) => {
                self.stage(pen, submission, event, payload, &content, &storable)?;
                Ok(EventOutcome::of(id, EventStatus::Stored))
            }
        }
    }

    fn stage(
        &mut self,
        pen: &mut Pen,
        submission: &Submission,
        event: &NewEvent,
        payload: &str,
        content: &str,
        storable: &Storable,
    ) -> Result<()> {
        let salt = pen.random::<16>()?;
        let digest = salted_digest(&salt, content.as_bytes());
        let draft = EntryDraft::new(pen.now(), "event.stored", &submission.principal)
            .subject("event", event.event_id)
            .fact("space_id", event.space_id.to_string())
            .fact("type", event.event_type.clone())
            .digest("content", digest);
        let seq = pen.append(submission.agent, &draft)?;
        let device = match submission.principal {
            Principal::Device { device_id, .. } => Some(device_id),
            _ => None,
        };
        self.rows.push(vec![
            submission.agent.agent_id().into(),
            seq.into(),
            event.event_id.into(),
            event.space_id.into(),
            event.event_type.as_str().into(),
            event.occurred_at.into(),
            pen.now().into(),
            storable.person_id.into(),
            device.into(),
            storable.reading.role.map(SpeakerRole::as_str).into(),
            storable.reading.modality.map(|modality| modality.as_str()).into(),
            storable.consent_id.into(),
            payload.into(),
            salt.into(),
            digest.into(),
        ]);
        if let Some(artifact) = storable.reading.artifact {
            self.references.push(vec![submission.agent.agent_id().into(), artifact.into(), seq.into()]);
        }
        let of = self.agents.entry(submission.agent).or_default();
        of.existing.insert(event.event_id, Some((salt, digest.0)));
        if storable.kind.is_talk() {
            of.to_index.get_or_insert(seq);
            if storable.reading.role == Some(SpeakerRole::User) {
                *self.talk.entry((submission.agent, event.space_id)).or_default() += 1;
                if let Some(trace) = submission.trace {
                    let key = (submission.agent, event.space_id, trace);
                    self.traced.entry(key).or_insert((seq, seq)).1 = seq;
                }
            }
        }
        Ok(())
    }

    /// Hands what was decided on to the database.
    fn hand_over(&mut self, tx: &mut Tx) {
        tx.bulk(&INSERT_EVENTS, std::mem::take(&mut self.rows));
        tx.bulk(&INSERT_REFERENCES, std::mem::take(&mut self.references));
        tx.write_entries();
    }

    fn finish(self, tx: &mut Tx) {
        let at = tx.now();
        let mut jobs = Vec::new();
        traced::note(tx, self.traced);
        for (agent, of) in &self.agents {
            let first = of.to_index.filter(|_| !of.index_job_waits);
            jobs.extend(first.map(|first| {
                let (queue, key) = Stretch::since(first).job();
                Job { agent: *agent, queue, key, at }
            }));
        }
        let said = self.talk.into_iter().map(|((agent, space), utterances)| {
            let before = self.agents.get(&agent).and_then(|of| of.waiting.get(&space)).copied();
            (agent, space, before.unwrap_or(Waiting { utterances: 0, since: at }), utterances)
        });
        jobs.extend(note_talk(tx, &said.collect::<Vec<_>>(), self.pace));
        queue::enqueue_all(tx, jobs.into_iter());
    }
}

/// What an event says, as bytes: two events of one id are the same when these are.
fn content(event: &NewEvent, payload: &str) -> String {
    let person = event.person_id.map_or_else(|| "null".to_owned(), |person| format!("\"{person}\""));
    format!(
        "{{\"occurred_at\":{},\"payload\":{payload},\"person_id\":{person},\"space_id\":\"{}\",\"type\":{:?}}}",
        event.occurred_at.0, event.space_id, event.event_type
    )
}
