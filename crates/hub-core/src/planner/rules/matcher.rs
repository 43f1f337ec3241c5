//! Runs a compiled template against a sentence from one position on. Each attempt is bounded, so
//! that the time for a text grows with its length only.

use super::slots::{self, Place};
use super::template::{Step, Template};
use super::text::Kind;

/// Steps of one attempt; an attempt that needs more does not match.
const STEPS: usize = 4_000;

/// What a slot holds: tokens from `start` up to `end`, or the value that they stand for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Capture {
    pub(super) slot: String,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) value: Option<String>,
}

/// A match, from where it was tried up to `end`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Match {
    pub(super) end: usize,
    pub(super) captures: Vec<Capture>,
}

impl Match {
    /// What a slot holds.
    pub(super) fn capture(&self, slot: &str) -> Option<&Capture> {
        self.captures.iter().find(|capture| capture.slot == slot)
    }
}

/// All matches that `accept` does not refuse, best first; with `first_only`, at most one.
pub(super) fn run(
    template: &Template,
    place: &Place<'_>,
    start: usize,
    first_only: bool,
    accept: impl Fn(usize) -> bool,
) -> Vec<Match> {
    let mut found = Vec::new();
    let mut waiting = vec![(0_usize, start, Vec::new())];
    let mut steps = 0;
    while let Some((step, at, captures)) = waiting.pop() {
        steps += 1;
        if steps > STEPS {
            break;
        }
        match template.steps.get(step) {
            Some(Step::Word(word)) => {
                if place
                    .sentence
                    .tokens
                    .get(at)
                    .is_some_and(|token| token.kind != Kind::Quote && token.norm == *word)
                {
                    waiting.push((step + 1, at + 1, captures));
                }
            }
            Some(Step::Fork(one, other)) => {
                waiting.push((*other, at, captures.clone()));
                waiting.push((*one, at, captures));
            }
            Some(Step::Jump(to)) => waiting.push((*to, at, captures)),
            Some(Step::List { list, slot }) => {
                // The last one pushed is tried first.
                for (end, value) in slots::phrases(place, list, at).into_iter().rev() {
                    let mut captures = captures.clone();
                    if let Some(slot) = slot {
                        // The capital letter of a sentence's first word is not the word's own.
                        let lower = |()| place.sentence.shown(at, end).to_lowercase();
                        let value = value.or_else(|| (at == 0).then_some(()).map(lower));
                        captures.push(Capture { slot: slot.clone(), start: at, end, value });
                    }
                    waiting.push((step + 1, end, captures));
                }
            }
            Some(Step::Slot { slot, kind }) => {
                let last = matches!(template.steps.get(step + 1), Some(Step::End));
                for filler in slots::fillers(place, kind, at, last).into_iter().rev() {
                    let mut captures = captures.clone();
                    captures.push(Capture {
                        slot: slot.clone(),
                        start: at,
                        end: filler.end,
                        value: filler.value,
                    });
                    waiting.push((step + 1, filler.next, captures));
                }
            }
            Some(Step::End) if accept(at) => {
                found.push(Match { end: at, captures });
                if first_only {
                    break;
                }
            }
            Some(Step::End) | None => {}
        }
    }
    found
}
