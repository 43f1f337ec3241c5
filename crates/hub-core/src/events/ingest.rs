//! The one way in: events of several requests, decided on and written in one transaction.

use super::decision::{Decision, Known, SpaceState, Storable, decide};
use super::new_event::{Batch, EventOutcome, NewEvent};
use crate::audit::{EntryDraft, salted_digest};
use crate::canonical::canonical_object;
use crate::clock::Timestamp;
use crate::consent::grants;
use crate::context::{Context, Need, Principal, Scoped, authorize};
use crate::ids::{EventId, PersonId, SpaceId};
use crate::memory::index::Stretch;
use crate::queue;
use crate::schema::{JsonSchema, check_depth};
use crate::store::{BulkInsert, ListStatement, Pen, Row, Tx, Value};
use crate::{Error, Result};
use hub_protocol::limits;
use hub_protocol::vocabulary::{EventStatus, Scope, SpeakerRole};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// Events of one request, checked as far as it goes without the database.
pub(crate) struct Submission {
    pub(crate) agent: Scoped,
    pub(crate) principal: Principal,
    pub(crate) events: Vec<Prepared>,
    /// How far the sender's clock is from the hub's.
    pub(crate) clock_error: Duration,
    pub(crate) pace: crate::planner::Pace,
}

/// One event, or why it will not become one.
pub(crate) enum Prepared {
    Ready { event: NewEvent, payload: String },
    Refused { event_id: Option<EventId>, problem: Error },
}

const EXISTING: ListStatement = ListStatement {
    sql: "SELECT event_id, salt, digest FROM events WHERE agent_id = $1 AND event_id IN ({})",
    before: 1,
};
// A space that was never private has one row, without an interval.
const SPACES: ListStatement = ListStatement {
    sql: "SELECT s.space_id, s.privacy_mode, i.started_at, i.ended_at FROM spaces s \
          LEFT JOIN private_intervals i ON i.agent_id = s.agent_id AND i.space_id = s.space_id \
          WHERE s.agent_id = $1 AND s.deleted_at IS NULL AND s.space_id IN ({})",
    before: 1,
};
const PEOPLE: ListStatement = ListStatement {
    sql: "SELECT person_id FROM people WHERE agent_id = $1 AND deleted_at IS NULL AND person_id IN ({})",
    before: 1,
};
const SCHEMAS: ListStatement = ListStatement {
    sql: "SELECT type, schema FROM event_types WHERE agent_id = $1 AND type IN ({})",
    before: 1,
};
pub(crate) const LISTS: &[(&str, ListStatement)] =
    &[("EXISTING", EXISTING), ("SPACES", SPACES), ("PEOPLE", PEOPLE), ("SCHEMAS", SCHEMAS)];
pub(crate) const INSERT_EVENTS: BulkInsert = BulkInsert {
    into: "events (agent_id, seq, event_id, space_id, type, occurred_at, received_at, person_id, device_id, role, \
           modality, consent_id, payload, salt, digest)",
    columns: 15,
    tail: "",
};

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
    Ok(Submission { agent, principal: context.principal.clone(), events, clock_error, pace })
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
        for value in event.payload.values() {
            check_depth(value, "payload")?;
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

/// Stores what may be stored and answers, for each submission, one outcome an event. Agents are
/// taken in the order of their ids, so that transactions of several processes cannot wait for
/// each other in a circle.
pub(crate) async fn store(tx: &mut Tx, submissions: &[Submission]) -> Result<Vec<Vec<EventOutcome>>> {
    let mut of_agent: BTreeMap<Scoped, Vec<usize>> = BTreeMap::new();
    for (index, submission) in submissions.iter().enumerate() {
        of_agent.entry(submission.agent).or_default().push(index);
    }
    let mut outcomes: Vec<Vec<EventOutcome>> = submissions.iter().map(|_| Vec::new()).collect();
    for (agent, indexes) in of_agent {
        let mine: Vec<&Submission> = indexes.iter().filter_map(|index| submissions.get(*index)).collect();
        let mut writing = Writing::begin(tx, agent, &mine).await?;
        let events = indexes.iter().zip(&mine).flat_map(|(index, submission)| {
            submission.events.iter().map(move |prepared| (*index, *submission, prepared))
        });
        let events: Vec<(usize, &Submission, &Prepared)> = events.collect();
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
    }
    Ok(outcomes)
}

/// Events that are decided on before they go to the database.
const EVENTS_AT_ONCE: usize = 128;

/// Salt and digest of a stored event's content.
type Fingerprint = ([u8; 16], [u8; 32]);

struct Writing {
    agent: Scoped,
    known: Known,
    /// Ids that are stored, with salt and digest; none when forgotten.
    existing: HashMap<EventId, Option<Fingerprint>>,
    rows: Vec<Vec<Value>>,
    /// First and last sequence number of what is to be indexed.
    to_index: Option<(i64, i64)>,
    /// Utterances of people, by space.
    talk: BTreeMap<SpaceId, i64>,
    pace: crate::planner::Pace,
}

impl Writing {
    /// Reads, in the transaction, everything that the decisions rest on.
    async fn begin(tx: &mut Tx, agent: Scoped, submissions: &[&Submission]) -> Result<Self> {
        let mut ids: Vec<Value> = Vec::new();
        let mut spaces: BTreeSet<SpaceId> = BTreeSet::new();
        let mut people: BTreeSet<PersonId> = BTreeSet::new();
        let mut types: BTreeSet<&str> = BTreeSet::new();
        for submission in submissions {
            if let Principal::Operator { person_id, .. } = submission.principal {
                people.insert(person_id);
            }
            for prepared in &submission.events {
                if let Prepared::Ready { event, .. } = prepared {
                    ids.push(event.event_id.into());
                    spaces.insert(event.space_id);
                    people.extend(event.person_id);
                    if event.event_type.starts_with("custom.") {
                        types.insert(&event.event_type);
                    }
                }
            }
        }
        let spaces: Vec<Value> = spaces.into_iter().map(Value::from).collect();
        let people: Vec<Value> = people.into_iter().map(Value::from).collect();
        let types: Vec<Value> = types.into_iter().map(Value::from).collect();
        let own = [agent.agent_id().into()];
        // All questions at once: one way to the database and back.
        let questions = [
            tx.list(EXISTING, &own, &ids),
            tx.list(SPACES, &own, &spaces),
            tx.list(PEOPLE, &own, &people),
            grants::of_people(tx, agent, &people),
            tx.list(SCHEMAS, &own, &types),
            tx.head(agent).into_iter().collect(),
        ];
        let counts = questions.each_ref().map(Vec::len);
        let mut answers = tx.ask(questions.into_iter().flatten().collect()).await?.into_iter();
        let [existing_rows, spaces, people, grants, schemas, head] =
            counts.map(|count| answers.by_ref().take(count).flatten().collect::<Vec<Row>>());
        if counts.last() == Some(&1) {
            tx.take_head(agent, head)?;
        }
        let mut existing = HashMap::new();
        for mut row in existing_rows {
            let (salt, digest): (Option<[u8; 16]>, Option<[u8; 32]>) = (row.take(1)?, row.take(2)?);
            existing.insert(row.take(0)?, salt.zip(digest));
        }
        let mut known = Known::default();
        for mut row in spaces {
            let state: &mut SpaceState = known.spaces.entry(row.take(0)?).or_default();
            state.private_now = row.take(1)?;
            if let Some(started) = row.take(2)? {
                state.private_intervals.push((started, row.take(3)?));
            }
        }
        for mut row in people {
            known.people.insert(row.take(0)?);
        }
        for row in grants {
            let grant = grants::read(row)?;
            known.grants.entry(grant.person_id).or_default().push(grant);
        }
        for mut row in schemas {
            let schema = JsonSchema::compile(&row.json(1)?)?;
            known.schemas.insert(row.take(0)?, Arc::new(schema));
        }
        let pace = submissions.first().map(|submission| submission.pace).unwrap_or_default();
        Ok(Self { agent, known, existing, rows: Vec::new(), to_index: None, talk: BTreeMap::new(), pace })
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
        match self.existing.get(&id) {
            Some(Some((salt, digest))) if salted_digest(salt, content.as_bytes()).0 != *digest => {
                let problem = Error::conflict("event_id_reused", "this id was stored with other content");
                return Ok(EventOutcome::refused(Some(id), problem.field("event_id")));
            }
            Some(_) => return Ok(EventOutcome::of(id, EventStatus::Duplicate)),
            None => {}
        }
        match decide(event, &submission.principal, &self.known, pen.now(), submission.clock_error) {
            Decision::Private => Ok(EventOutcome::of(id, EventStatus::Private)),
            Decision::Refuse(problem) => Ok(EventOutcome::refused(Some(id), problem)),
            Decision::NoConsent(problem) => {
                let draft = EntryDraft::new(pen.now(), "consent.denied", &submission.principal)
                    .subject("event", id)
                    .fact("space_id", event.space_id.to_string());
                pen.append(self.agent, &draft)?;
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
        let seq = pen.append(self.agent, &draft)?;
        let device = match submission.principal {
            Principal::Device { device_id, .. } => Some(device_id),
            _ => None,
        };
        self.rows.push(vec![
            self.agent.agent_id().into(),
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
        self.existing.insert(event.event_id, Some((salt, digest.0)));
        if storable.kind.is_talk() {
            self.to_index = Some((self.to_index.map_or(seq, |(first, _)| first), seq));
            if storable.reading.role == Some(SpeakerRole::User) {
                *self.talk.entry(event.space_id).or_default() += 1;
            }
        }
        Ok(())
    }

    /// Hands what was decided on to the database.
    fn hand_over(&mut self, tx: &mut Tx) {
        tx.bulk(&INSERT_EVENTS, std::mem::take(&mut self.rows));
        tx.write_entries();
    }

    fn finish(self, tx: &mut Tx) {
        if let Some((first, last)) = self.to_index {
            queue::enqueue(tx, self.agent, Stretch::new(first, last).jobs().collect());
        }
        for (space, utterances) in self.talk {
            crate::planner::window::note_talk(tx, self.agent, space, utterances, self.pace);
        }
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
