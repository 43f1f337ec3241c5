//! What a planner sees and what it may answer. A plan is a proposal: it is validated against the
//! window before anything of it is written, whoever made it.

use crate::clock::Timestamp;
use crate::ids::{AgentId, EventId, PersonId, SpaceId, WindowId};
use hub_protocol::vocabulary::SpeakerRole;
use serde_json::Value;

/// A stretch of talk in one space, planned at once.
#[derive(Debug, Clone)]
pub struct Window {
    /// Whose talk it is.
    pub agent_id: AgentId,
    /// Where it was said.
    pub space_id: SpaceId,
    /// The committed window; the same on every attempt.
    pub window_id: WindowId,
    /// The agent's language, a BCP 47 tag such as `en`.
    pub language: String,
    /// IANA name of the zone in which "at five" is meant, such as `Europe/Berlin`.
    pub time_zone: String,
    /// What was said, in the order in which it was stored.
    pub utterances: Vec<Utterance>,
    /// People of the agent, by name: who "Anna" may be.
    pub people: Vec<KnownPerson>,
    /// What a model is told beside the talk; empty for a planner that is none.
    pub surroundings: Surroundings,
}

impl Window {
    /// What a planner may make something of: what people said and no planner before it has settled.
    pub fn open(&self) -> impl Iterator<Item = &Utterance> {
        self.utterances.iter().filter(|utterance| utterance.is_open())
    }
}

/// One thing that was said.
#[derive(Debug, Clone)]
pub struct Utterance {
    /// The event that carried it.
    pub event_id: EventId,
    /// Who said it, where that is known.
    pub person_id: Option<PersonId>,
    /// The speaker's label in a transcript, such as `Project Manager`.
    pub speaker: Option<String>,
    /// A person, or the agent itself. The agent's speech is context, never a source.
    pub role: SpeakerRole,
    /// What was said.
    pub text: String,
    /// When it was said.
    pub occurred_at: Timestamp,
    /// Whether a planner before this one made of it what there is. It is context then, never a source.
    pub settled: bool,
}

impl Utterance {
    /// Whether a proposal may rest on it: a person said it, and no planner has settled it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.role == SpeakerRole::User && !self.settled
    }
}

/// What a model is told beside the talk. All of it is of the window's own space.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// What memory finds for this talk, best first; at most 8.
    pub memories: Vec<KnownMemory>,
    /// Whether memory was too slow to be waited for, so that none is shown.
    pub without_memory: bool,
    /// What waits for a person or runs, so that it is not proposed again; at most 20, the newest first.
    pub actions: Vec<OpenAction>,
    /// The tools of this hub.
    pub tools: Vec<OfferedTool>,
    /// Why the plan that was made of this window before was refused, in a sentence.
    pub correction: Option<String>,
}

/// A memory that may matter for a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownMemory {
    /// The words.
    pub content: String,
    /// Who said it, where that is known.
    pub speaker: Option<String>,
    /// When it was said.
    pub occurred_at: Timestamp,
}

/// An action that waits for a person, or runs.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenAction {
    /// Name of its tool.
    pub tool: String,
    /// With which arguments.
    pub arguments: Value,
}

/// A tool that a plan may name.
#[derive(Debug, Clone, PartialEq)]
pub struct OfferedTool {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// JSON Schema of its arguments.
    pub input_schema: Value,
}

/// A person whom the agent knows.
#[derive(Debug, Clone)]
pub struct KnownPerson {
    /// Who.
    pub person_id: PersonId,
    /// By what name.
    pub name: String,
}

/// What a planner proposes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// Facts that people stated.
    pub memories: Vec<ProposedMemory>,
    /// Side effects that people asked for.
    pub actions: Vec<ProposedAction>,
}

/// A semantic memory that a planner proposes.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposedMemory {
    /// The fact as a sentence that stands alone, such as `Anna is allergic to nuts`.
    pub content: String,
    /// Kind of fact, such as `allergy`; words of lower case and `_`.
    pub predicate: String,
    /// Whom the fact is about, where that person is known.
    pub person_id: Option<PersonId>,
    /// How sure the planner is, from 0 to 1.
    pub confidence: f64,
    /// What it was derived from: at least one event of the window, said by a person.
    pub source_event_ids: Vec<EventId>,
}

/// An action that a planner proposes.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposedAction {
    /// Name of the tool, such as `reminder.set`.
    pub tool: String,
    /// Arguments of the tool; checked against its schema.
    pub arguments: Value,
    /// Why, in a sentence for the person who decides.
    pub reason: String,
    /// Who asked for it: at least one event of the window, said by a person.
    pub source_event_ids: Vec<EventId>,
}
