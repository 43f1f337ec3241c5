//! The legs become one score.

use super::bm25::Bm25;
use super::{Document, Query, Statistics};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::Hash;

/// How much each leg counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// Of the memory itself.
    pub turn: f64,
    /// Of the memory with the turns around it.
    pub window: f64,
    /// Of what each of the two neighbours scored.
    pub neighbours: f64,
}

impl Default for Weights {
    /// 1, 1 and 0.2: chosen once on conversations, not searched.
    fn default() -> Self {
        Self { turn: 1.0, window: 1.0, neighbours: 0.2 }
    }
}

/// A candidate in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked<K> {
    /// Which.
    pub key: K,
    /// Higher is better; comparable within one ranking only.
    pub score: f64,
    /// How it earned its place.
    pub why: Why,
}

/// How a candidate earned its place: what each leg added to the score.
#[derive(Debug, Clone, PartialEq)]
pub struct Why {
    /// Terms of the query that it contains itself.
    pub terms: Vec<String>,
    /// From the memory itself.
    pub turn: f64,
    /// From the memory with the turns around it.
    pub window: f64,
    /// From what its neighbours scored.
    pub neighbours: f64,
}

/// Ranks candidates, best first, at most `k`. Equal scores: the newer first, then the lower key.
///
/// Candidates should be every document that contains a term of the query, and the turns right
/// before and after those: they answer questions whose words they do not repeat. A neighbour that
/// is not among the candidates counts as one of average length without a term.
#[must_use]
pub fn rank<K: Copy + Ord + Hash>(
    query: &Query,
    statistics: &Statistics,
    documents: &[Document<K>],
    weights: Weights,
    k: usize,
) -> Vec<Ranked<K>> {
    // Sums of fractions depend on their order in the last digit; the order of the store must not.
    let mut documents: Vec<&Document<K>> = documents.iter().collect();
    documents.sort_unstable_by_key(|document| document.key);
    let turn = turn_leg(query, statistics, &documents);
    let window = window_leg(query, statistics, &documents);
    let parts = |t: f64, w: f64| (weights.turn * turn.z(t), weights.window * window.z(w));

    let own: Vec<(f64, f64)> = turn.scores.iter().zip(&window.scores).map(|(t, w)| parts(*t, *w)).collect();
    let by_key: HashMap<K, f64> =
        documents.iter().zip(&own).map(|(document, (t, w))| (document.key, t + w)).collect();
    // A document that is no candidate scored nothing in either leg.
    let (t, w) = parts(0.0, 0.0);
    let of = |key: Option<K>| key.and_then(|key| by_key.get(&key).copied()).unwrap_or(t + w);

    let mut ranked: Vec<(&Document<K>, [f64; 3], f64)> = documents
        .iter()
        .zip(&own)
        .map(|(document, (t, w))| {
            let around = of(document.previous) + of(document.next);
            let legs = [*t, *w, weights.neighbours * around];
            (*document, legs, legs.iter().sum())
        })
        .collect();
    ranked.sort_by(|(a, _, a_score), (b, _, b_score)| better_first(a, *a_score, b, *b_score));
    ranked.truncate(k);
    ranked.into_iter().map(|(document, legs, score)| explained(query, document, legs, score)).collect()
}

fn better_first<K: Ord>(a: &Document<K>, a_score: f64, b: &Document<K>, b_score: f64) -> Ordering {
    b_score
        .total_cmp(&a_score)
        .then_with(|| b.occurred_at.cmp(&a.occurred_at))
        .then_with(|| a.key.cmp(&b.key))
}

fn explained<K: Copy>(query: &Query, document: &Document<K>, legs: [f64; 3], score: f64) -> Ranked<K> {
    let contained = query.terms().iter().zip(&document.counts.per_term).filter(|(_, count)| **count > 0);
    let [turn, window, neighbours] = legs;
    let terms = contained.map(|(term, _)| term.clone()).collect();
    Ranked { key: document.key, score, why: Why { terms, turn, window, neighbours } }
}

fn turn_leg<K>(query: &Query, statistics: &Statistics, documents: &[&Document<K>]) -> Leg {
    let bm25 = Bm25::new(query, statistics, 1);
    let score = |document: &&Document<K>| {
        let counts = document.counts.per_term.iter().map(|count| f64::from(*count));
        bm25.score(counts, f64::from(document.counts.length))
    };
    Leg::new(statistics.documents, documents.iter().map(score))
}

/// Each document and the turns around it, scored as one document of three turns.
fn window_leg<K: Copy + Eq + Hash>(
    query: &Query,
    statistics: &Statistics,
    documents: &[&Document<K>],
) -> Leg {
    let bm25 = Bm25::new(query, statistics, 3);
    let places: HashMap<K, &Document<K>> =
        documents.iter().map(|document| (document.key, *document)).collect();
    let score = |document: &&Document<K>| {
        let mut length = f64::from(document.counts.length);
        let mut counts: Vec<f64> = document.counts.per_term.iter().map(|count| f64::from(*count)).collect();
        for key in [document.previous, document.next].into_iter().flatten() {
            let Some(neighbour) = places.get(&key) else {
                length += statistics.average_length();
                continue;
            };
            length += f64::from(neighbour.counts.length);
            for (sum, count) in counts.iter_mut().zip(&neighbour.counts.per_term) {
                *sum += f64::from(*count);
            }
        }
        bm25.score(counts.into_iter(), length)
    };
    Leg::new(statistics.documents, documents.iter().map(score))
}

/// The scores of one leg and how they spread over all documents, candidates or not.
struct Leg {
    scores: Vec<f64>,
    mean: f64,
    deviation: f64,
}

impl Leg {
    fn new(documents: u64, scores: impl Iterator<Item = f64>) -> Self {
        let scores: Vec<f64> = scores.collect();
        let n = (documents as f64).max(scores.len() as f64).max(1.0);
        let mean = scores.iter().sum::<f64>() / n;
        let variance = scores.iter().map(|score| score * score).sum::<f64>() / n - mean * mean;
        Self { scores, mean, deviation: variance.max(0.0).sqrt() }
    }

    /// How many deviations above the mean; 0 where all scores are alike.
    fn z(&self, score: f64) -> f64 {
        if self.deviation > f64::EPSILON { (score - self.mean) / self.deviation } else { 0.0 }
    }
}
