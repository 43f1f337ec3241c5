//! BM25 of one document.

use super::{Query, Statistics};

const K1: f64 = 1.2;
const B: f64 = 0.75;

/// Weights of the query's terms in one agent's documents, or in windows of several of them.
pub(super) struct Bm25 {
    inverse_frequency: Vec<f64>,
    average_length: f64,
}

impl Bm25 {
    /// `turns` is how many documents one window is made of.
    pub(super) fn new(query: &Query, statistics: &Statistics, turns: i32) -> Self {
        let documents = statistics.documents as f64;
        let frequency = |place: usize| statistics.document_frequency.get(place).copied().unwrap_or(0) as f64;
        let inverse_frequency = (0..query.terms().len())
            .map(|place| {
                // Counts taken at different instants may contradict each other; the logarithm's
                // argument stays above 1 all the same.
                let found = frequency(place).min(documents);
                // Of windows, so many contain the term as would if it fell into turns at random.
                let found = documents * (1.0 - (1.0 - found / documents.max(1.0)).powi(turns));
                ((documents - found + 0.5) / (found + 0.5)).ln_1p()
            })
            .collect();
        Self { inverse_frequency, average_length: statistics.average_length() * f64::from(turns) }
    }

    pub(super) fn score(&self, counts: impl Iterator<Item = f64>, length: f64) -> f64 {
        let norm = K1 * (1.0 - B + B * length / self.average_length);
        counts
            .zip(&self.inverse_frequency)
            .map(|(count, weight)| weight * count * (K1 + 1.0) / (count + norm))
            .sum()
    }
}
