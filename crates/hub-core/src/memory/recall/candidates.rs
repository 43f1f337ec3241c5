//! Which memories a question looks at: the newest that hold each of its terms, and the turns
//! before and after them.

use super::RecallRequest;
use crate::Result;
use crate::clock::Timestamp;
use crate::context::Scoped;
use crate::ids::SpaceId;
use crate::memory::rank::{Document, Query, Statistics};
use crate::memory::record::{Memory, Voice, read, terms};
use crate::store::{ListStatement, Tx, Value, declare};
use std::collections::{HashMap, HashSet};

/// Memories of one term that a question looks at; the newest are taken.
const PER_TERM: i64 = 400;
/// Memories of all terms together.
const CANDIDATES: usize = 600;

declare! {
    TOTALS = "SELECT documents, terms FROM memory_totals WHERE agent_id = $1";
}

const LOAD: ListStatement = ListStatement {
    sql: "SELECT m.memory_id, m.tier, m.content, m.predicate, m.space_id, m.person_id, m.speaker, m.role, \
          m.confidence, m.occurred_at, m.created_at, m.doc, \
          (SELECT p.doc FROM memories p WHERE p.agent_id = m.agent_id AND p.space_id = m.space_id \
           AND p.tier = 'episodic' AND m.tier = 'episodic' AND p.seq < m.seq ORDER BY p.seq DESC LIMIT 1), \
          (SELECT n.doc FROM memories n WHERE n.agent_id = m.agent_id AND n.space_id = m.space_id \
           AND n.tier = 'episodic' AND m.tier = 'episodic' AND n.seq > m.seq ORDER BY n.seq LIMIT 1) \
          FROM memories m WHERE m.agent_id = $1 AND m.doc IN ({})",
    before: 1,
};
// A memory that rests on an event whose grant has ended is not recalled, erased already or not.
const ENDED: ListStatement = ListStatement {
    sql: "SELECT m.doc FROM memories m JOIN memory_sources s ON s.agent_id = m.agent_id AND s.memory_id = m.memory_id \
          JOIN events e ON e.agent_id = s.agent_id AND e.seq = s.seq \
          JOIN consents c ON c.agent_id = e.agent_id AND c.consent_id = e.consent_id \
          WHERE m.agent_id = $1 AND (c.revoked_at IS NOT NULL OR c.expires_at <= $2) AND m.doc IN ({})",
    before: 2,
};
pub(crate) const LISTS: &[(&str, ListStatement)] = &[("LOAD", LOAD), ("ENDED", ENDED)];

/// What the caller may see at all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Narrowing {
    /// The spaces of a delegate; none means every space.
    pub(crate) spaces: Option<Vec<SpaceId>>,
}

/// A memory that was looked at.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) memory: Memory,
    pub(crate) document: Document<i64>,
}

/// Statistics of the question's terms, the documents to look at, and whether some were left out.
pub(super) async fn find(
    tx: &mut Tx,
    agent: Scoped,
    voice: &Voice,
    query: &Query,
) -> Result<(Statistics, Vec<i64>, bool)> {
    let (documents, total_terms) = match tx.row(&TOTALS, vec![agent.agent_id().into()]).await? {
        Some(mut row) => (row.take::<i64>(0)?, row.take::<i64>(1)?),
        None => (0, 0),
    };
    let (postings, frequency) = (tx.dialect().postings(), tx.dialect().document_frequency());
    let mut lists: Vec<(i64, Vec<i64>)> = Vec::new();
    let mut frequencies = Vec::new();
    for term in query.terms() {
        let tagged: Value = voice.tagged(term).into();
        let rows = tx.rows(&postings, vec![tagged.clone(), PER_TERM.into()]).await?;
        let docs = rows.into_iter().map(|mut row| row.take(0)).collect::<Result<Vec<i64>>>()?;
        let held = i64::try_from(docs.len()).unwrap_or(i64::MAX);
        let count = if held < PER_TERM {
            held
        } else {
            tx.row(&frequency, vec![tagged]).await?.map_or(Ok(held), |mut row| row.take(0))?
        };
        frequencies.push(u64::try_from(count).unwrap_or(0));
        lists.push((count, docs));
    }
    let mut partial = lists.iter().any(|(count, _)| *count > PER_TERM);
    // Rare terms tell more: their memories are looked at first.
    lists.sort_by_key(|(count, _)| *count);
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    for doc in lists.into_iter().flat_map(|(_, docs)| docs) {
        if seen.contains(&doc) {
            continue;
        }
        if found.len() >= CANDIDATES {
            partial = true;
            break;
        }
        seen.insert(doc);
        found.push(doc);
    }
    let statistics = Statistics {
        documents: u64::try_from(documents).unwrap_or(0),
        total_terms: u64::try_from(total_terms).unwrap_or(0),
        document_frequency: frequencies,
    };
    Ok((statistics, found, partial))
}

/// Loads the candidates and the turns around them.
pub(super) async fn load(
    tx: &mut Tx,
    agent: Scoped,
    voice: &Voice,
    query: &Query,
    found: &[i64],
) -> Result<HashMap<i64, Candidate>> {
    let analyzer = voice.analyzer();
    let mut loaded: HashMap<i64, Candidate> = HashMap::new();
    let mut wanted: Vec<i64> = found.to_vec();
    for _round in 0..2 {
        let list: Vec<Value> = wanted.iter().map(|doc| (*doc).into()).collect();
        for mut row in tx.rows_of_list(LOAD, &[agent.agent_id().into()], &list).await? {
            let memory = read(&mut row)?;
            let speaker = memory.speaker.as_deref();
            let terms = terms(&analyzer, memory.tier, memory.occurred_at, speaker, &memory.content);
            let document = Document {
                key: row.take(11)?,
                counts: query.count(terms.iter().map(String::as_str)),
                occurred_at: memory.occurred_at,
                previous: row.take(12)?,
                next: row.take(13)?,
            };
            loaded.insert(document.key, Candidate { memory, document });
        }
        wanted = loaded
            .values()
            .flat_map(|candidate| [candidate.document.previous, candidate.document.next])
            .flatten()
            .filter(|doc| !loaded.contains_key(doc))
            .collect::<HashSet<_>>()
            .into_iter()
            .collect();
    }
    Ok(loaded)
}

/// Which of them the caller and the question let through.
pub(super) async fn allowed(
    tx: &mut Tx,
    agent: Scoped,
    loaded: &HashMap<i64, Candidate>,
    request: &RecallRequest,
    narrowing: &Narrowing,
) -> Result<HashSet<i64>> {
    let until: Timestamp = request.as_of.unwrap_or(Timestamp(i64::MAX));
    let mut allowed: HashSet<i64> = loaded
        .values()
        .filter(|candidate| {
            let memory = &candidate.memory;
            request.space_id.is_none_or(|space| memory.space_id == space)
                && request.person_id.is_none_or(|person| memory.person_id == Some(person))
                && (request.tiers.is_empty() || request.tiers.contains(&memory.tier))
                && memory.occurred_at <= until
                && narrowing.spaces.as_ref().is_none_or(|spaces| spaces.contains(&memory.space_id))
        })
        .map(|candidate| candidate.document.key)
        .collect();
    let list: Vec<Value> = allowed.iter().map(|doc| (*doc).into()).collect();
    let now = tx.now();
    for mut row in tx.rows_of_list(ENDED, &[agent.agent_id().into(), now.into()], &list).await? {
        allowed.remove(&row.take(0)?);
    }
    Ok(allowed)
}
