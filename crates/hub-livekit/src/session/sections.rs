//! Sections of a description by which tracks of others come, where one connection carries both ways: the server
//! says how many it lacks, and this side offers them.

/// The most that one offer adds; the server asks again for those that are left.
pub(super) const MANY: u32 = 64;

/// What the server has told of sections that it lacks.
#[derive(Debug, Default)]
pub(super) struct Lacking {
    /// Sections of video that it lacks and is never given.
    videos: u32,
    /// Nothing was told since the last answer.
    answered: bool,
}

impl Lacking {
    /// The server answered an offer. Where it still lacks something it now tells all of it once more.
    pub(super) const fn answered(&mut self) {
        self.answered = true;
    }

    /// How many sections of sound the next offer adds; `None` where no offer is called for. That the server lacks
    /// nothing means that something else of it has changed, which an offer as it is brings to light.
    pub(super) fn told(&mut self, sounds: u32, videos: u32) -> Option<u32> {
        let repeated = self.answered && self.videos > 0;
        self.answered = false;
        let known = self.videos;
        self.videos = if repeated { videos } else { known.saturating_add(videos) };
        let stale = repeated && sounds == 0 && videos <= known && videos > 0;
        (!stale).then_some(sounds.min(MANY))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lacking_is_offered_and_nothing_means_an_offer_as_it_is() {
        let mut lacking = Lacking::default();
        assert_eq!(
            [lacking.told(2, 0), lacking.told(0, 0), lacking.told(1_000, 0)],
            [Some(2), Some(0), Some(MANY)]
        );
    }

    /// A server that lacks video says so after every answer, for ever; an offer each time would never end.
    #[test]
    fn video_that_is_never_given_is_asked_for_in_vain_but_once() {
        let mut lacking = Lacking::default();
        assert_eq!(lacking.told(0, 1), Some(0));
        for _ in 0..3 {
            lacking.answered();
            assert_eq!(lacking.told(0, 1), None);
        }
        // Somebody with another camera, whose microphone takes a section that was free.
        assert_eq!(lacking.told(0, 1), Some(0));
        lacking.answered();
        assert_eq!(lacking.told(0, 2), None);
        lacking.answered();
        assert_eq!(lacking.told(1, 2), Some(1));
    }
}
