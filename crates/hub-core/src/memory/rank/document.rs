//! What is ranked, against what.

use crate::clock::Timestamp;
use std::collections::HashMap;

/// The terms of a query.
#[derive(Debug, Clone)]
pub struct Query {
    terms: Vec<String>,
    places: HashMap<String, usize>,
}

impl Query {
    /// From [`super::super::analysis::Analyzer::query_terms`].
    #[must_use]
    pub fn new(terms: Vec<String>) -> Self {
        let places = terms.iter().cloned().enumerate().map(|(place, term)| (term, place)).collect();
        Self { terms, places }
    }

    /// Its terms, in order.
    #[must_use]
    pub fn terms(&self) -> &[String] {
        &self.terms
    }

    /// Counts the terms of the query among the terms of a document.
    pub fn count<'a>(&self, terms: impl IntoIterator<Item = &'a str>) -> Counts {
        let mut counts = self.no_counts();
        terms.into_iter().for_each(|term| counts.add(self.place(term)));
        counts
    }

    /// The place of a term among those of the query.
    pub(crate) fn place(&self, term: &str) -> Option<usize> {
        self.places.get(term).copied()
    }

    /// The counts of a document without a term.
    pub(crate) fn no_counts(&self) -> Counts {
        Counts { per_term: vec![0; self.terms.len()], length: 0 }
    }
}

/// How often a document contains each term of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// In the order of the query's terms.
    pub per_term: Vec<u32>,
    /// All terms of the document.
    pub length: u32,
}

impl Counts {
    /// Counts one more term of the document; `place` is its place among those of the query, if it is one.
    pub(crate) fn add(&mut self, place: Option<usize>) {
        self.length = self.length.saturating_add(1);
        if let Some(count) = place.and_then(|place| self.per_term.get_mut(place)) {
            *count = count.saturating_add(1);
        }
    }
}

/// What an agent's documents are like, whatever the query narrows to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statistics {
    /// Documents of the agent.
    pub documents: u64,
    /// Their lengths added up.
    pub total_terms: u64,
    /// Documents that contain each term of the query, in its order.
    pub document_frequency: Vec<u64>,
}

impl Statistics {
    /// Terms of a document on average, at least 1.
    pub(super) fn average_length(&self) -> f64 {
        (self.total_terms as f64 / self.documents.max(1) as f64).max(1.0)
    }
}

/// A candidate. `K` is its key: small, ordered, unique.
#[derive(Debug, Clone)]
pub struct Document<K> {
    /// Which.
    pub key: K,
    /// What it contains of the query.
    pub counts: Counts,
    /// When it was said.
    pub occurred_at: Timestamp,
    /// The turn before it in the same space and conversation, whether a candidate or not.
    pub previous: Option<K>,
    /// The turn after it.
    pub next: Option<K>,
}
