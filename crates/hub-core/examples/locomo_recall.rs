//! How well the analysis and the ranking recall what was said, without a store, a model or a
//! network: the share of each question's evidence among the first turns, on LoCoMo conversations.
//!
//! ```text
//! cargo run --release -p hub-core --example locomo_recall -- locomo.json
//! ```
//!
//! The data (snap-research/locomo, CC BY-NC 4.0) is not part of the project. Protocol: one store a
//! conversation, each turn a document, the question's text alone as the query; recall@k is the
//! share of a question's evidence among the first k, averaged over questions.
#![allow(clippy::disallowed_methods, reason = "a program of its own, beside the library")]
#![allow(clippy::print_stdout, reason = "a program that prints its result")]

use hub_core::clock::Timestamp;
use hub_core::memory::analysis::Analyzer;
use hub_core::memory::rank::{Document, Query, Statistics, Weights, rank};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::error::Error;
use std::time::Instant;

/// A turn: the evidence names it by `id`.
struct Turn {
    id: String,
    terms: Vec<String>,
    previous: Option<usize>,
    next: Option<usize>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: locomo_recall FILE")?;
    let samples: Vec<Value> = serde_json::from_slice(&std::fs::read(path)?)?;
    let legs = [
        ("turn", Weights { turn: 1.0, window: 0.0, neighbours: 0.0 }),
        ("turn + window", Weights { turn: 1.0, window: 1.0, neighbours: 0.0 }),
        ("turn + window + neighbours", Weights::default()),
    ];
    for is_dated in [false, true] {
        println!("text: {}speaker and words", if is_dated { "date, " } else { "" });
        for (name, weights) in legs {
            report(name, &samples, weights, is_dated)?;
        }
    }
    Ok(())
}

fn report(name: &str, samples: &[Value], weights: Weights, is_dated: bool) -> Result<(), Box<dyn Error>> {
    let mut recalls: BTreeMap<u64, Vec<[f64; 3]>> = BTreeMap::new();
    let (mut asked, mut spent) = (0_u32, std::time::Duration::ZERO);
    for sample in samples {
        let turns = turns_of(sample.get("conversation").ok_or("no conversation")?, is_dated)?;
        let ids: HashMap<&str, usize> =
            turns.iter().enumerate().map(|(i, turn)| (turn.id.as_str(), i)).collect();
        for qa in sample.get("qa").and_then(Value::as_array).ok_or("no questions")? {
            let evidence = evidence_of(qa, &ids);
            if evidence.is_empty() {
                continue;
            }
            let question = qa.get("question").and_then(Value::as_str).unwrap_or_default();
            let start = Instant::now();
            let found = recall(&turns, question, weights);
            spent += start.elapsed();
            asked += 1;
            let at = |k: usize| {
                found.iter().take(k).filter(|key| evidence.contains(key)).count() as f64
                    / evidence.len() as f64
            };
            let category = qa.get("category").and_then(Value::as_u64).unwrap_or(0);
            recalls.entry(category).or_default().push([at(5), at(10), at(25)]);
        }
    }
    let mean = |categories: &[u64]| {
        let all: Vec<_> = categories.iter().filter_map(|category| recalls.get(category)).flatten().collect();
        let average =
            |k: usize| all.iter().filter_map(|r| r.get(k)).sum::<f64>() / all.len().max(1) as f64 * 100.0;
        format!("n={:4} R@5 {:4.1} R@10 {:4.1} R@25 {:4.1}", all.len(), average(0), average(1), average(2))
    };
    println!("  {name}");
    println!("    categories 1-4  {}", mean(&[1, 2, 3, 4]));
    println!("    all             {}", mean(&[1, 2, 3, 4, 5]));
    for (category, title) in
        [(1, "multi-hop"), (2, "temporal"), (3, "open-domain"), (4, "single-hop"), (5, "adversarial")]
    {
        println!("    {title:15} {}", mean(&[category]));
    }
    println!(
        "    {} questions, {:.0} us each, counting included",
        asked,
        spent.as_secs_f64() * 1e6 / f64::from(asked.max(1))
    );
    Ok(())
}

/// All turns in order. A conversation's neighbours do not reach across sessions.
fn turns_of(conversation: &Value, is_dated: bool) -> Result<Vec<Turn>, Box<dyn Error>> {
    let analyzer = Analyzer::for_language("en");
    let mut turns: Vec<Turn> = Vec::new();
    for session in 1.. {
        let date = conversation.get(format!("session_{session}_date_time")).and_then(Value::as_str);
        let Some(said) = conversation.get(format!("session_{session}")).and_then(Value::as_array) else {
            if date.is_none() {
                return Ok(turns);
            }
            continue;
        };
        let said_at = date.map(instant).transpose()?;
        for (place, turn) in said.iter().enumerate() {
            let text = |field: &str| turn.get(field).and_then(Value::as_str).unwrap_or_default();
            let words = text("text");
            let terms = match said_at {
                Some(said_at) if is_dated => analyzer.episode_terms(said_at, Some(text("speaker")), words),
                _ => analyzer.index_terms(&format!("{} {words}", text("speaker"))),
            };
            let here = turns.len();
            turns.push(Turn {
                id: text("dia_id").to_owned(),
                terms,
                previous: if place > 0 { here.checked_sub(1) } else { None },
                next: (place + 1 < said.len()).then_some(here + 1),
            });
        }
    }
    Ok(turns)
}

/// Sessions are dated as in `1:56 pm on 8 May, 2023`, in no zone.
fn instant(date: &str) -> Result<Timestamp, Box<dyn Error>> {
    let time = jiff::civil::DateTime::strptime("%I:%M %p on %d %B, %Y", date)?;
    Ok(Timestamp(jiff::tz::TimeZone::UTC.to_timestamp(time)?.as_microsecond()))
}

/// Evidence is written as `D8:6`, several at once with `;` or blanks, now and then as `D:11:26`.
fn evidence_of(qa: &Value, ids: &HashMap<&str, usize>) -> BTreeSet<usize> {
    let lists = qa.get("evidence").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    lists
        .flat_map(|list| list.split(|c: char| c == ';' || c.is_whitespace()))
        .filter_map(|id| {
            let (session, turn) = id.strip_prefix('D')?.trim_start_matches(':').split_once(':')?;
            let turn: u32 = turn.parse().ok()?;
            ids.get(format!("D{session}:{turn}").as_str()).copied()
        })
        .collect()
}

/// The first 25 turns for a question.
fn recall(turns: &[Turn], question: &str, weights: Weights) -> Vec<usize> {
    let query = Query::new(Analyzer::for_language("en").query_terms(question));
    let mut documents: Vec<Document<usize>> = turns
        .iter()
        .enumerate()
        .map(|(key, turn)| Document {
            key,
            counts: query.count(turn.terms.iter().map(String::as_str)),
            occurred_at: Timestamp(i64::try_from(key).unwrap_or(i64::MAX)),
            previous: turn.previous,
            next: turn.next,
        })
        .collect();
    let has = |place: usize| {
        documents.iter().filter(|d| d.counts.per_term.get(place).is_some_and(|n| *n > 0)).count()
    };
    let statistics = Statistics {
        documents: turns.len() as u64,
        total_terms: turns.iter().map(|turn| turn.terms.len() as u64).sum(),
        document_frequency: (0..query.terms().len()).map(|place| has(place) as u64).collect(),
    };
    // What a store yields: the turns that contain a term, and those beside them.
    let matches = documents.iter().filter(|d| d.counts.per_term.iter().any(|n| *n > 0));
    let candidates: BTreeSet<usize> =
        matches.flat_map(|d| [Some(d.key), d.previous, d.next]).flatten().collect();
    documents.retain(|d| candidates.contains(&d.key));
    rank(&query, &statistics, &documents, weights, 25).into_iter().map(|ranked| ranked.key).collect()
}
