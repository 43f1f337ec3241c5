use crate::talk::window;
use hub_core::planner::{RuleSource, Rules};

/// What is said: after this line of a file, or this when it has none.
const MARK: &str = "\n%%\n";
const SENTENCES: &str =
    "I am allergic to nuts.\nRemind me to buy milk tomorrow at 9.\nMy sister's name is Eva.";

/// A rules file, and talk after a line `%%`: the file is read or refused in words that name its line; its rules then
/// plan any talk, every sentence to a bounded number of proposals that rest on it.
pub fn rules_file(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (file, talk) = text.split_once(MARK).unwrap_or((text, SENTENCES));
    let source = RuleSource { name: "own.rules".to_owned(), text: file.to_owned() };
    let rules = match Rules::from_sources("en", vec![source]) {
        Ok(rules) => rules,
        Err(error) => return assert!(error.to_string().contains("own.rules"), "{error}"),
    };
    let sentences: Vec<&str> = talk.lines().take(20).collect();
    let window = window(&sentences);
    let plan = rules.plan_window(&window);
    assert!(plan.memories.len() + plan.actions.len() <= 200, "{plan:?}");
    let known = |id| window.utterances.iter().any(|utterance| utterance.event_id == id);
    for memory in &plan.memories {
        assert!(!memory.source_event_ids.is_empty(), "{memory:?}");
        assert!(memory.source_event_ids.iter().all(|id| known(*id)), "{memory:?}");
        assert!((0.0..=1.0).contains(&memory.confidence), "{memory:?}");
    }
    for action in &plan.actions {
        assert!(action.source_event_ids.iter().all(|id| known(*id)), "{action:?}");
    }
}
