#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
use super::*;
use crate::clock::Timestamp;
use proptest::prelude::*;

/// Turns of one conversation, all of them candidates.
fn talk(query: &Query, turns: &[&str]) -> (Statistics, Vec<Document<usize>>) {
    let last = turns.len() - 1;
    let documents: Vec<_> = turns
        .iter()
        .enumerate()
        .map(|(key, text)| Document {
            key,
            counts: query.count(text.split_whitespace()),
            occurred_at: Timestamp(key as i64),
            previous: key.checked_sub(1),
            next: (key < last).then_some(key + 1),
        })
        .collect();
    let frequency = |place: usize| documents.iter().filter(|d| d.counts.per_term[place] > 0).count() as u64;
    let statistics = Statistics {
        documents: documents.len() as u64,
        total_terms: documents.iter().map(|d| u64::from(d.counts.length)).sum(),
        document_frequency: (0..query.terms().len()).map(frequency).collect(),
    };
    (statistics, documents)
}

fn query(text: &str) -> Query {
    Query::new(text.split_whitespace().map(str::to_owned).collect())
}

fn order(query: &Query, turns: &[&str]) -> Vec<usize> {
    let (statistics, documents) = talk(query, turns);
    rank(query, &statistics, &documents, Weights::default(), 100).into_iter().map(|r| r.key).collect()
}

#[test]
fn a_rare_term_counts_more_than_a_common_one() {
    let query = query("tea nut");
    let turns =
        ["tea x x", "y y y", "y y y", "y y y", "nut x x", "y y y", "y y y", "tea y y", "y y y", "tea x x"];
    assert_eq!(order(&query, &turns)[0], 4);
}

#[test]
fn the_turn_beside_a_match_comes_before_one_far_away() {
    let query = query("nut");
    let order = order(&query, &["y y y", "y y y", "y y y", "y y y", "nut y y", "x x x"]);
    assert_eq!(order[0], 4);
    assert!(order[1..3].contains(&3) && order[1..3].contains(&5));
}

#[test]
fn equal_scores_are_ordered_by_time_and_then_by_key() {
    let query = query("nut");
    let document = |key: u32, at: i64| Document {
        key,
        counts: query.count(["nut"]),
        occurred_at: Timestamp(at),
        previous: None,
        next: None,
    };
    let statistics = Statistics { documents: 9, total_terms: 9, document_frequency: vec![3] };
    let documents = [document(3, 5), document(2, 7), document(1, 5)];
    let ranked = rank(&query, &statistics, &documents, Weights::default(), 2);
    assert_eq!(ranked.iter().map(|r| r.key).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn why_adds_up_to_the_score_and_names_the_terms() {
    let query = query("nut tea");
    let (statistics, documents) = talk(&query, &["nut y", "tea nut", "y y", "y x"]);
    let ranked = rank(&query, &statistics, &documents, Weights::default(), 1);
    let Ranked { key, score, why } = &ranked[0];
    assert_eq!((*key, why.terms.as_slice()), (1, ["nut".to_owned(), "tea".to_owned()].as_slice()));
    assert!((why.turn + why.window + why.neighbours - score).abs() < 1e-9);
}

#[test]
fn leaving_out_documents_without_a_term_changes_nothing_of_the_best() {
    let query = query("nut");
    let (statistics, documents) = talk(&query, &["y y", "nut y", "y y", "y y", "x x", "x x"]);
    let whole = rank(&query, &statistics, &documents, Weights::default(), 1);
    let matches: Vec<_> = documents.into_iter().filter(|d| d.counts.per_term[0] > 0).collect();
    assert_eq!(rank(&query, &statistics, &matches, Weights::default(), 1)[0].key, whole[0].key);
}

proptest! {
    #[test]
    fn a_ranking_is_finite_bounded_and_independent_of_the_order_of_candidates(
        turns in prop::collection::vec("[abc]( [abcxyz]){0,6}", 1..30), k in 0usize..40, seed in any::<u64>()
    ) {
        let query = query("a b c");
        let turns: Vec<&str> = turns.iter().map(String::as_str).collect();
        let (statistics, mut documents) = talk(&query, &turns);
        let ranked = rank(&query, &statistics, &documents, Weights::default(), k);
        prop_assert_eq!(ranked.len(), k.min(turns.len()));
        prop_assert!(ranked.iter().all(|r| r.score.is_finite()));
        let turn_by = (seed as usize) % documents.len();
        documents.rotate_left(turn_by);
        let keys = |ranked: &[Ranked<usize>]| ranked.iter().map(|r| r.key).collect::<Vec<_>>();
        prop_assert_eq!(keys(&ranked), keys(&rank(&query, &statistics, &documents, Weights::default(), k)));
    }
}
