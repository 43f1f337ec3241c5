use hub_core::clock::Timestamp;
use hub_core::ids::{AgentId, EventId, PersonId, SpaceId, WindowId};
use hub_core::planner::{KnownPerson, OfferedTool, Surroundings, Utterance, Window};
use hub_core::vocabulary::SpeakerRole;
use serde_json::json;
use uuid::Uuid;

/// A window of what one person said, sentence by sentence.
pub(crate) fn window(sentences: &[&str]) -> Window {
    let anna = PersonId(Uuid::from_u128(7));
    let utterance = |(number, text): (u128, &&str)| Utterance {
        event_id: EventId(Uuid::from_u128(number)),
        person_id: Some(anna),
        speaker: None,
        role: SpeakerRole::User,
        text: (*text).to_owned(),
        occurred_at: Timestamp::parse("2026-03-04T09:00:00Z").expect("a time"),
        settled: false,
    };
    let reminder = OfferedTool {
        name: "reminder.set".to_owned(),
        description: "Reminds a person".to_owned(),
        input_schema: json!({"type": "object"}),
    };
    Window {
        agent_id: AgentId(Uuid::from_u128(1)),
        space_id: SpaceId(Uuid::from_u128(2)),
        window_id: WindowId(Uuid::from_u128(3)),
        language: "en".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        utterances: (100..).zip(sentences).map(utterance).collect(),
        people: vec![KnownPerson { person_id: anna, name: "Anna".to_owned() }],
        surroundings: Surroundings { tools: vec![reminder], ..Surroundings::default() },
    }
}
