use crate::talk::window;
use hub_openai::fuzzing::planned;

/// What a server answers to the Responses planner: it is a plan, or nothing, or refused in bounded words; a plan
/// names nothing but what stands in its window.
pub fn response(bytes: &[u8]) {
    let window = window(&["I am allergic to nuts.", "Remind me to buy milk tomorrow at 9."]);
    let plan = match planned(bytes, &window) {
        None => return,
        Some(Ok(plan)) => plan,
        // The model is told these words, and a person may read them.
        Some(Err(error)) => return assert!(error.to_string().chars().count() <= 1_000, "{error}"),
    };
    let sources = plan.memories.iter().map(|memory| &memory.source_event_ids);
    let sources = sources.chain(plan.actions.iter().map(|action| &action.source_event_ids));
    for ids in sources {
        let known = |id| window.utterances.iter().any(|utterance| utterance.event_id == id);
        assert!(ids.iter().all(|id| known(*id)), "{plan:?}");
    }
    let known = |id| window.people.iter().any(|person| person.person_id == id);
    assert!(plan.memories.iter().filter_map(|memory| memory.person_id).all(known), "{plan:?}");
}
