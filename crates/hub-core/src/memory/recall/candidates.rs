//! Which memories a question looks at: the newest that hold each of its terms, and the turns
//! before and after them.

use super::RecallRequest;
use crate::Result;
use crate::clock::Timestamp;
use crate::context::Scoped;
use crate::ids::SpaceId;
use crate::memory::analysis::Analyzer;
use crate::memory::rank::{Counts, Document, Query, Statistics};
use crate::memory::record::{Memory, Voice, read};
use crate::store::{Call, ListStatement, Tx, Value, declare};
use hub_protocol::vocabulary::Tier;
use std::collections::{HashMap, HashSet};

/// How many memories a question looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Breadth {
    /// Of one term; the newest are taken.
    per_term: i64,
    /// Of all terms together.
    candidates: usize,
}

impl Breadth {
    /// For somebody who asks.
    pub(crate) const WIDE: Self = Self { per_term: 400, candidates: 600 };
    /// For a planner, who is shown a few memories beside the talk, and for whom each window waits.
    pub(crate) const NARROW: Self = Self { per_term: 150, candidates: 200 };
}

/// Terms that the database is asked about together: each question is a way there and back.
const TERMS_AT_ONCE: usize = 16;

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
    breadth: Breadth,
) -> Result<(Statistics, Vec<i64>, bool)> {
    let (documents, total_terms) = match tx.row(&TOTALS, vec![agent.agent_id().into()]).await? {
        Some(mut row) => (row.take::<i64>(0)?, row.take::<i64>(1)?),
        None => (0, 0),
    };
    let mut lists = postings(tx, voice, query, breadth.per_term).await?;
    let frequencies = lists.iter().map(|(count, _)| u64::try_from(*count).unwrap_or(0)).collect();
    let mut partial = lists.iter().any(|(count, _)| *count > breadth.per_term);
    // Rare terms tell more: their memories are looked at first.
    lists.sort_by_key(|(count, _)| *count);
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    for doc in lists.into_iter().flat_map(|(_, docs)| docs) {
        if seen.contains(&doc) {
            continue;
        }
        if found.len() >= breadth.candidates {
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

/// Of each term of the question how many memories hold it, and the newest of those.
async fn postings(tx: &mut Tx, voice: &Voice, query: &Query, per_term: i64) -> Result<Vec<(i64, Vec<i64>)>> {
    let (newest, frequency) = (tx.dialect().postings(), tx.dialect().document_frequency());
    let tagged: Vec<Value> = query.terms().iter().map(|term| voice.tagged(term).into()).collect();
    let mut lists: Vec<(i64, Vec<i64>)> = Vec::with_capacity(tagged.len());
    for part in tagged.chunks(TERMS_AT_ONCE) {
        let ask = |term: &Value| Call::Statement(newest.clone(), vec![term.clone(), per_term.into()]);
        for rows in tx.ask(part.iter().map(ask).collect()).await? {
            let docs = rows.into_iter().map(|mut row| row.take(0)).collect::<Result<Vec<i64>>>()?;
            lists.push((i64::try_from(docs.len()).unwrap_or(i64::MAX), docs));
        }
    }
    // Only of a term that is in more memories than were asked for is the number not known yet.
    let mut frequent: Vec<(&mut i64, &Value)> = lists
        .iter_mut()
        .map(|(count, _)| count)
        .zip(&tagged)
        .filter(|(count, _)| **count >= per_term)
        .collect();
    for part in frequent.chunks_mut(TERMS_AT_ONCE) {
        let ask = |(_, term): &(&mut i64, &Value)| Call::Statement(frequency.clone(), vec![(*term).clone()]);
        let answers = tx.ask(part.iter().map(ask).collect()).await?;
        for ((count, _), rows) in part.iter_mut().zip(answers) {
            if let Some(mut row) = rows.into_iter().next() {
                **count = row.take(0)?;
            }
        }
    }
    Ok(lists)
}

/// Counts a question's terms in memories. Agrees with [`crate::memory::record::terms`], which the index is made of.
struct Counter<'a> {
    analyzer: Analyzer,
    query: &'a Query,
    /// Of each word, whether it has a term, and the place of that in the question.
    known: HashMap<String, Option<Option<usize>>>,
}

impl Counter<'_> {
    fn count(&mut self, memory: &Memory) -> Counts {
        let mut counts = self.query.no_counts();
        if memory.tier == Tier::Episodic {
            let beside = self.analyzer.day_and_speaker(memory.occurred_at, memory.speaker.as_deref());
            self.add(&beside, &mut counts);
        }
        self.add(&memory.content, &mut counts);
        counts
    }

    fn add(&mut self, text: &str, counts: &mut Counts) {
        let query = self.query;
        self.analyzer.each_known(text, &mut self.known, |term| query.place(term), |place| counts.add(place));
    }
}

/// Loads the candidates and the turns around them.
pub(super) async fn load(
    tx: &mut Tx,
    agent: Scoped,
    voice: &Voice,
    query: &Query,
    found: &[i64],
) -> Result<HashMap<i64, Candidate>> {
    let mut counter = Counter { analyzer: voice.analyzer(), query, known: HashMap::new() };
    let mut loaded: HashMap<i64, Candidate> = HashMap::new();
    let mut wanted: Vec<i64> = found.to_vec();
    for _round in 0..2 {
        let list: Vec<Value> = wanted.iter().map(|doc| (*doc).into()).collect();
        for mut row in tx.rows_of_list(LOAD, &[agent.agent_id().into()], &list).await? {
            let memory = read(&mut row)?;
            let document = Document {
                key: row.take(11)?,
                counts: counter.count(&memory),
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ids::MemoryId;
    use crate::memory::record::terms;
    use uuid::Uuid;

    fn memory(tier: Tier, speaker: Option<&str>, content: &str) -> Memory {
        let occurred_at = Timestamp::parse("2026-05-04T09:00:00Z").unwrap();
        Memory {
            memory_id: MemoryId(Uuid::from_u128(1)),
            tier,
            content: content.to_owned(),
            predicate: None,
            space_id: SpaceId(Uuid::from_u128(2)),
            person_id: None,
            speaker: speaker.map(str::to_owned),
            role: None,
            confidence: None,
            occurred_at,
            created_at: occurred_at,
            source_event_ids: Vec::new(),
        }
    }

    #[test]
    fn what_is_counted_is_what_is_indexed() {
        let analyzer = Analyzer::for_language("en");
        let query = Query::new(analyzer.query_terms("When did Anna\'s nuts boil in May?"));
        let mut counter = Counter { analyzer, query: &query, known: HashMap::new() };
        for (tier, speaker) in
            [(Tier::Episodic, Some("Anna")), (Tier::Semantic, None), (Tier::Episodic, None)]
        {
            for content in [
                "The nuts, boiled nuts and {cough} boiling.",
                "",
                "\u{301} — Anna\'s NUT can\'t",
                "naïve l\'eau 1,000",
            ] {
                let memory = memory(tier, speaker, content);
                let indexed = terms(&analyzer, tier, memory.occurred_at, speaker, content);
                assert_eq!(
                    counter.count(&memory),
                    query.count(indexed.iter().map(String::as_str)),
                    "{content}"
                );
            }
        }
        assert!(counter.known.len() > 8);
    }
}
