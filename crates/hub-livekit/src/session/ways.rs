//! Which data channels are open, so that what is sent by them arrives.

/// The channels of one stay.
#[derive(Debug, Default)]
pub(super) struct Ways {
    /// Ours, by the publisher's connection.
    out: bool,
    /// The server's, by the subscriber's connection.
    back: bool,
    /// A participant that may not subscribe has no connection of the server's, and gets messages by its own.
    one_alone: bool,
    told: bool,
}

impl Ways {
    /// A join says by which connection the server sends.
    pub(super) const fn answered(&mut self, subscriber_primary: bool) {
        self.one_alone = !subscriber_primary;
    }

    pub(super) const fn opened(&mut self, publisher: bool, reliable: bool) {
        match (publisher, reliable) {
            (true, true) => self.out = true,
            (false, true) => self.back = true,
            // The other channel of the same connection, which opens with it.
            (_, false) => {}
        }
    }

    /// The connections are others, whose channels are not open yet.
    pub(super) const fn are_new(&mut self) {
        (self.out, self.back) = (false, false);
    }

    pub(super) const fn stand(&self) -> bool {
        self.out && (self.back || self.one_alone)
    }

    /// Answers `true` once.
    pub(super) const fn stand_for_the_first_time(&mut self) -> bool {
        let first = self.stand() && !self.told;
        self.told |= first;
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_stand_and_that_is_told_once() {
        let mut ways = Ways::default();
        ways.answered(true);
        ways.opened(true, true);
        ways.opened(false, false);
        assert!(!ways.stand_for_the_first_time());
        ways.opened(false, true);
        assert!(ways.stand_for_the_first_time() && !ways.stand_for_the_first_time());
        ways.are_new();
        assert!(!ways.stand());
        ways.opened(true, true);
        ways.opened(false, true);
        assert!(ways.stand() && !ways.stand_for_the_first_time());
    }

    #[test]
    fn who_may_not_subscribe_has_one_way_alone() {
        let mut ways = Ways::default();
        ways.answered(false);
        ways.opened(true, true);
        assert!(ways.stand());
    }
}
