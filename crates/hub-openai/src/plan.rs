//! The plan as a model writes it. One Rust type gives the strict schema that the model is held to and
//! reads what it wrote.

use hub_core::ids::{EventId, PersonId};
use hub_core::planner::{Plan, ProposedAction, ProposedMemory, Window};
use hub_core::{Error, Result};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// Characters of what a model wrote that an error repeats.
const REPEATED_CHARS: usize = 60;
/// Characters of a reader's words, which repeat names of any length, at their begin and at their end, where they
/// say what was expected and where.
const WORDS_CHARS: (usize, usize) = (160, 240);

/// Everything that is worth keeping or doing.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenPlan {
    /// Facts that people stated about themselves or their home and that will still matter in a week.
    memories: Vec<WrittenMemory>,
    /// What people asked to be done.
    actions: Vec<WrittenAction>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WrittenMemory {
    /// The fact as one sentence that stands alone and names whom it is about.
    content: String,
    /// The kind of fact in lower case with underscores, such as `allergy` or `birthday`.
    predicate: String,
    /// The id of the person whom it is about, such as `p1`; null for anything else.
    person: Option<String>,
    /// How sure it is, from 0 to 1.
    confidence: f64,
    /// The ids of the utterances that say so, such as `u3`.
    sources: Vec<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WrittenAction {
    /// The name of one of the tools.
    tool: String,
    /// The arguments of the tool: a JSON object, written as text.
    arguments: String,
    /// Why, in one sentence for the person who decides.
    reason: String,
    /// The ids of the utterances that ask for it, such as `u3`.
    sources: Vec<String>,
}

/// The name of the schema in requests.
pub(crate) const NAME: &str = "plan";

/// The schema of a plan as strict structured output takes it: closed objects, every property required,
/// and no word beyond the subset that the API knows. The tools are those of the window.
pub(crate) fn schema(window: &Window) -> Value {
    let mut schema = schemars::schema_for!(WrittenPlan).to_value();
    strict(&mut schema);
    if let Some(tool) =
        schema.pointer_mut("/$defs/WrittenAction/properties/tool").and_then(Value::as_object_mut)
    {
        let names: Vec<&str> = window.surroundings.tools.iter().map(|tool| tool.name.as_str()).collect();
        if !names.is_empty() {
            tool.insert("enum".to_owned(), json!(names));
        }
    }
    schema
}

fn strict(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            for word in ["$schema", "title", "format", "default"] {
                // Under `properties` it would be a property of that name.
                if members.get(word).is_some_and(|value| value.is_string()) {
                    members.remove(word);
                }
            }
            if let Some(names) = members.get("properties").and_then(Value::as_object) {
                let names: Vec<Value> = names.keys().cloned().map(Value::String).collect();
                members.insert("required".to_owned(), Value::Array(names));
                members.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            members.values_mut().for_each(strict);
        }
        Value::Array(items) => items.iter_mut().for_each(strict),
        _ => {}
    }
}

/// The name of an utterance in requests: its place, from 1.
pub(crate) fn utterance_name(place: usize) -> String {
    format!("u{}", place + 1)
}

/// The name of a person in requests.
pub(crate) fn person_name(place: usize) -> String {
    format!("p{}", place + 1)
}

/// Reads what a model wrote.
///
/// # Errors
/// `invalid` with the code `invalid_plan`, in words that the model can mend it by.
pub(crate) fn read(text: &str, window: &Window) -> Result<Plan> {
    let written: WrittenPlan = serde_json::from_str(text)
        .map_err(|cause| wrong(format!("the answer is no plan as the schema asks for: {}", words(&cause))))?;
    let memories = written.memories.into_iter().map(|memory| memory.into_proposal(window));
    let actions = written.actions.into_iter().map(|action| action.into_proposal(window));
    Ok(Plan { memories: memories.collect::<Result<_>>()?, actions: actions.collect::<Result<_>>()? })
}

impl WrittenMemory {
    fn into_proposal(self, window: &Window) -> Result<ProposedMemory> {
        Ok(ProposedMemory {
            content: self.content,
            predicate: self.predicate,
            person_id: self.person.map(|name| person(&name, window)).transpose()?,
            confidence: self.confidence,
            source_event_ids: sources(&self.sources, window)?,
        })
    }
}

impl WrittenAction {
    fn into_proposal(self, window: &Window) -> Result<ProposedAction> {
        let arguments: Value = serde_json::from_str(&self.arguments).map_err(|cause| {
            wrong(format!("the arguments of the tool {} are no JSON: {}", shown(&self.tool), words(&cause)))
        })?;
        let source_event_ids = sources(&self.sources, window)?;
        let arguments = with_people(arguments, window)?;
        Ok(ProposedAction { tool: self.tool, arguments, reason: self.reason, source_event_ids })
    }
}

/// The arguments with the id of a person where `@` and a name stand for one.
fn with_people(arguments: Value, window: &Window) -> Result<Value> {
    Ok(match arguments {
        Value::String(text) => match text.strip_prefix('@') {
            Some(name) if place(name, 'p').is_some() => Value::String(person(name, window)?.to_string()),
            _ => Value::String(text),
        },
        Value::Array(items) => {
            items.into_iter().map(|item| with_people(item, window)).collect::<Result<_>>()?
        }
        Value::Object(members) => members
            .into_iter()
            .map(|(name, member)| Ok((name, with_people(member, window)?)))
            .collect::<Result<_>>()?,
        other => other,
    })
}

fn sources(names: &[String], window: &Window) -> Result<Vec<EventId>> {
    let mut ids = Vec::with_capacity(names.len().min(window.utterances.len()));
    for name in names {
        let place = place(name, 'u').and_then(|place| window.utterances.get(place));
        let id = place.map(|utterance| utterance.event_id);
        let id = id.ok_or_else(|| wrong(format!("{} names no utterance of this window", shown(name))))?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

fn person(name: &str, window: &Window) -> Result<PersonId> {
    let known = place(name, 'p').and_then(|place| window.people.get(place));
    known
        .map(|person| person.person_id)
        .ok_or_else(|| wrong(format!("{} names no person of this home", shown(name))))
}

/// The place that a name stands for, when it is written as requests write it.
fn place(name: &str, letter: char) -> Option<usize> {
    let digits = name.strip_prefix(letter)?;
    let place: usize = digits.parse().ok()?;
    (place.to_string() == digits).then_some(place)?.checked_sub(1)
}

/// What a model wrote, short and with everything invisible shown.
fn shown(text: &str) -> String {
    let short: String = text.chars().take(REPEATED_CHARS).collect();
    format!("{short:?}")
}

/// What a reader says is wrong, in bounded words.
fn words(cause: &serde_json::Error) -> String {
    let said = cause.to_string();
    let (begin, end) = WORDS_CHARS;
    let chars = said.chars().count();
    if chars <= begin + end {
        return said;
    }
    let first: String = said.chars().take(begin).collect();
    let last: String = said.chars().skip(chars - end).collect();
    format!("{first}…{last}")
}

fn wrong(what: String) -> Error {
    Error::invalid("invalid_plan", what)
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use hub_core::clock::Timestamp;
    use hub_core::ids::{AgentId, SpaceId, WindowId};
    use hub_core::planner::{KnownPerson, OfferedTool, Surroundings, Utterance};
    use hub_core::vocabulary::SpeakerRole;
    use proptest::prelude::*;
    use uuid::Uuid;

    pub(crate) fn window(texts: &[&str]) -> Window {
        let said = |(text, number): (&&str, u128)| Utterance {
            event_id: EventId(Uuid::from_u128(number)),
            person_id: Some(PersonId(Uuid::from_u128(7))),
            speaker: None,
            role: SpeakerRole::User,
            text: (*text).to_owned(),
            occurred_at: Timestamp(0),
            settled: false,
        };
        let tool = OfferedTool {
            name: "reminder.set".to_owned(),
            description: "Reminds somebody.".to_owned(),
            input_schema: json!({"type": "object"}),
        };
        Window {
            agent_id: AgentId(Uuid::from_u128(1)),
            space_id: SpaceId(Uuid::from_u128(2)),
            window_id: WindowId(Uuid::from_u128(3)),
            language: "en".to_owned(),
            time_zone: "UTC".to_owned(),
            utterances: texts.iter().zip(1_u128..).map(said).collect(),
            people: vec![KnownPerson { person_id: PersonId(Uuid::from_u128(7)), name: "Anna".to_owned() }],
            surroundings: Surroundings { tools: vec![tool], ..Surroundings::default() },
        }
    }

    #[test]
    fn the_schema_of_the_type_is_strict_and_names_the_tools_of_the_window() {
        let schema = schema(&window(&["hello"]));
        let text = serde_json::to_string_pretty(&schema).unwrap();
        assert_eq!(schema["required"], json!(["actions", "memories"]), "{text}");
        let action = &schema["$defs"]["WrittenAction"];
        assert_eq!(action["additionalProperties"], json!(false), "{text}");
        assert_eq!(action["properties"]["tool"]["enum"], json!(["reminder.set"]), "{text}");
        assert_eq!(schema["$defs"]["WrittenMemory"]["required"].as_array().unwrap().len(), 5, "{text}");
        assert!(!text.contains("\"format\"") && !text.contains("$schema"), "{text}");
    }

    #[test]
    fn a_plan_is_read_back_into_ids() {
        let text = r#"{"memories": [{"content": "Anna is allergic to nuts", "predicate": "allergy", "person": "p1",
                       "confidence": 0.9, "sources": ["u2", "u2"]}],
                       "actions": [{"tool": "reminder.set", "arguments": "{\"text\": \"nuts\"}", "reason": "asked",
                       "sources": ["u1"]}]}"#;
        let plan = read(text, &window(&["remind me", "no nuts"])).unwrap();
        assert_eq!(plan.memories[0].person_id, Some(PersonId(Uuid::from_u128(7))));
        assert_eq!(plan.memories[0].source_event_ids, [EventId(Uuid::from_u128(2))]);
        assert_eq!(plan.actions[0].arguments, json!({"text": "nuts"}));
    }

    #[test]
    fn a_name_in_arguments_becomes_the_person_s_id() {
        let (window, anna) = (window(&["hello"]), PersonId(Uuid::from_u128(7)).to_string());
        let given = json!({"to": ["@p1"], "text": "@home p1"});
        let expected = json!({"to": [anna], "text": "@home p1"});
        assert_eq!(with_people(given, &window).unwrap(), expected);
        assert!(with_people(json!({"to": "@p2"}), &window).is_err());
    }

    #[test]
    fn a_name_of_any_length_is_refused_in_bounded_words_that_say_where() {
        for length in [10, 390, 100_000] {
            let text = format!(r#"{{"memories": [], "{}": 1}}"#, "é".repeat(length));
            let said = read(&text, &window(&["hello"])).unwrap_err().to_string();
            assert!(said.chars().count() < 500, "{said}");
            assert!(
                said.contains("expected `memories` or `actions`") && said.contains("line 1 column"),
                "{said}"
            );
        }
    }

    #[test]
    fn ids_of_others_and_members_beyond_the_schema_refuse_the_whole_plan() {
        let memory = |person: &str, source: &str| {
            format!(
                r#"{{"memories": [{{"content": "a", "predicate": "b", "person": {person}, "confidence": 1,
                    "sources": ["{source}"]}}], "actions": []}}"#
            )
        };
        let window = window(&["hello"]);
        assert!(read(&memory("null", "u1"), &window).is_ok());
        for (person, source) in [
            ("null", "u2"),
            ("null", "u0"),
            ("null", "u01"),
            ("null", "00000000-0000-0000-0000-000000000001"),
            ("\"p2\"", "u1"),
            ("\"00000000-0000-0000-0000-000000000007\"", "u1"),
        ] {
            let error = read(&memory(person, source), &window).unwrap_err();
            assert_eq!(error.code(), "invalid_plan");
        }
        let approved = r#"{"memories": [], "actions": [], "approved": true}"#;
        assert!(read(approved, &window).unwrap_err().to_string().contains("approved"));
    }

    proptest! {
        #[test]
        fn any_text_is_a_plan_or_refused(text in ".{0,400}") {
            if let Err(error) = read(&text, &window(&["hello"])) {
                prop_assert_eq!(error.code(), "invalid_plan");
            }
        }
    }
}
