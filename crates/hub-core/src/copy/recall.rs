//! Both databases are asked the same, and must answer the same.

use super::report::{AgentRecall, Progress, Stage};
use super::{Options, stretch};
use crate::Result;
use crate::clock::Timestamp;
use crate::context::scoped_by_hub;
use crate::entropy::SystemEntropy;
use crate::ids::{AgentId, MemoryId};
use crate::memory::recall::{Breadth, RecallNarrowing, recall};
use crate::memory::{Recall, RecallRequest};
use crate::store::{Executor, Sources, Tx, declare};
use crate::trace::Untraced;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Words of a question.
const WORDS: usize = 4;

declare! {
    NTH = "SELECT content FROM memories WHERE agent_id = $1 ORDER BY memory_id LIMIT 1 OFFSET $2";
}

/// Asks every agent, on both sides, with words of memories that the seed chooses.
pub(super) async fn compare(
    from: &dyn Executor,
    to: &dyn Executor,
    now: Timestamp,
    agents: &BTreeSet<AgentId>,
    options: Options<'_>,
) -> Result<Vec<AgentRecall>> {
    let mut drawn = Drawn(options.seed);
    let mut answers = Vec::new();
    let most = u64::try_from(agents.len()).unwrap_or(u64::MAX).saturating_mul(options.questions.into());
    for agent_id in agents {
        let sql = "SELECT count(*) FROM memories WHERE agent_id = $1".to_owned();
        let memories = u64::try_from(stretch::number(from, *agent_id, sql).await?).unwrap_or(0);
        let mut answer = AgentRecall { agent_id: *agent_id, asked: 0, same: 0 };
        for _ in 0..options.questions.min(u32::try_from(memories).unwrap_or(u32::MAX)) {
            let place = drawn.below(memories);
            let Some(query) = question(from, *agent_id, place, &mut drawn).await? else { continue };
            let here = ask(from, *agent_id, now, &query).await?;
            let there = ask(to, *agent_id, now, &query).await?;
            answer.asked += 1;
            answer.same += u64::from(here.partial == there.partial && told(&here) == told(&there));
            let done = answers.iter().map(|answer: &AgentRecall| answer.asked).sum::<u64>() + answer.asked;
            (options.watch)(Progress { stage: Stage::Asking, done, total: most });
        }
        if answer.asked > 0 {
            answers.push(answer);
        }
    }
    Ok(answers)
}

/// Some words of a memory that follow on one another, or none if it has none.
async fn question(
    executor: &dyn Executor,
    agent: AgentId,
    place: u64,
    drawn: &mut Drawn,
) -> Result<Option<String>> {
    let mut tx = stretch::reading(executor, agent).await?;
    let place = i64::try_from(place).unwrap_or(i64::MAX);
    let rows = tx.query(&NTH, vec![agent.into(), place.into()]).await?;
    tx.rollback().await?;
    let Some(mut row) = rows.into_iter().next() else { return Ok(None) };
    let content: String = row.take(0)?;
    let words: Vec<&str> = content.split_whitespace().filter(|word| word.len() < 256).collect();
    let last = words.len().saturating_sub(WORDS);
    let first = usize::try_from(drawn.below(u64::try_from(last).unwrap_or(0) + 1)).unwrap_or(0);
    let chosen: Vec<&str> = words.into_iter().skip(first).take(WORDS).collect();
    Ok((!chosen.is_empty()).then(|| chosen.join(" ")))
}

async fn ask(executor: &dyn Executor, agent: AgentId, now: Timestamp, query: &str) -> Result<Recall> {
    let inner = stretch::reading(executor, agent).await?;
    let sources = Sources {
        entropy: Arc::new(SystemEntropy),
        ids: Arc::new(SystemEntropy),
        traces: Arc::new(Untraced),
    };
    let mut tx = Tx::new(inner, executor.dialect(), sources, now);
    let request = RecallRequest::new(query);
    let none = RecallNarrowing::default();
    let answer = recall(&mut tx, scoped_by_hub(agent), &request, &none, Breadth::WIDE).await;
    tx.rollback().await;
    answer
}

fn told(recall: &Recall) -> Vec<(MemoryId, f64)> {
    recall.memories.iter().map(|found| (found.memory.memory_id, found.score)).collect()
}

/// Numbers that follow from a seed: splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
/// generators, OOPSLA 2014).
struct Drawn(u64);

impl Drawn {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }
}
