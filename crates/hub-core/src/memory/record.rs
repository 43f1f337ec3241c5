//! Memories in the store: rows, sources, and their terms in the full-text index.

use super::analysis::Analyzer;
use crate::Result;
use crate::clock::Timestamp;
use crate::context::Scoped;
use crate::ids::{EventId, MemoryId, PersonId, SpaceId};
use crate::store::{BulkInsert, Call, ListStatement, Row, Tx, Value, across, declare};
use hub_protocol::vocabulary::{SpeakerRole, Tier};
use std::collections::{BTreeMap, HashSet};

/// A memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Memory {
    /// Which.
    pub memory_id: MemoryId,
    /// What was said, or a fact derived from it.
    pub tier: Tier,
    /// The words.
    pub content: String,
    /// Kind of fact, for semantic memories.
    pub predicate: Option<String>,
    /// Where it was said.
    pub space_id: SpaceId,
    /// Who said it, or whom it is about.
    pub person_id: Option<PersonId>,
    /// The speaker's label, where there is one.
    pub speaker: Option<String>,
    /// Whether a person or the agent said it.
    pub role: Option<SpeakerRole>,
    /// How sure the planner was, from 0 to 1.
    pub confidence: Option<f64>,
    /// When it was said.
    pub occurred_at: Timestamp,
    /// When it was remembered.
    pub created_at: Timestamp,
    /// What it was made from.
    pub source_event_ids: Vec<EventId>,
}

/// A memory to be written.
#[derive(Debug, Clone)]
pub(crate) struct NewMemory {
    pub(crate) tier: Tier,
    pub(crate) content: String,
    pub(crate) predicate: Option<String>,
    pub(crate) space_id: SpaceId,
    pub(crate) person_id: Option<PersonId>,
    pub(crate) speaker: Option<String>,
    pub(crate) role: Option<SpeakerRole>,
    pub(crate) confidence: Option<f64>,
    /// Place in the talk: the sequence number of the (last) source event.
    pub(crate) seq: i64,
    pub(crate) occurred_at: Timestamp,
    /// Names what it is made from and how, so that it is written once. An episode is known by its
    /// place instead.
    pub(crate) derivation: Option<[u8; 32]>,
    /// Sequence numbers of the events that it is made from.
    pub(crate) sources: Vec<i64>,
    /// Terms of the content, split and stemmed.
    pub(crate) terms: Vec<String>,
}

pub(crate) const INSERT: BulkInsert = BulkInsert {
    into: "memories (doc, agent_id, memory_id, tier, content, predicate, space_id, person_id, speaker, role, \
           confidence, seq, terms, language, occurred_at, created_at, derivation)",
    types: "ibbtttbbttriitiib",
    tail: "",
};
pub(crate) const INSERT_SOURCES: BulkInsert =
    BulkInsert { into: "memory_sources (agent_id, memory_id, seq)", types: "bbi", tail: "" };
const KNOWN: ListStatement = ListStatement {
    sql: "SELECT derivation FROM memories WHERE agent_id = $1 AND derivation IN ({})",
    before: 1,
};
const KNOWN_EPISODES: ListStatement = ListStatement {
    sql: "SELECT seq FROM memories WHERE agent_id = $1 AND space_id = $2 AND tier = 'episodic' AND seq IN ({})",
    before: 2,
};
const SOURCES: ListStatement = ListStatement {
    sql: "SELECT s.memory_id, e.event_id FROM memory_sources s \
          JOIN events e ON e.agent_id = s.agent_id AND e.seq = s.seq \
          WHERE s.agent_id = $1 AND s.memory_id IN ({}) ORDER BY s.memory_id, s.seq",
    before: 1,
};
pub(crate) const LISTS: &[(&str, ListStatement)] =
    &[("KNOWN", KNOWN), ("KNOWN_EPISODES", KNOWN_EPISODES), ("SOURCES", SOURCES)];

declare! {
    COUNT = "INSERT INTO memory_totals (agent_id, documents, terms) VALUES ($1, $2, $3) \
             ON CONFLICT (agent_id) DO UPDATE SET documents = memory_totals.documents + excluded.documents, \
             terms = memory_totals.terms + excluded.terms";
    AGENT = "SELECT number, language FROM agents WHERE agent_id = $1";
    ONE = "SELECT memory_id, tier, content, predicate, space_id, person_id, speaker, role, confidence, occurred_at, \
           created_at FROM memories WHERE agent_id = $1 AND memory_id = $2";
}

/// What the full-text index needs to know of an agent.
#[derive(Debug, Clone)]
pub(crate) struct Voice {
    /// Prefix of the agent's terms.
    pub(crate) number: i64,
    /// The agent's language.
    pub(crate) language: String,
}

impl Voice {
    pub(crate) async fn of(tx: &mut Tx, agent: Scoped) -> Result<Option<Self>> {
        match tx.row(&AGENT, vec![agent.agent_id().into()]).await? {
            Some(mut row) => Ok(Some(Self { number: row.take(0)?, language: row.take(1)? })),
            None => Ok(None),
        }
    }

    pub(crate) fn analyzer(&self) -> Analyzer {
        Analyzer::for_language(&self.language)
    }

    /// A term as it stands in the index: no two agents share one.
    pub(crate) fn tagged(&self, term: &str) -> String {
        format!("{}x{term}", self.number)
    }

    /// The document that the index keeps for these terms.
    pub(crate) fn document(&self, terms: &[String]) -> String {
        let mut document = String::with_capacity(terms.len() * 8);
        for term in terms {
            if !document.is_empty() {
                document.push(' ');
            }
            document.push_str(&self.tagged(term));
        }
        document
    }
}

/// The terms under which a memory is found: what was said also by its day and its speaker.
pub(crate) fn terms(
    analyzer: &Analyzer,
    tier: Tier,
    occurred_at: Timestamp,
    speaker: Option<&str>,
    content: &str,
) -> Vec<String> {
    match tier {
        Tier::Episodic => analyzer.episode_terms(occurred_at, speaker, content),
        Tier::Semantic => analyzer.index_terms(content),
    }
}

/// What makes a memory the same as another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Origin {
    /// An episode, by its place in the talk.
    Said(SpaceId, i64),
    Derived([u8; 32]),
}

impl Origin {
    fn of(memory: &NewMemory) -> Self {
        memory.derivation.map_or(Self::Said(memory.space_id, memory.seq), Self::Derived)
    }
}

/// Which of these are there already, and the last document of the index.
async fn known(tx: &mut Tx, agent: Scoped, memories: &[NewMemory]) -> Result<(HashSet<Origin>, Vec<i64>)> {
    let own: Value = agent.agent_id().into();
    let (mut derivations, mut said) = (Vec::new(), BTreeMap::<SpaceId, Vec<Value>>::new());
    for memory in memories {
        match Origin::of(memory) {
            Origin::Derived(derivation) => derivations.push(derivation.into()),
            Origin::Said(space, seq) => said.entry(space).or_default().push(seq.into()),
        }
    }
    let derived = tx.list(KNOWN, std::slice::from_ref(&own), &derivations);
    let mut whose: Vec<Option<SpaceId>> = vec![None; derived.len()];
    let mut questions = derived;
    for (space, seqs) in said {
        let part = tx.list(KNOWN_EPISODES, &[own.clone(), space.into()], &seqs);
        whose.extend(part.iter().map(|_| Some(space)));
        questions.extend(part);
    }
    let count = i64::try_from(memories.len()).unwrap_or(i64::MAX);
    questions.push(Call::Statement(across::NEXT_DOCS.of(tx.dialect()), vec![count.into()]));
    let mut answers = tx.ask(questions).await?;
    let docs = answers.pop().unwrap_or_default().into_iter();
    let docs = docs.map(|mut row| row.take(0)).collect::<Result<Vec<i64>>>()?;
    let mut known = HashSet::new();
    for (space, rows) in whose.into_iter().zip(answers) {
        for mut row in rows {
            known.insert(match space {
                Some(space) => Origin::Said(space, row.take(0)?),
                None => Origin::Derived(row.take(0)?),
            });
        }
    }
    Ok((known, docs))
}

/// Writes memories that are not there yet, with sources and terms. Answers which were written.
pub(crate) async fn write(
    tx: &mut Tx,
    agent: Scoped,
    voice: &Voice,
    memories: Vec<NewMemory>,
) -> Result<Vec<MemoryId>> {
    if memories.is_empty() {
        return Ok(Vec::new());
    }
    let (mut known, docs) = known(tx, agent, &memories).await?;
    let (mut rows, mut sources, mut documents, mut ids) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut count, mut terms) = (0_i64, 0_i64);
    for (memory, doc) in memories.into_iter().zip(docs) {
        if !known.insert(Origin::of(&memory)) {
            continue;
        }
        let id = MemoryId(tx.new_id()?);
        let length = i64::try_from(memory.terms.len()).unwrap_or(i64::MAX);
        (count, terms) = (count + 1, terms + length);
        documents.push(vec![agent.agent_id().into(), doc.into(), voice.document(&memory.terms).into()]);
        for seq in &memory.sources {
            sources.push(vec![agent.agent_id().into(), id.into(), (*seq).into()]);
        }
        rows.push(vec![
            doc.into(),
            agent.agent_id().into(),
            id.into(),
            memory.tier.as_str().into(),
            memory.content.into(),
            memory.predicate.into(),
            memory.space_id.into(),
            memory.person_id.into(),
            memory.speaker.into(),
            memory.role.map(SpeakerRole::as_str).into(),
            memory.confidence.into(),
            memory.seq.into(),
            length.into(),
            voice.language.as_str().into(),
            memory.occurred_at.into(),
            tx.now().into(),
            memory.derivation.into(),
        ]);
        ids.push(id);
    }
    if ids.is_empty() {
        return Ok(ids);
    }
    tx.bulk(&INSERT, rows);
    tx.bulk(&INSERT_SOURCES, sources);
    let index = tx.dialect().index_documents();
    tx.bulk(&index, documents);
    tx.run(&COUNT, vec![agent.agent_id().into(), count.into(), terms.into()]);
    Ok(ids)
}

pub(crate) fn read(row: &mut Row) -> Result<Memory> {
    Ok(Memory {
        memory_id: row.take(0)?,
        tier: row.word(1)?,
        content: row.take(2)?,
        predicate: row.take(3)?,
        space_id: row.take(4)?,
        person_id: row.take(5)?,
        speaker: row.take(6)?,
        role: row.take::<Option<String>>(7)?.and_then(|role| role.parse().ok()),
        confidence: row.take(8)?,
        occurred_at: row.take(9)?,
        created_at: row.take(10)?,
        source_event_ids: Vec::new(),
    })
}

/// Fills in what memories were made from.
pub(crate) async fn with_sources(tx: &mut Tx, agent: Scoped, memories: &mut [Memory]) -> Result<()> {
    let ids: Vec<Value> = memories.iter().map(|memory| memory.memory_id.into()).collect();
    let mut sources: std::collections::HashMap<MemoryId, Vec<EventId>> = std::collections::HashMap::new();
    for mut row in tx.rows_of_list(SOURCES, &[agent.agent_id().into()], &ids).await? {
        sources.entry(row.take(0)?).or_default().push(row.take(1)?);
    }
    for memory in memories {
        memory.source_event_ids = sources.remove(&memory.memory_id).unwrap_or_default();
    }
    Ok(())
}
