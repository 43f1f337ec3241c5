//! Random logs, random tampering: what is untouched holds, what is touched is found.

use super::*;
use proptest::prelude::*;
use proptest::sample::Index;

#[derive(Debug, Clone)]
enum Tampering {
    Column { row: Index, column: u8, value: RawValue },
    EntryByte { row: Index, at: Index, xor: u8 },
    EditAndRehash { row: Index },
    SwapColumn { one: Index, other: Index, column: u8 },
    Delete { row: Index },
    DeleteAndRenumber { row: Index },
    Copy { row: Index, to: Index },
    Forge { row: Index, to: Index },
    Swap { one: Index, other: Index },
    CutTail { agent: Index, keep: Index },
    Empty { agent: Index },
    HeadColumn { agent: Index, column: u8, value: RawValue },
    DeleteHead { agent: Index },
    CopyHead { agent: Index },
    RewriteFrom { row: Index },
}

fn raw() -> impl Strategy<Value = RawValue> {
    prop_oneof![
        Just(RawValue::Null),
        (-3_i64..12).prop_map(RawValue::Int),
        any::<i64>().prop_map(RawValue::Int),
        any::<f64>().prop_map(RawValue::Real),
        "[ -~]{0,40}".prop_map(|text| RawValue::Text(text.into_bytes())),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(RawValue::Text),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(RawValue::Blob),
        any::<[u8; 16]>().prop_map(|bytes| blob(&bytes)),
        any::<[u8; 32]>().prop_map(|bytes| blob(&bytes)),
        (0_u8..5).prop_map(|number| blob(agent(number).0.as_bytes())),
    ]
}

fn tampering() -> impl Strategy<Value = Tampering> {
    let index = any::<Index>;
    prop_oneof![
        4 => (index(), 0_u8..4, raw()).prop_map(|(row, column, value)| Tampering::Column { row, column, value }),
        2 => (index(), index(), 1_u8..).prop_map(|(row, at, xor)| Tampering::EntryByte { row, at, xor }),
        1 => index().prop_map(|row| Tampering::EditAndRehash { row }),
        2 => (index(), index(), 0_u8..4).prop_map(|(one, other, column)| Tampering::SwapColumn { one, other, column }),
        1 => index().prop_map(|row| Tampering::Delete { row }),
        1 => index().prop_map(|row| Tampering::DeleteAndRenumber { row }),
        1 => (index(), index()).prop_map(|(row, to)| Tampering::Copy { row, to }),
        1 => (index(), index()).prop_map(|(row, to)| Tampering::Forge { row, to }),
        2 => (index(), index()).prop_map(|(one, other)| Tampering::Swap { one, other }),
        1 => (index(), index()).prop_map(|(agent, keep)| Tampering::CutTail { agent, keep }),
        1 => index().prop_map(|agent| Tampering::Empty { agent }),
        2 => (index(), 0_u8..3, raw()).prop_map(|(agent, column, value)| Tampering::HeadColumn { agent, column, value }),
        1 => index().prop_map(|agent| Tampering::DeleteHead { agent }),
        1 => index().prop_map(|agent| Tampering::CopyHead { agent }),
        1 => index().prop_map(|row| Tampering::RewriteFrom { row }),
    ]
}

fn column(row: &mut StoredEntry, column: u8) -> &mut RawValue {
    match column {
        0 => &mut row.agent_id,
        1 => &mut row.seq,
        2 => &mut row.entry,
        _ => &mut row.hash,
    }
}

fn head_column(head: &mut StoredHead, column: u8) -> &mut RawValue {
    match column {
        0 => &mut head.agent_id,
        1 => &mut head.size,
        _ => &mut head.hash,
    }
}

/// Gives the rows of the agent of row `at` a new beginning from there on: places, entries, hashes
/// and head, as somebody who can write to every table would.
fn rewrite(log: &mut Log, at: usize) {
    let owner = log.rows[at].agent_id.clone();
    let agent_id = owner.agent_id().unwrap();
    let mut seq = 0;
    let mut previous = NO_PREVIOUS;
    for (position, stored) in log.rows.iter_mut().enumerate() {
        if stored.agent_id != owner {
            continue;
        }
        seq += 1;
        if position >= at {
            *stored = row(agent_id, &sealed(agent_id, seq, &previous, "rewritten"));
        }
        previous = stored.hash.hash().unwrap();
    }
    let head = log.heads.iter_mut().find(|head| head.agent_id == owner).unwrap();
    *head = StoredHead { agent_id: owner, size: RawValue::Int(seq), hash: blob(&previous) };
}

/// Tampers, and says whether heads alone must find it.
#[allow(clippy::too_many_lines, reason = "one arm for each kind of tampering")]
fn tamper(log: &mut Log, tampering: &Tampering) -> bool {
    let rows = log.rows.len();
    let heads = log.heads.len();
    match tampering {
        Tampering::Column { row, column: number, value } => {
            *column(&mut log.rows[row.index(rows)], *number) = value.clone();
        }
        Tampering::EntryByte { row, at, xor } => {
            let RawValue::Text(bytes) = &mut log.rows[row.index(rows)].entry else { panic!() };
            let at = at.index(bytes.len());
            bytes[at] ^= xor;
        }
        Tampering::EditAndRehash { row } => {
            let row = &mut log.rows[row.index(rows)];
            edit(row, "\"x\"", "\"y\"");
            row.hash = blob(&crate::audit::entry::hash(text(row).as_bytes()));
        }
        Tampering::SwapColumn { one, other, column: number } => {
            let value = column(&mut log.rows[one.index(rows)], *number).clone();
            let value = std::mem::replace(column(&mut log.rows[other.index(rows)], *number), value);
            *column(&mut log.rows[one.index(rows)], *number) = value;
        }
        Tampering::Delete { row } => {
            log.rows.remove(row.index(rows));
        }
        Tampering::DeleteAndRenumber { row } => {
            let deleted = log.rows.remove(row.index(rows));
            let mut seq = 0;
            for row in log.rows.iter_mut().filter(|row| row.agent_id == deleted.agent_id) {
                seq += 1;
                row.seq = RawValue::Int(seq);
            }
        }
        Tampering::Copy { row, to } => {
            let copy = log.rows[row.index(rows)].clone();
            log.rows.insert(to.index(rows + 1), copy);
        }
        Tampering::Forge { row: like, to } => {
            let like = &log.rows[like.index(rows)];
            let agent_id = like.agent_id.agent_id().unwrap();
            let entry = sealed(agent_id, like.seq.integer().unwrap(), &like.hash.hash().unwrap(), "forged");
            log.rows.insert(to.index(rows + 1), row(agent_id, &entry));
        }
        Tampering::Swap { one, other } => {
            let (one, other) = (one.index(rows), other.index(rows));
            // The place of one agent's rows among another's is not covered.
            let same_agent = log.rows[one].agent_id == log.rows[other].agent_id;
            if same_agent {
                log.rows.swap(one, other);
            }
        }
        Tampering::CutTail { agent, keep } => {
            let owner = log.heads[agent.index(heads)].agent_id.clone();
            let size = log.rows.iter().filter(|row| row.agent_id == owner).count();
            let keep = keep.index(size);
            let mut seen = 0;
            log.rows.retain(|row| {
                seen += usize::from(row.agent_id == owner);
                row.agent_id != owner || seen <= keep
            });
        }
        Tampering::Empty { agent } => {
            let owner = log.heads[agent.index(heads)].agent_id.clone();
            log.rows.retain(|row| row.agent_id != owner);
        }
        Tampering::HeadColumn { agent, column, value } => {
            *head_column(&mut log.heads[agent.index(heads)], *column) = value.clone();
        }
        Tampering::DeleteHead { agent } => {
            log.heads.remove(agent.index(heads));
        }
        Tampering::CopyHead { agent } => {
            let copy = log.heads[agent.index(heads)].clone();
            log.heads.push(copy);
        }
        Tampering::RewriteFrom { row } => {
            rewrite(log, row.index(rows));
            return false;
        }
    }
    true
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn an_untouched_log_holds(owners in prop::collection::vec(1_u8..4, 0..30)) {
        let log = Log::of(&owners);
        let report = log.verify(&log.pins());
        prop_assert!(report.holds(), "{:?}", report.problems);
        prop_assert_eq!(report.entries, owners.len() as u64);
        for (agent_id, extent) in &report.agents {
            let count = owners.iter().filter(|owner| agent(**owner) == *agent_id).count();
            prop_assert_eq!(extent.entries, count as u64);
            prop_assert_eq!(extent.last, i64::try_from(count).unwrap());
        }
    }

    #[test]
    fn whatever_is_touched_is_found(
        owners in prop::collection::vec(1_u8..4, 1..16),
        tampering in tampering(),
    ) {
        let log = Log::of(&owners);
        let pins = log.pins();
        let mut touched = log.clone();
        let by_heads = tamper(&mut touched, &tampering);
        let changed = touched.rows != log.rows || touched.heads != log.heads;
        let report = touched.verify(&[]);
        prop_assert_eq!(!report.holds(), changed && by_heads, "{:?}", report.problems);
        let pinned = touched.verify(&pins);
        prop_assert_eq!(!pinned.holds(), changed, "{:?}", pinned.problems);
    }
}
