//! Bounds that the server itself holds: bodies and rates. Every refusal says which and how much.

mod body;
mod rate;

pub(crate) use body::{Bodies, drain, read};
pub(crate) use rate::Rate;

use crate::errors::Failure;
use crate::server::Settings;
use std::net::IpAddr;
use uuid::Uuid;

/// What the server counts.
#[derive(Debug)]
pub(crate) struct Limits {
    /// Tokens that stood for nobody, by source address.
    pub(crate) failed_tokens: FailedTokens,
    /// Events, by principal.
    events: Rate<Uuid>,
    /// Recalls, by principal.
    recalls: Rate<Uuid>,
    /// Bytes of bodies that are held.
    pub(crate) bodies: Bodies,
}

impl Limits {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            failed_tokens: FailedTokens(Rate::new(
                settings.failed_tokens_per_second,
                settings.failed_tokens_burst,
            )),
            events: Rate::new(settings.events_per_second, settings.events_per_second),
            recalls: Rate::new(settings.recalls_per_second, settings.recalls_per_second),
            bodies: Bodies::new(settings.bodies_bytes),
        }
    }

    /// Counts events of a principal.
    pub(crate) fn events(&self, principal: Uuid, events: usize) -> Result<(), Failure> {
        let events = u32::try_from(events).unwrap_or(u32::MAX);
        self.events.take(principal, events).map_err(|rate| {
            Failure::too_many("event_rate", "too many events", format_args!("{rate} events a second"))
        })
    }

    /// Counts a recall of a principal.
    pub(crate) fn recall(&self, principal: Uuid) -> Result<(), Failure> {
        self.recalls.take(principal, 1).map_err(|rate| {
            Failure::too_many("recall_rate", "too many recalls", format_args!("{rate} recalls a second"))
        })
    }
}

/// The addresses that one sender is sure to have: of IPv6 a network of 64 bits (RFC 4291, section
/// 2.5.4), out of which it may send from any.
fn neighbourhood(peer: IpAddr) -> IpAddr {
    match peer {
        IpAddr::V4(_) => peer,
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
    }
}

/// Refused tokens by source address.
#[derive(Debug)]
pub(crate) struct FailedTokens(Rate<IpAddr>);

impl FailedTokens {
    /// Whether this address has sent so many that its next one is not even looked at.
    pub(crate) fn is_exhausted(&self, peer: IpAddr) -> bool {
        self.0.is_exhausted(neighbourhood(peer))
    }

    /// Counts one.
    pub(crate) fn take(&self, peer: IpAddr) -> Result<(), Failure> {
        self.0.take(neighbourhood(peer), 1).map_err(|rate| {
            Failure::too_many(
                "failed_token_rate",
                "too many refused tokens from this address",
                format_args!("{rate} refused tokens a second"),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_ipv6_sender_does_not_escape_into_the_rest_of_its_network() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let failed = FailedTokens(Rate::new(1, 1));
        failed.take(address("2001:db8::1")).unwrap();
        assert!(failed.is_exhausted(address("2001:db8::2")));
        assert!(!failed.is_exhausted(address("2001:db8:0:1::1")));
        failed.take(address("192.0.2.1")).unwrap();
        assert!(!failed.is_exhausted(address("192.0.2.2")));
    }
}
