//! What planning costs, as it is told while it happens.

use std::sync::{Mutex, PoisonError};

/// Tokens and requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Requests to a model.
    pub requests: u64,
    /// Tokens that it read.
    pub input_tokens: u64,
    /// Tokens that it wrote.
    pub output_tokens: u64,
}

impl Usage {
    /// Both together.
    #[must_use]
    pub fn and(self, more: Self) -> Self {
        Self {
            requests: self.requests.saturating_add(more.requests),
            input_tokens: self.input_tokens.saturating_add(more.input_tokens),
            output_tokens: self.output_tokens.saturating_add(more.output_tokens),
        }
    }

    /// Tokens of both kinds.
    #[must_use]
    pub fn tokens(self) -> u64 {
        self.input_tokens.saturating_add(self.output_tokens)
    }

    /// Whether nothing was asked and nothing spent.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

/// Counts what the planning of one window costs. It outlives a request that is given up: what was told
/// until then counts.
#[derive(Debug, Default)]
pub struct Meter(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    told: Usage,
    /// What the request is thought to cost that has no answer yet.
    under_way: Usage,
}

impl Meter {
    /// A request goes out that is thought to cost this many tokens of input.
    pub fn asked(&self, input_tokens: u64) {
        self.change(|counted| {
            counted.told = counted.told.and(counted.under_way);
            counted.under_way = Usage { requests: 1, input_tokens, output_tokens: 0 };
        });
    }

    /// What the last request cost in truth.
    pub fn answered(&self, input_tokens: u64, output_tokens: u64) {
        self.change(|counted| {
            counted.told = counted.told.and(Usage { requests: 1, input_tokens, output_tokens });
            counted.under_way = Usage::default();
        });
    }

    /// Everything so far.
    #[must_use]
    pub fn read(&self) -> Usage {
        let counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counted.told.and(counted.under_way)
    }

    fn change(&self, change: impl FnOnce(&mut Counted)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_without_an_answer_counts_as_it_was_thought() {
        let meter = Meter::default();
        assert!(meter.read().is_nothing());
        meter.asked(100);
        meter.answered(90, 20);
        meter.asked(200);
        assert_eq!(meter.read(), Usage { requests: 2, input_tokens: 290, output_tokens: 20 });
        assert_eq!(meter.read().tokens(), 310);
    }
}
