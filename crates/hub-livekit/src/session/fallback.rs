//! Which ways beside UDP are tried, and when. Nothing here connects: it is told the time.

use crate::room::Route;
use std::time::{Duration, Instant};

/// How long a way is tried alone before the next one is tried beside it: the time within which the first answer
/// comes on any but a very slow network, so that where UDP works no other way is begun.
const ALONE: Duration = Duration::from_millis(500);
/// How long UDP may take where something comes by it: what is sent may be what is swallowed.
const HALF_WORKING: Duration = Duration::from_secs(3);
/// How long a connection over TCP that stands may take until media can go by it: the server chooses an address that
/// it finds by checks a second after it began.
const CHOICE: Duration = Duration::from_millis(1_500);

/// What may be tried at all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowed {
    pub(super) tcp: bool,
    /// Nothing but relays.
    pub(super) relays_alone: bool,
}

/// The ways of one peer connection.
#[derive(Debug)]
pub(super) struct Fallback {
    allowed: Allowed,
    /// When the other side was described with the credentials that it has now.
    since: Option<Instant>,
}

/// What is known of TCP to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tcp {
    /// The server listens nowhere, or nowhere that can be reached.
    Nowhere,
    /// It was not tried yet, or nobody answered yet.
    Unknown,
    /// A connection stands.
    Open,
}

/// What is to be tried now, and when that changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) tcp: bool,
    pub(super) relays: bool,
    pub(super) until: Option<Instant>,
}

impl Fallback {
    pub(super) const fn new(allowed: Allowed) -> Self {
        Self { allowed, since: None }
    }

    pub(super) const fn allowed(&self) -> Allowed {
        self.allowed
    }

    /// The other side has new credentials: every way to it is looked for anew.
    pub(super) const fn described(&mut self, now: Instant) {
        self.since = Some(now);
    }

    /// What is to be tried. `heard` is when something came last, `connected` whether media can flow, `last` the way by
    /// which it went last.
    pub(super) fn wanted(
        &self,
        now: Instant,
        heard: Instant,
        connected: bool,
        open: Tcp,
        last: Option<Route>,
    ) -> Wanted {
        let nothing = Wanted { tcp: false, relays: false, until: None };
        if self.allowed.relays_alone {
            // An allocation takes longer than a description: it is asked for at once.
            return Wanted { relays: true, ..nothing };
        }
        let Some(since) = self.since else { return nothing };
        if heard > since && connected {
            return nothing;
        }
        // What was needed last time is likely to be needed again.
        let tcp = match last {
            Some(Route::Tcp | Route::Relay(_)) => since,
            _ if heard > since && open == Tcp::Unknown => since + HALF_WORKING,
            _ => since + ALONE,
        };
        let relays = match last {
            Some(Route::Relay(_)) => since,
            _ if !self.allowed.tcp || open == Tcp::Nowhere => tcp,
            _ => tcp + if open == Tcp::Open { CHOICE } else { ALONE },
        };
        let until = [tcp, relays].into_iter().filter(|at| *at > now).min();
        Wanted { tcp: self.allowed.tcp && now >= tcp, relays: now >= relays, until }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::RelayTransport;

    const ALL: Allowed = Allowed { tcp: true, relays_alone: false };
    const NOTHING: Wanted = Wanted { tcp: false, relays: false, until: None };

    fn described(allowed: Allowed) -> (Fallback, Instant) {
        let (mut fallback, now) = (Fallback::new(allowed), Instant::now());
        assert_eq!(fallback.wanted(now, now, false, Tcp::Unknown, None), NOTHING);
        fallback.described(now);
        (fallback, now)
    }

    #[test]
    fn udp_is_tried_alone_then_tcp_and_relays_last() {
        let (fallback, now) = described(ALL);
        let wanted = |after| fallback.wanted(now + after, now, false, Tcp::Unknown, None);
        assert_eq!(wanted(Duration::ZERO), Wanted { until: Some(now + ALONE), ..NOTHING });
        assert_eq!(wanted(ALONE), Wanted { tcp: true, relays: false, until: Some(now + ALONE * 2) });
        assert_eq!(wanted(ALONE * 2), Wanted { tcp: true, relays: true, until: None });
        // A connection over TCP that stands is given its time.
        let wanted = |after| fallback.wanted(now + after, now, false, Tcp::Open, None).relays;
        assert!(!wanted(ALONE * 2) && wanted(ALONE + CHOICE));
    }

    #[test]
    fn where_udp_works_nothing_else_is_begun() {
        let (fallback, now) = described(ALL);
        let heard = now + Duration::from_millis(30);
        assert_eq!(fallback.wanted(now + ALONE * 9, heard, true, Tcp::Unknown, None), NOTHING);
        // What was heard before the restart says nothing.
        assert!(fallback.wanted(now + ALONE, now, true, Tcp::Unknown, None).tcp);
        // Something comes, and media cannot flow: it may still be about to.
        assert!(!fallback.wanted(now + ALONE * 2, heard, false, Tcp::Unknown, None).tcp);
        assert!(fallback.wanted(now + HALF_WORKING, heard, false, Tcp::Unknown, None).tcp);
    }

    #[test]
    fn a_server_without_tcp_is_not_waited_for() {
        let (fallback, now) = described(ALL);
        assert!(fallback.wanted(now + ALONE, now, false, Tcp::Nowhere, None).relays);
        let (fallback, now) = described(Allowed { tcp: false, ..ALL });
        let wanted = fallback.wanted(now + ALONE, now, false, Tcp::Unknown, None);
        assert!(wanted.relays && !wanted.tcp);
    }

    #[test]
    fn what_was_needed_is_tried_at_once() {
        let (fallback, now) = described(ALL);
        let tcp = fallback.wanted(now, now, false, Tcp::Unknown, Some(Route::Tcp));
        assert_eq!(tcp, Wanted { tcp: true, relays: false, until: Some(now + ALONE) });
        let relay = Some(Route::Relay(RelayTransport::Udp));
        let wanted = fallback.wanted(now, now, false, Tcp::Unknown, relay);
        assert_eq!((wanted.relays, wanted.until), (true, None));
    }

    #[test]
    fn relays_alone_wait_for_nothing() {
        let (fallback, now) = (Fallback::new(Allowed { tcp: true, relays_alone: true }), Instant::now());
        let wanted = fallback.wanted(now, now, false, Tcp::Nowhere, None);
        assert_eq!(wanted, Wanted { relays: true, ..NOTHING });
    }
}
