//! Whether a grant is live: a pure decision.

use crate::clock::Timestamp;
use crate::ids::{ConsentId, PersonId};
use hub_protocol::vocabulary::ConsentKind;

/// A grant of consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Which grant.
    pub consent_id: ConsentId,
    /// Whose.
    pub person_id: PersonId,
    /// Of what.
    pub kind: ConsentKind,
    /// Since when.
    pub granted_at: Timestamp,
    /// Until when; without it, until it is revoked.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl Grant {
    /// Whether the grant holds at an instant. At its very expiry it no longer does.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

/// The grant of this kind that holds now, if one does.
pub(crate) fn live(grants: &[Grant], kind: ConsentKind, now: Timestamp) -> Option<ConsentId> {
    grants.iter().find(|grant| grant.kind == kind && grant.is_live(now)).map(|grant| grant.consent_id)
}
