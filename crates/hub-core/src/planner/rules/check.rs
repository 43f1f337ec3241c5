//! Test sets: files of sentences with what the rules must make of them.
//!
//! ```text
//! @now 2026-03-04T09:00:00Z
//! @zone Europe/Berlin
//! @people Anna, Tom
//! @speaker Anna
//!
//! I am allergic to nuts.
//!   allergy Anna is allergic to nuts
//! What a day!
//!   nothing
//! ```

use super::{RuleSource, Rules};
use crate::clock::Timestamp;
use crate::ids::{AgentId, EventId, PersonId, SpaceId, WindowId};
use crate::planner::plan::{KnownPerson, Plan, Surroundings, Utterance, Window};
use crate::{Error, Result};
use hub_protocol::vocabulary::SpeakerRole;
use uuid::Uuid;

/// A sentence of a test set whose plan is not the expected one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Line of the sentence in its file, from 1.
    pub line: usize,
    /// The sentence.
    pub sentence: String,
    /// What the file expects, one proposal a line.
    pub expected: Vec<String>,
    /// What the rules made of it.
    pub found: Vec<String>,
}

/// What came of a test set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checked {
    /// Sentences in the file.
    pub sentences: usize,
    /// Those that must yield nothing.
    pub nothing: usize,
    /// Those that came out otherwise.
    pub mismatches: Vec<Mismatch>,
}

/// One sentence of the file, in the window in which it is planned.
struct Case {
    line: usize,
    window: Window,
    expected: Vec<String>,
}

impl Rules {
    /// Plans each sentence of a test set on its own and compares. `docs/RULES.md` describes the
    /// file. Ids are written as the names that they stand for: `"person_id": "Anna"`.
    ///
    /// # Errors
    /// `invalid` (`malformed_sentences`) naming file and line.
    pub fn check(&self, sentences: &RuleSource) -> Result<Checked> {
        let mut checked = Checked::default();
        for case in cases(self.language(), sentences)? {
            let found = proposals(&self.plan_window(&case.window), &case.window);
            checked.sentences += 1;
            checked.nothing += usize::from(case.expected.is_empty());
            if found != case.expected {
                let sentence = case.window.utterances.into_iter().map(|utterance| utterance.text).collect();
                checked.mismatches.push(Mismatch {
                    line: case.line,
                    sentence,
                    expected: case.expected,
                    found,
                });
            }
        }
        Ok(checked)
    }
}

/// A plan as lines of a test set.
fn proposals(plan: &Plan, window: &Window) -> Vec<String> {
    let named = |mut text: String| {
        for person in &window.people {
            text = text.replace(&person.person_id.to_string(), &person.name);
        }
        text.replace(&window.space_id.to_string(), "space")
    };
    let about = |id: Option<PersonId>| match id {
        Some(id) => window
            .people
            .iter()
            .find(|person| person.person_id == id)
            .map_or(String::new(), |person| format!(" ({})", person.name)),
        None => String::new(),
    };
    let memories = plan
        .memories
        .iter()
        .map(|memory| format!("{} {}{}", memory.predicate, memory.content, about(memory.person_id)));
    let actions = plan.actions.iter().map(|action| named(format!("{} {}", action.tool, action.arguments)));
    memories.chain(actions).collect()
}

fn cases(language: &str, source: &RuleSource) -> Result<Vec<Case>> {
    let mut cases: Vec<Case> = Vec::new();
    let (mut window, mut complete) = (empty(language), true);
    let mut speaker = None;
    for (index, text) in source.text.lines().enumerate() {
        let line = index + 1;
        let error = |message: &str| {
            Error::invalid("malformed_sentences", format!("{}:{line}: {message}", source.name))
                .field("sentences")
        };
        let content = text.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        if let Some(setting) = content.strip_prefix('@') {
            let (name, value) = setting.split_once(' ').ok_or_else(|| error("a setting is `@NAME value`"))?;
            match name {
                "now" => {
                    window.0 = Timestamp::parse(value.trim()).map_err(|cause| error(&cause.to_string()))?
                }
                "zone" => value.trim().clone_into(&mut window.1.time_zone),
                "people" => window.1.people = people(value),
                "speaker" => speaker = Some(value.trim().to_owned()).filter(|name| name != "nobody"),
                _ => return Err(error("settings are `@now`, `@zone`, `@people` and `@speaker`")),
            }
        } else if text.starts_with(char::is_whitespace) {
            let case = cases.last_mut().ok_or_else(|| error("an expectation belongs under a sentence"))?;
            complete = true;
            if content != "nothing" {
                case.expected.push(content.to_owned());
            }
        } else {
            if !complete {
                return Err(error("the sentence before says nothing of what is expected; write `nothing`"));
            }
            complete = false;
            let mut planned = window.1.clone();
            planned.utterances = vec![said(line, content, speaker.clone(), window.0, &planned.people)];
            cases.push(Case { line, window: planned, expected: Vec::new() });
        }
    }
    if complete {
        Ok(cases)
    } else {
        Err(Error::invalid(
            "malformed_sentences",
            format!("{}: the last sentence says nothing of what is expected", source.name),
        )
        .field("sentences"))
    }
}

fn empty(language: &str) -> (Timestamp, Window) {
    let window = Window {
        agent_id: AgentId(Uuid::from_u128(1)),
        space_id: SpaceId(Uuid::from_u128(2)),
        window_id: WindowId(Uuid::from_u128(3)),
        language: language.to_owned(),
        time_zone: "UTC".to_owned(),
        utterances: Vec::new(),
        people: Vec::new(),
        surroundings: Surroundings::default(),
    };
    (Timestamp(0), window)
}

fn people(names: &str) -> Vec<KnownPerson> {
    let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
    names
        .zip(0x100_u128..)
        .map(|(name, number)| KnownPerson {
            person_id: PersonId(Uuid::from_u128(number)),
            name: name.to_owned(),
        })
        .collect()
}

fn said(
    line: usize,
    text: &str,
    speaker: Option<String>,
    now: Timestamp,
    people: &[KnownPerson],
) -> Utterance {
    let known = speaker.as_ref().and_then(|name| people.iter().find(|person| person.name == *name));
    Utterance {
        event_id: EventId(Uuid::from_u128(0x1_0000_u128 + line as u128)),
        person_id: known.map(|person| person.person_id),
        speaker,
        role: SpeakerRole::User,
        text: text.to_owned(),
        occurred_at: now,
        settled: false,
    }
}
