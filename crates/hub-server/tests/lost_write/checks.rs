//! What must hold of everything that is stored, held against what the clients know.

use crate::client::{Client, Fate, Gone, Said};
use crate::dump::Dump;
use crate::shared::{Held, violated};
use hub_core::store::Value;
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

/// A row of the table of events.
struct Stored<'a> {
    agent: &'a Value,
    seq: i64,
    payload: Option<&'a str>,
    times: usize,
}

pub(crate) fn id(value: &Value) -> Uuid {
    match value {
        Value::Blob(bytes) => Uuid::from_slice(bytes).unwrap(),
        other => panic!("{other:?} is no id"),
    }
}

pub(crate) fn int(value: &Value) -> i64 {
    match value {
        Value::Int(value) => *value,
        other => panic!("{other:?} is no number"),
    }
}

pub(crate) fn words(value: &Value) -> &str {
    match value {
        Value::Text(text) => text,
        Value::Null => "",
        other => panic!("{other:?} is no text"),
    }
}

fn events(dump: &Dump) -> HashMap<Uuid, Stored<'_>> {
    let mut stored: HashMap<Uuid, Stored<'_>> = HashMap::new();
    for [agent, event, seq, payload] in dump.table("events").of(["agent_id", "event_id", "seq", "payload"]) {
        let payload = (*payload != Value::Null).then(|| words(payload));
        let row = Stored { agent, seq: int(seq), payload, times: 0 };
        stored.entry(id(event)).or_insert(row).times += 1;
    }
    stored
}

/// Acknowledged is there once; refused, private and forgotten is nowhere.
pub(crate) fn hold_events(clients: &[Client], dump: &Dump) -> Held<usize> {
    let (stored, found) = (events(dump), dump.words());
    let mut known = HashSet::new();
    for said in clients.iter().flat_map(|client| &client.said) {
        known.insert(said.id);
        hold_event(said, stored.get(&said.id))?;
        for (variant, (word, _)) in said.variants.iter().enumerate() {
            let kept = match (said.fate, said.gone) {
                (Fate::Stored(kept), Gone::No | Gone::Perhaps) => kept == variant,
                (Fate::Stored(_), Gone::Yes) => false,
                (Fate::Kept, _) => said.perhaps,
                (Fate::Open, _) => true,
            };
            if let (false, Some(table)) = (kept, found.get(word)) {
                return violated(
                    "what was not kept stands in no table",
                    format!(
                        "{word} of event {} ({:?}, gone: {:?}) in {table}",
                        said.id, said.fate, said.gone
                    ),
                );
            }
        }
    }
    match stored.keys().find(|event| !known.contains(event)) {
        Some(event) => violated("no event comes from nowhere", event),
        None => Ok(known.len()),
    }
}

fn hold_event(said: &Said, row: Option<&Stored<'_>>) -> Held {
    let told = format!("event {} in space {}", said.id, said.space.id);
    let times = row.map_or(0, |row| row.times);
    match said.fate {
        Fate::Stored(_) if times != 1 => {
            violated("acknowledged is there once", format!("{told}: {times} times"))
        }
        Fate::Kept if !said.perhaps && times > 0 => violated("refused and private are absent", told),
        Fate::Open | Fate::Kept if times > 1 => violated("unknown is there at most once", told),
        Fate::Stored(variant) => {
            let word = &said.variants[variant].0;
            let payload = row.and_then(|row| row.payload);
            match (said.gone, payload) {
                (Gone::No, None) => violated("what was not forgotten is kept", told),
                (Gone::Yes, Some(_)) => violated("what was forgotten has no content", told),
                (Gone::No, Some(payload)) if !payload.contains(word) => {
                    violated("content is as it was sent", told)
                }
                _ => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// What never had an unknown outcome and was not kept never touched the disk.
pub(crate) fn hold_files(clients: &[Client], found: &HashSet<String>) -> Held<usize> {
    let never = |said: &&Said| said.fate == Fate::Kept && !said.once_unknown;
    let mut looked = 0;
    for said in clients.iter().flat_map(|client| &client.said).filter(never) {
        looked += 1;
        if let Some((word, _)) = said.variants.iter().find(|(word, _)| found.contains(word)) {
            return violated("what was not kept stands in no file", format!("{word} of event {}", said.id));
        }
    }
    Ok(looked)
}

/// Entries of the log by kind and subject, each with its place.
pub(crate) fn log(dump: &Dump) -> BTreeMap<(String, String), Vec<i64>> {
    let mut entries: BTreeMap<(String, String), Vec<i64>> = BTreeMap::new();
    for [seq, entry] in dump.table("audit_entries").of(["seq", "entry"]) {
        let entry: Json = serde_json::from_str(words(entry)).unwrap();
        let of = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        entries.entry((of(&entry["kind"]), of(&entry["subject"]["id"]))).or_default().push(int(seq));
    }
    entries
}

/// One entry for each stored event, at its place, and heads that count the entries.
pub(crate) fn hold_log(dump: &Dump) -> Held<usize> {
    let entries = log(dump);
    let stored = events(dump);
    for (event, row) in &stored {
        let logged = entries.get(&("event.stored".to_owned(), event.to_string()));
        if logged.map(Vec::as_slice) != Some(&[row.seq]) {
            return violated(
                "each stored event has one entry in the log",
                format!("event {event} is entry {}, and the log has it at {logged:?}", row.seq),
            );
        }
    }
    let logged = entries.keys().filter(|(kind, _)| kind == "event.stored").count();
    if logged != stored.len() {
        return violated("the log has no event that is not stored", format!("{logged} for {}", stored.len()));
    }
    let mut counted: HashMap<Uuid, i64> = HashMap::new();
    for [agent] in dump.table("audit_entries").of(["agent_id"]) {
        *counted.entry(id(agent)).or_default() += 1;
    }
    for [agent, size] in dump.table("audit_heads").of(["agent_id", "size"]) {
        if counted.get(&id(agent)).copied().unwrap_or(0) != int(size) {
            return violated("a head counts the entries", format!("agent {}", id(agent)));
        }
    }
    Ok(entries.values().map(Vec::len).sum())
}

/// The queue's rows are in states that there are.
pub(crate) fn hold_queue(dump: &Dump, drained: bool) -> Held<usize> {
    let columns = ["queue", "key", "state", "leased_until", "worker", "attempts", "reason"];
    let queue = dump.table("queue");
    for [name, key, state, leased_until, worker, attempts, reason] in queue.of(columns) {
        let told = format!("{} {} is {}: {reason:?}", words(name), id(key), words(state));
        let leased = words(state) == "leased";
        let whole = leased == (*leased_until != Value::Null) && leased == (*worker != Value::Null);
        if !whole || (leased && int(attempts) < 1) {
            return violated("states of the queue are legal", told);
        }
        if words(state) == "dead" {
            return violated("no work is given up", told);
        }
        if drained {
            return violated("a drained queue is empty", told);
        }
    }
    Ok(queue.rows.len())
}

/// After draining each utterance is remembered once, each fact is derived once, and what is gone is
/// not remembered.
pub(crate) fn hold_memories(clients: &[Client], dump: &Dump) -> Held<usize> {
    let mut tiers: HashMap<Uuid, &str> = HashMap::new();
    let memories = dump.table("memories");
    for [memory, tier] in memories.of(["memory_id", "tier"]) {
        tiers.insert(id(memory), words(tier));
    }
    let mut sources: HashMap<(Uuid, i64, &str), usize> = HashMap::new();
    for [agent, memory, seq] in dump.table("memory_sources").of(["agent_id", "memory_id", "seq"]) {
        *sources.entry((id(agent), int(seq), tiers[&id(memory)])).or_default() += 1;
    }
    let stored = events(dump);
    for said in clients.iter().flat_map(|client| &client.said) {
        let (Fate::Stored(_), Some(row)) = (said.fate, stored.get(&said.id)) else { continue };
        let times = |tier| sources.get(&(id(row.agent), row.seq, tier)).copied().unwrap_or(0);
        let (episodes, facts) = (times("episodic"), times("semantic"));
        let wanted = match said.gone {
            Gone::Perhaps => continue,
            Gone::Yes => (0, 0),
            Gone::No => (1, usize::from(said.fact)),
        };
        if (episodes, facts) != wanted {
            return violated(
                "each stored utterance is remembered once",
                format!("event {} has {episodes} episodes and {facts} facts, not {wanted:?}", said.id),
            );
        }
    }
    Ok(memories.rows.len())
}

/// Things with a name are there once, when that was acknowledged.
pub(crate) fn hold_made(clients: &[Client], dump: &Dump) -> Held<usize> {
    let mut looked = 0;
    for table in ["agents", "spaces", "people", "devices"] {
        let mut times: HashMap<&str, usize> = HashMap::new();
        for [name] in dump.table(table).of(["name"]) {
            *times.entry(words(name)).or_default() += 1;
        }
        for made in clients.iter().flat_map(|client| &client.made).filter(|made| made.table == table) {
            looked += 1;
            let times = times.get(made.name.as_str()).copied().unwrap_or(0);
            if times > 1 || (made.acknowledged && times != 1) {
                return violated(
                    "what was made is there once",
                    format!("{} in {table}: {times} times", made.name),
                );
            }
        }
    }
    Ok(looked)
}
