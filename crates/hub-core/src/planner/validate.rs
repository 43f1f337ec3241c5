//! Holds a plan against its window: whoever made it, it may name only what the window holds.
//! Pure; a plan is accepted or refused whole.

use super::plan::{Plan, ProposedAction, ProposedMemory, Window};
use crate::canonical::canonical;
use crate::ids::EventId;
use crate::text::without_nul;
use crate::tools::ToolRegistry;
use crate::tools::manifest::TOOL_NAME_CHARS;
use crate::{Error, Result};
use hub_protocol::limits;
use std::collections::HashSet;

/// The code of a plan that is refused.
pub(super) const INVALID: &str = "invalid_plan";
/// Memories and actions that one window may yield.
pub(super) const PROPOSALS_PER_WINDOW: usize = 200;

/// Checks a plan.
///
/// # Errors
/// `invalid` with `invalid_plan`, naming what is wrong.
pub(crate) fn validate(plan: &Plan, window: &Window, tools: &ToolRegistry) -> Result<()> {
    if plan.memories.len() + plan.actions.len() > PROPOSALS_PER_WINDOW {
        return Err(wrong("the plan proposes too much").at_limit(format!("{PROPOSALS_PER_WINDOW} proposals")));
    }
    // What the agent itself said is context and never a source, nor is what another planner has settled.
    let said: HashSet<EventId> = window.open().map(|utterance| utterance.event_id).collect();
    for memory in &plan.memories {
        sources(&memory.source_event_ids, &said)?;
        check_memory(memory, window)?;
    }
    for action in &plan.actions {
        sources(&action.source_event_ids, &said)?;
        if action.reason.len() > limits::REASON_BYTES {
            return Err(wrong("a reason is too long").at_limit(format!("{} bytes", limits::REASON_BYTES)));
        }
        without_nul(&action.reason, "reason").map_err(unfit)?;
        check_tool(action, tools)?;
    }
    Ok(())
}

/// The checks that a proposal has to pass when it is written, before anything is.
fn check_tool(action: &ProposedAction, tools: &ToolRegistry) -> Result<()> {
    let Some(tool) = tools.newest(&action.tool) else {
        let name: String = action.tool.chars().take(TOOL_NAME_CHARS).collect();
        return Err(wrong(&format!("there is no tool {name:?}")));
    };
    let size = action.arguments.to_string().len();
    if size > limits::ARGUMENTS_BYTES {
        return Err(wrong("arguments are too large").at_limit(format!("{} bytes", limits::ARGUMENTS_BYTES)));
    }
    let checked =
        tool.check_arguments(&action.arguments).and_then(|()| canonical(&action.arguments).map(|_| ()));
    checked.map_err(|cause| {
        let place = cause.field_name().unwrap_or("arguments").to_owned();
        wrong(&format!("the tool {} does not take these arguments, at {place}: {cause}", action.tool))
    })
}

fn unfit(cause: Error) -> Error {
    wrong(&cause.to_string())
}

fn check_memory(memory: &ProposedMemory, window: &Window) -> Result<()> {
    if memory.content.trim().is_empty() || memory.content.len() > limits::MEMORY_BYTES {
        let limit = format!("{} bytes", limits::MEMORY_BYTES);
        return Err(wrong("a memory is empty or too long").at_limit(limit));
    }
    without_nul(&memory.content, "content").map_err(unfit)?;
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if memory.predicate.is_empty() || memory.predicate.len() > 64 || !memory.predicate.bytes().all(word) {
        return Err(wrong("a predicate is not 1 to 64 of a-z 0-9 _"));
    }
    if !(0.0..=1.0).contains(&memory.confidence) {
        return Err(wrong("a confidence is not from 0 to 1"));
    }
    match memory.person_id {
        Some(person) if !window.people.iter().any(|known| known.person_id == person) => {
            Err(wrong("a memory names a person whom the agent does not know"))
        }
        _ => Ok(()),
    }
}

fn sources(ids: &[EventId], said: &HashSet<EventId>) -> Result<()> {
    if ids.is_empty() || !ids.iter().all(|id| said.contains(id)) {
        return Err(wrong("a source is not something that a person said in this window"));
    }
    Ok(())
}

fn wrong(what: &str) -> Error {
    Error::invalid(INVALID, what)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::clock::Timestamp;
    use crate::ids::{AgentId, PersonId, SpaceId, WindowId};
    use crate::planner::{ProposedAction, Surroundings, Utterance};
    use hub_protocol::vocabulary::SpeakerRole;
    use uuid::Uuid;

    const ASKED: EventId = EventId(Uuid::from_u128(1));
    const ANSWERED: EventId = EventId(Uuid::from_u128(2));

    fn utterance(event_id: EventId, role: SpeakerRole) -> Utterance {
        Utterance {
            event_id,
            person_id: None,
            speaker: None,
            role,
            text: "text".to_owned(),
            occurred_at: Timestamp(0),
            settled: false,
        }
    }

    fn window() -> Window {
        Window {
            agent_id: AgentId(Uuid::nil()),
            space_id: SpaceId(Uuid::nil()),
            window_id: WindowId(Uuid::nil()),
            language: "en".to_owned(),
            time_zone: "UTC".to_owned(),
            utterances: vec![utterance(ASKED, SpeakerRole::User), utterance(ANSWERED, SpeakerRole::Agent)],
            people: Vec::new(),
            surroundings: Surroundings::default(),
        }
    }

    fn memory(source: EventId) -> ProposedMemory {
        ProposedMemory {
            content: "Anna likes tea".to_owned(),
            predicate: "likes".to_owned(),
            person_id: None,
            confidence: 0.9,
            source_event_ids: vec![source],
        }
    }

    #[test]
    fn what_the_agent_said_is_no_source() {
        let plan = Plan { memories: vec![memory(ASKED)], actions: Vec::new() };
        assert!(validate(&plan, &window(), &ToolRegistry::default()).is_ok());
        let plan = Plan { memories: vec![memory(ANSWERED)], actions: Vec::new() };
        assert_eq!(validate(&plan, &window(), &ToolRegistry::default()).unwrap_err().code(), "invalid_plan");
    }

    #[test]
    fn what_a_planner_before_settled_is_no_source() {
        let mut window = window();
        window.utterances[0].settled = true;
        let plan = Plan { memories: vec![memory(ASKED)], actions: Vec::new() };
        assert!(validate(&plan, &window, &ToolRegistry::default()).is_err());
    }

    #[test]
    fn a_tool_that_is_not_there_is_named() {
        let action = ProposedAction {
            tool: "door.open".to_owned(),
            arguments: serde_json::json!({}),
            reason: String::new(),
            source_event_ids: vec![ASKED],
        };
        let plan = Plan { memories: Vec::new(), actions: vec![action] };
        let error = validate(&plan, &window(), &ToolRegistry::default()).unwrap_err();
        assert_eq!((error.code(), error.to_string().contains("door.open")), (INVALID, true));
    }

    #[test]
    fn one_bad_proposal_refuses_the_whole_plan() {
        let bad = ProposedAction {
            tool: "message.send".to_owned(),
            arguments: serde_json::json!({}),
            reason: String::new(),
            source_event_ids: vec![EventId(Uuid::from_u128(9))],
        };
        let plan = Plan { memories: vec![memory(ASKED)], actions: vec![bad] };
        assert!(validate(&plan, &window(), &ToolRegistry::default()).is_err());
        let mut stranger = memory(ASKED);
        stranger.person_id = Some(PersonId(Uuid::from_u128(7)));
        assert!(
            validate(
                &Plan { memories: vec![stranger], actions: Vec::new() },
                &window(),
                &ToolRegistry::default()
            )
            .is_err()
        );
        let mut unsure = memory(ASKED);
        unsure.confidence = f64::NAN;
        assert!(
            validate(
                &Plan { memories: vec![unsure], actions: Vec::new() },
                &window(),
                &ToolRegistry::default()
            )
            .is_err()
        );
    }
}
