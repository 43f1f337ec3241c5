#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod tampering;

use super::*;
use crate::audit::entry::{Actor, Entry, EntryDraft, seal};
use crate::clock::Timestamp;
use uuid::Uuid;

/// A log in memory: rows in the order of rowid, and heads.
#[derive(Debug, Clone, Default)]
struct Log {
    rows: Vec<StoredEntry>,
    heads: Vec<StoredHead>,
}

fn agent(number: u8) -> AgentId {
    AgentId(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 + u128::from(number)))
}

fn blob(bytes: &[u8]) -> RawValue {
    RawValue::Blob(bytes.to_vec())
}

fn row(agent_id: AgentId, entry: &Entry) -> StoredEntry {
    StoredEntry {
        agent_id: blob(agent_id.0.as_bytes()),
        seq: RawValue::Int(entry.seq),
        entry: RawValue::Text(entry.text.clone().into_bytes()),
        hash: blob(&entry.hash),
    }
}

fn sealed(agent_id: AgentId, seq: i64, previous: &[u8; 32], word: &str) -> Entry {
    let draft = EntryDraft::new(Timestamp(seq), "event.stored", Actor::admin()).subject("event", word);
    seal(&draft, agent_id, seq, previous).unwrap()
}

impl Log {
    /// One entry for each number, of the agent of that number.
    fn of(owners: &[u8]) -> Self {
        let mut log = Self::default();
        let mut ends: BTreeMap<AgentId, (i64, [u8; 32])> = BTreeMap::new();
        for owner in owners {
            let agent_id = agent(*owner);
            let end = ends.entry(agent_id).or_insert((0, NO_PREVIOUS));
            let entry = sealed(agent_id, end.0 + 1, &end.1, "x");
            *end = (entry.seq, entry.hash);
            log.rows.push(row(agent_id, &entry));
        }
        log.heads = ends
            .into_iter()
            .map(|(agent_id, (size, hash))| StoredHead {
                agent_id: blob(agent_id.0.as_bytes()),
                size: RawValue::Int(size),
                hash: blob(&hash),
            })
            .collect();
        log
    }

    fn verify(&self, pins: &[Pin]) -> Report {
        let mut verifier = Verifier::new(self.heads.clone(), pins.iter().copied());
        for row in &self.rows {
            verifier.push(row);
        }
        verifier.finish()
    }

    fn pins(&self) -> Vec<Pin> {
        let report = self.verify(&[]);
        let pin = |(agent_id, extent): (&AgentId, &Extent)| Pin {
            agent_id: *agent_id,
            size: u64::try_from(extent.last).unwrap(),
            hash: extent.hash.0,
        };
        report.agents.iter().map(pin).collect()
    }

    fn sentences(&self) -> Vec<String> {
        let report = self.verify(&[]);
        assert_eq!(report.problems.len() as u64, report.problems_total);
        let name = format!("agent {}, ", agent(1));
        report.problems.iter().map(|problem| problem.to_string().replace(&name, "")).collect()
    }
}

fn five() -> Log {
    Log::of(&[1; 5])
}

fn text(row: &StoredEntry) -> String {
    match &row.entry {
        RawValue::Text(bytes) => String::from_utf8(bytes.clone()).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn edit(row: &mut StoredEntry, from: &str, to: &str) {
    let edited = text(row).replace(from, to);
    assert_ne!(edited, text(row));
    row.entry = RawValue::Text(edited.into_bytes());
}

#[test]
fn an_edited_entry_is_named_with_its_column() {
    for position in 0..5 {
        let mut log = five();
        edit(&mut log.rows[position], "\"x\"", "\"y\"");
        let seq = position + 1;
        let sentence =
            format!("entry {seq}: the column entry was edited: it does not give the hash beside it");
        assert_eq!(log.sentences(), [sentence]);

        let mut log = five();
        log.rows[position].hash = blob(&[9; 32]);
        let sentence = format!("entry {seq}: the column hash was changed: it is not the hash of the entry");
        assert_eq!(log.sentences(), [sentence]);

        let mut log = five();
        log.rows[position].seq = RawValue::Int(77);
        let sentence = format!("entry {seq}: the column seq says 77, but the entry says {seq}");
        assert_eq!(log.sentences(), [sentence]);

        let mut log = five();
        log.rows[position].agent_id = blob(agent(2).0.as_bytes());
        let sentence =
            format!("entry {seq}: the column agent_id says {}, but the entry says {}", agent(2), agent(1));
        assert_eq!(log.sentences(), [sentence]);
    }
}

#[test]
fn an_entry_edited_together_with_its_hash_is_named_by_its_successor() {
    let mut log = five();
    edit(&mut log.rows[2], "\"x\"", "\"y\"");
    log.rows[2].hash = blob(&crate::audit::entry::hash(text(&log.rows[2]).as_bytes()));
    assert_eq!(
        log.sentences(),
        ["entry 3: it was edited together with its hash: entry 4 names another one before it"]
    );
    let mut log = five();
    edit(&mut log.rows[4], "\"x\"", "\"y\"");
    log.rows[4].hash = blob(&crate::audit::entry::hash(text(&log.rows[4]).as_bytes()));
    assert_eq!(log.sentences(), ["log: the hash of its head is not that of entry 5: either was changed"]);
}

#[test]
fn values_of_another_type_are_named() {
    let mut log = five();
    log.rows[0].agent_id = RawValue::Null;
    log.rows[1].seq = RawValue::Real(2.0);
    log.rows[2].entry = blob(text(&log.rows[2]).as_bytes());
    log.rows[3].hash = RawValue::Text(vec![b'x'; 32]);
    log.rows[4].entry = RawValue::Null;
    assert_eq!(
        log.sentences(),
        [
            "entry 1: the column agent_id is NULL, not 16 bytes",
            "entry 2: the column seq is the real number 2, not an integer",
            &format!(
                "entry 3: the column entry is a blob of {} bytes, not text",
                text(&five().rows[2]).len()
            ),
            "entry 4: the column hash is a text of 32 bytes, not 32 bytes",
            "entry 5: the column entry is NULL, not text",
        ]
    );
}

#[test]
fn deleted_inserted_and_reordered_rows_are_named() {
    let mut deleted = five();
    deleted.rows.drain(1..3);
    assert_eq!(
        deleted.sentences(),
        ["entry 2: entries 2 to 3 are missing after entry 1: they were deleted or moved"]
    );

    let mut first = five();
    first.rows.remove(0);
    assert_eq!(first.sentences(), ["entry 1: it is missing at the start: it was deleted or moved"]);

    let mut copied = five();
    copied.rows.insert(3, copied.rows[2].clone());
    assert_eq!(copied.sentences(), ["entry 3: it stands there twice: a copy was inserted"]);

    let mut forked = five();
    let previous = RawValue::hash(&forked.rows[1].hash).unwrap();
    forked.rows.insert(3, row(agent(1), &sealed(agent(1), 3, &previous, "other")));
    assert_eq!(
        forked.sentences(),
        ["entry 3: two different entries claim this place: the log forks, or one was inserted"]
    );

    let mut swapped = five();
    swapped.rows.swap(2, 3);
    assert_eq!(
        swapped.sentences(),
        [
            "entry 3: it is missing after entry 2: it was deleted or moved",
            "entry 3: it stands after entry 4: rows were reordered, or it was inserted",
        ]
    );
}

#[test]
fn heads_tell_of_a_cut_tail_and_an_emptied_log() {
    let mut cut = five();
    cut.rows.truncate(3);
    assert_eq!(
        cut.sentences(),
        ["log: its tail was cut: its head counts 5 entries, and it ends with entry 3"]
    );

    let mut emptied = five();
    emptied.rows.clear();
    assert_eq!(emptied.sentences(), ["log: it was emptied: its head counts 5 entries, and there is none"]);

    let mut headless = five();
    headless.heads.clear();
    assert_eq!(headless.sentences(), ["log: there are 5 entries, but no head: it was deleted"]);

    let mut appended = five();
    let previous = RawValue::hash(&appended.rows[4].hash).unwrap();
    appended.rows.push(row(agent(1), &sealed(agent(1), 6, &previous, "more")));
    assert_eq!(
        appended.sentences(),
        ["log: it goes on to entry 6, but its head counts 5: entries were appended, or the head set back"]
    );

    let mut report = Verifier::default().agents([agent(1)]).finish();
    assert_eq!(
        report.problems.remove(0).to_string(),
        format!("agent {}, log: the agent exists, but its log has neither entries nor a head", agent(1))
    );
}

#[test]
fn the_first_entry_follows_nothing() {
    let entry = sealed(agent(1), 1, &[5; 32], "x");
    let mut log = Log::of(&[1]);
    log.rows = vec![row(agent(1), &entry)];
    log.heads[0].hash = blob(&entry.hash);
    let sentence = "entry 1: it is the first, but names an entry before it: the log's start was replaced";
    assert_eq!(log.sentences(), [sentence]);
}

#[test]
fn a_pin_finds_what_a_head_set_back_hides() {
    let log = five();
    let pins = log.pins();
    assert!(log.verify(&pins).holds());
    assert!(Log::of(&[1; 9]).verify(&pins).holds(), "a log that went on still holds");

    let cut = Log::of(&[1; 3]);
    assert!(cut.verify(&[]).holds());
    assert_eq!(
        cut.verify(&pins).problems[0].what,
        "it ends with entry 3, but entry 5 was pinned: the tail was cut"
    );

    let emptied = Log::default();
    assert_eq!(
        emptied.verify(&pins).problems[0].what,
        "it ends with entry 0, but entry 5 was pinned: the tail was cut"
    );

    let other = [Pin { hash: [3; 32], ..pins[0] }];
    let report = Log::of(&[1; 9]).verify(&other);
    assert_eq!(report.problems_total, 1);
    assert_eq!(report.problems[0].seq, Some(5));
    assert_eq!(
        report.problems[0].what,
        "it is not the one that was pinned: the log was rewritten up to here"
    );
}

#[test]
fn a_ruined_log_yields_a_bounded_report() {
    let mut log = Log::of(&[1; 500]);
    for row in &mut log.rows {
        row.hash = RawValue::Null;
        row.seq = RawValue::Null;
    }
    let report = log.verify(&[]);
    assert_eq!(report.problems.len(), PROBLEMS_KEPT);
    assert!(report.problems_total >= 1_000);
    assert!(!report.holds());
}

#[test]
fn a_sentence_never_repeats_what_was_planted() {
    let mut log = five();
    log.rows[1].hash = RawValue::Text(b"planted".to_vec());
    log.rows[2].entry = RawValue::Text(b"planted".to_vec());
    assert!(log.sentences().iter().all(|sentence| !sentence.contains("planted")));
}
