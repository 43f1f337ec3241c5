//! One agent's log: the place of each row, the link to the row before, head and pins.

use super::read::{Reading, StoredEntry};
use super::report::{Extent, Report};
use super::{AgentId, NO_PREVIOUS};
use crate::audit::digest::Digest;
use std::collections::BTreeMap;

/// A head as it was read; what could not be read is absent and was reported.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) size: Option<u64>,
    pub(super) hash: Option<[u8; 32]>,
}

#[derive(Debug, Default)]
pub(super) struct Chain {
    rows: u64,
    last: Option<Last>,
    pins: BTreeMap<u64, Vec<[u8; 32]>>,
}

/// The entry with the greatest sequence number so far.
#[derive(Debug)]
struct Last {
    seq: i64,
    stored: Option<[u8; 32]>,
    computed: Option<[u8; 32]>,
}

impl Last {
    /// Both columns can be read and do not belong together. Which of them was changed, the next
    /// entry or the head tells.
    fn is_torn(&self) -> bool {
        self.stored.is_some() && self.computed.is_some() && self.stored != self.computed
    }

    fn is(&self, hash: [u8; 32]) -> bool {
        self.stored == Some(hash) || self.computed == Some(hash)
    }

    fn hash(&self) -> [u8; 32] {
        self.computed.or(self.stored).unwrap_or(NO_PREVIOUS)
    }

    /// Says which column of a torn entry was changed, by what its successor or the head names.
    fn settle(&self, agent_id: AgentId, named: Option<[u8; 32]>, report: &mut Report) {
        if !self.is_torn() {
            return;
        }
        let what = if named.is_some() && named == self.stored {
            "the column entry was edited: it does not give the hash beside it"
        } else if named.is_some() && named == self.computed {
            "the column hash was changed: it is not the hash of the entry"
        } else {
            "the column entry or the column hash was changed: they do not belong together"
        };
        report.problem(Some(agent_id), Some(self.seq), what.to_owned());
    }
}

impl Chain {
    pub(super) fn pin(&mut self, size: u64, hash: [u8; 32]) {
        self.pins.entry(size).or_default().push(hash);
    }

    pub(super) fn push(
        &mut self,
        agent_id: AgentId,
        row: &StoredEntry,
        reading: &Reading,
        report: &mut Report,
    ) {
        self.rows += 1;
        let before = self.last.as_ref().map_or(0, |last| last.seq);
        let expected = before.saturating_add(1);
        let seq = reading.place(expected);
        columns(agent_id, seq, row, reading, report);
        let this = Last { seq, stored: reading.stored, computed: reading.computed };
        if seq < expected {
            self.out_of_place(agent_id, &this, report);
            return;
        }
        if seq > expected {
            let what = missing(expected, seq.saturating_sub(1), before);
            report.problem(Some(agent_id), Some(expected), what);
        }
        let previous = reading.inner.as_ref().map(|inner| inner.previous);
        // Across a gap the entry before this one is not there to compare with.
        let previous = previous.filter(|_| seq == expected);
        if let Some(last) = &self.last {
            last.settle(agent_id, previous, report);
        }
        if let Some(previous) = previous {
            self.link(agent_id, seq, previous, reading.hash_holds(), report);
        }
        self.compare_pin(agent_id, &this, report);
        self.last = Some(this);
    }

    fn out_of_place(&self, agent_id: AgentId, this: &Last, report: &mut Report) {
        this.settle(agent_id, None, report);
        let last = self.last.as_ref();
        let what = match last {
            Some(last) if last.seq == this.seq && last.stored != this.stored => {
                "two different entries claim this place: the log forks, or one was inserted".to_owned()
            }
            Some(last) if last.seq == this.seq => "it stands there twice: a copy was inserted".to_owned(),
            Some(last) => {
                format!("it stands after entry {}: rows were reordered, or it was inserted", last.seq)
            }
            None => "its sequence number is below 1: it was inserted or renumbered".to_owned(),
        };
        report.problem(Some(agent_id), Some(this.seq), what);
    }

    fn link(&self, agent_id: AgentId, seq: i64, previous: [u8; 32], hash_holds: bool, report: &mut Report) {
        let (seq, what) = match &self.last {
            None if previous == NO_PREVIOUS => return,
            None => (
                seq,
                "it is the first, but names an entry before it: the log's start was replaced".to_owned(),
            ),
            Some(last) if last.is(previous) => return,
            // An entry that can be read and holds is believed about the one before it.
            Some(last) if hash_holds => {
                let what =
                    format!("it was edited together with its hash: entry {seq} names another one before it");
                (last.seq, what)
            }
            Some(last) => {
                (seq, format!("the hash before it that it names is not that of entry {}", last.seq))
            }
        };
        report.problem(Some(agent_id), Some(seq), what);
    }

    fn compare_pin(&mut self, agent_id: AgentId, this: &Last, report: &mut Report) {
        let pins = u64::try_from(this.seq).ok().and_then(|size| self.pins.remove(&size));
        for hash in pins.into_iter().flatten() {
            // A torn entry is reported by itself, also when one of its columns is as pinned.
            if !this.is(hash) {
                let what = "it is not the one that was pinned: the log was rewritten up to here".to_owned();
                report.problem(Some(agent_id), Some(this.seq), what);
            }
        }
    }

    pub(super) fn finish(&mut self, agent_id: AgentId, head: Option<&Head>, report: &mut Report) -> Extent {
        let end = self.last.as_ref().map_or(0, |last| last.seq);
        if let Some(last) = &self.last {
            let reached = head.filter(|head| head.size == u64::try_from(end).ok());
            last.settle(agent_id, reached.and_then(|head| head.hash), report);
        }
        match head {
            Some(head) => self.compare_head(agent_id, head, end, report),
            None if self.rows > 0 => {
                let what = format!("there are {} entries, but no head: it was deleted", self.rows);
                report.problem(Some(agent_id), None, what);
            }
            None => {}
        }
        for size in std::mem::take(&mut self.pins).into_keys() {
            let what = if i64::try_from(size).is_ok_and(|size| size <= end) {
                format!("entry {size}, which was pinned, is not at its place")
            } else {
                format!("it ends with entry {end}, but entry {size} was pinned: the tail was cut")
            };
            report.problem(Some(agent_id), None, what);
        }
        let hash = self.last.as_ref().map_or(NO_PREVIOUS, Last::hash);
        Extent { entries: self.rows, last: end, hash: Digest(hash) }
    }

    fn compare_head(&self, agent_id: AgentId, head: &Head, end: i64, report: &mut Report) {
        let Some(size) = head.size else { return };
        let reached = u64::try_from(end).unwrap_or(0);
        let what = if self.rows == 0 && size > 0 {
            format!("it was emptied: its head counts {size} entries, and there is none")
        } else if reached < size {
            format!("its tail was cut: its head counts {size} entries, and it ends with entry {end}")
        } else if reached > size {
            format!(
                "it goes on to entry {end}, but its head counts {size}: entries were appended, or the head set back"
            )
        } else {
            let Some(hash) = head.hash else { return };
            let same = self.last.as_ref().map_or(hash == NO_PREVIOUS, |last| last.is(hash));
            if same {
                return;
            }
            format!("the hash of its head is not that of entry {end}: either was changed")
        };
        report.problem(Some(agent_id), None, what);
    }
}

/// What is wrong with the columns taken one by one, and against what the entry says of itself.
fn columns(agent_id: AgentId, seq: i64, row: &StoredEntry, reading: &Reading, report: &mut Report) {
    let mut problem = |what: String| report.problem(Some(agent_id), Some(seq), what);
    if !reading.entry_is_text {
        problem(format!("the column entry is {}, not text", row.entry));
    } else if reading.inner.is_none() {
        problem("the column entry does not hold an entry of version 1".to_owned());
    }
    if reading.stored.is_none() {
        problem(format!("the column hash is {}, not 32 bytes", row.hash));
    }
    match reading.agent_column {
        None => problem(format!("the column agent_id is {}, not 16 bytes", row.agent_id)),
        Some(column) => {
            if let Some(inner) = &reading.inner
                && inner.agent_id != column
            {
                problem(format!("the column agent_id says {column}, but the entry says {}", inner.agent_id));
            }
        }
    }
    match reading.seq_column {
        None => problem(format!("the column seq is {}, not an integer", row.seq)),
        Some(column) => match &reading.inner {
            Some(inner) if inner.seq != column => {
                problem(format!("the column seq says {column}, but the entry says {}", inner.seq));
            }
            None if column != seq => problem(format!("the column seq says {column}")),
            _ => {}
        },
    }
}

fn missing(first: i64, last: i64, before: i64) -> String {
    let after = if before == 0 { "at the start".to_owned() } else { format!("after entry {before}") };
    if first == last {
        format!("it is missing {after}: it was deleted or moved")
    } else {
        format!("entries {first} to {last} are missing {after}: they were deleted or moved")
    }
}
