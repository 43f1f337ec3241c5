//! Bounds that the server itself holds: bodies and rates. Every refusal says which and how much.

mod body;
mod rate;

pub(crate) use body::{Bodies, read};
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

/// Refused tokens by source address.
#[derive(Debug)]
pub(crate) struct FailedTokens(Rate<IpAddr>);

impl FailedTokens {
    /// Whether this address has sent so many that its next one is not even looked at.
    pub(crate) fn is_exhausted(&self, peer: IpAddr) -> bool {
        self.0.is_exhausted(peer)
    }

    /// Counts one.
    pub(crate) fn take(&self, peer: IpAddr) -> Result<(), Failure> {
        self.0.take(peer, 1).map_err(|rate| {
            Failure::too_many(
                "failed_token_rate",
                "too many refused tokens from this address",
                format_args!("{rate} refused tokens a second"),
            )
        })
    }
}
