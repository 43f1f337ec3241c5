//! What must hold of actions and of what they did outside the hub.

use crate::checks::{id, log, words};
use crate::client::{Asked, Client, Deed, Fate};
use crate::dump::Dump;
use crate::shared::{Held, violated};
use hub_core::actions::lifecycle::{Event, next};
use hub_core::store::Value;
use hub_core::vocabulary::ActionState;
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use uuid::Uuid;

/// An action as it is stored.
struct Row<'a> {
    state: ActionState,
    result: &'a str,
    problem: &'a str,
}

/// At which attempts each action had its effect.
fn effects(file: &Path) -> HashMap<Uuid, Vec<u64>> {
    let mut effects: HashMap<Uuid, Vec<u64>> = HashMap::new();
    for line in std::fs::read_to_string(file).unwrap_or_default().lines() {
        let mut parts = line.split(' ').skip(1);
        let action = parts.next().unwrap().parse().unwrap();
        effects.entry(action).or_default().push(parts.next().unwrap().parse().unwrap());
    }
    effects
}

/// No effect without approval, none twice, and each ended as its last runner says.
pub(crate) fn hold_actions(clients: &[Client], dump: &Dump, file: &Path, drained: bool) -> Held<usize> {
    let effects = effects(file);
    let mut rows: HashMap<Uuid, Row<'_>> = HashMap::new();
    for [action, state, result, problem] in
        dump.table("actions").of(["action_id", "state", "result", "problem"])
    {
        let (result, problem) = (words(result), words(problem));
        rows.insert(id(action), Row { state: words(state).parse().unwrap(), result, problem });
    }
    let paths = paths(dump);
    let mut looked = 0;
    for deed in clients.iter().flat_map(|client| &client.deeds) {
        looked += 1;
        let none = Vec::new();
        let ran = effects.get(&deed.id).unwrap_or(&none);
        let row = rows.get(&deed.id);
        hold_effect(deed, row, ran)?;
        if let Some(row) = row {
            hold_path(deed, row, paths.get(&deed.id.to_string()).map_or(&[], Vec::as_slice))?;
            if drained || row.state == ActionState::Done {
                hold_end(deed, row, ran)?;
            }
        }
    }
    let known = |action: &&Uuid| !rows.contains_key(*action);
    match effects.keys().find(known) {
        Some(action) => violated("no effect comes from nowhere", format!("action {action}")),
        None => Ok(looked),
    }
}

fn hold_effect(deed: &Deed, row: Option<&Row<'_>>, ran: &[u64]) -> Held {
    let told = format!("action {}, which ran at the attempts {ran:?}", deed.id);
    match (deed.proposed, row) {
        (Fate::Stored(_), None) => return violated("acknowledged is there once", told),
        (Fate::Kept, Some(_)) if !deed.perhaps => return violated("refused and private are absent", told),
        _ => {}
    }
    if !deed.again && ran.len() > 1 {
        return violated("what may run once runs once", told);
    }
    if !ran.is_empty() && deed.approval == Asked::Not {
        return violated("nothing runs without approval", told);
    }
    let turned_down = deed.rejection.max(deed.cancellation) == Asked::Acknowledged;
    if turned_down && !ran.is_empty() {
        return violated("what was turned down does not run", told);
    }
    Ok(())
}

/// Where an approved action must have ended, once nothing is left to do.
fn hold_end(deed: &Deed, row: &Row<'_>, ran: &[u64]) -> Held {
    let Row { state, result, problem } = row;
    let told = format!("action {} is {state} {result} {problem}, and ran at the attempts {ran:?}", deed.id);
    let result: Json = serde_json::from_str(result).unwrap_or_default();
    match state {
        ActionState::Done if ran.is_empty() => violated("what is done has happened", told),
        ActionState::Done if result["attempt"].as_u64() != ran.iter().max().copied() => {
            violated("a late runner does not overwrite its successor", told)
        }
        ActionState::Done => Ok(()),
        // Nobody saw the end of a run that may not be repeated.
        ActionState::Unknown if !deed.again => Ok(()),
        ActionState::AwaitingApproval if deed.approval != Asked::Acknowledged => Ok(()),
        ActionState::Rejected if deed.rejection != Asked::Not => Ok(()),
        ActionState::Cancelled if deed.cancellation != Asked::Not => Ok(()),
        _ => violated("an approved action comes to an end", told),
    }
}

/// The states that the log says an action came to, in their order.
fn paths(dump: &Dump) -> BTreeMap<String, Vec<ActionState>> {
    let mut steps: BTreeMap<String, Vec<(i64, ActionState)>> = BTreeMap::new();
    for ((kind, subject), places) in log(dump) {
        let Some(word) = kind.strip_prefix("action.") else { continue };
        let state = match word {
            "proposed" => ActionState::AwaitingApproval,
            "started" => ActionState::Running,
            "restarted" => continue,
            other => other.parse().unwrap(),
        };
        steps.entry(subject).or_default().extend(places.into_iter().map(|place| (place, state)));
    }
    let in_order = |mut steps: Vec<(i64, ActionState)>| {
        steps.sort_by_key(|(place, _)| *place);
        steps.into_iter().map(|(_, state)| state).collect()
    };
    steps.into_iter().map(|(action, steps)| (action, in_order(steps))).collect()
}

/// Each state follows from the one before, and the last is the one that is stored.
fn hold_path(deed: &Deed, row: &Row<'_>, path: &[ActionState]) -> Held {
    let mut state = None;
    for step in path {
        let follows = |event: &Event| next(state, *event).is_ok_and(|after| after == *step);
        if !Event::ALL.iter().any(follows) {
            return violated(
                "states of actions follow from one another",
                format!("action {}: {path:?}", deed.id),
            );
        }
        state = Some(*step);
    }
    if state != Some(row.state) {
        return violated(
            "each step of an action is in the log",
            format!("action {}: {path:?}, {}", deed.id, row.state),
        );
    }
    Ok(())
}

/// Approvals are used up by the run that they allowed, and by nothing else.
pub(crate) fn hold_approvals(dump: &Dump) -> Held<usize> {
    let started = log(dump);
    let approvals = dump.table("approvals");
    for [action, decision, consumed_at] in approvals.of(["action_id", "decision", "consumed_at"]) {
        let action = id(action).to_string();
        let runs = started.get(&("action.started".to_owned(), action.clone())).map_or(0, Vec::len);
        let used = *consumed_at != Value::Null;
        if runs > 1 || used != (runs == 1) || (used && words(decision) != "approved") {
            return violated(
                "an approval is used once",
                format!("action {action}: {runs} runs, used: {used}"),
            );
        }
    }
    Ok(approvals.rows.len())
}
