//! What a participant may do, as the server says.

use super::Source;
use crate::error::{Error, Result};
use livekit_protocol as proto;

/// What a participant may do in the room: what its token says, until the server changes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Permission {
    /// It may hear and see others.
    pub subscribe: bool,
    /// It may publish tracks.
    pub publish: bool,
    /// The only sources of which it may publish; any where there is none.
    pub sources: Vec<Source>,
    /// It may send messages, streams and calls.
    pub send: bool,
    /// It may change its own metadata and attributes.
    pub change_itself: bool,
}

/// What needs a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Publish(Source),
    Send,
    ChangeItself,
}

impl Permission {
    fn allows(&self, deed: Deed) -> bool {
        match deed {
            Deed::Publish(source) => {
                self.publish && (self.sources.is_empty() || self.sources.contains(&source))
            }
            Deed::Send => self.send,
            Deed::ChangeItself => self.change_itself,
        }
    }
}

/// Refuses what the server would not do. A server that says nothing of permissions refuses by itself.
pub(crate) fn check(permission: Option<&Permission>, deed: Deed) -> Result<()> {
    if permission.is_none_or(|permission| permission.allows(deed)) {
        return Ok(());
    }
    Err(Error::NotAllowed { what: deed.what() })
}

impl Deed {
    pub(crate) const fn what(self) -> &'static str {
        match self {
            Self::Publish(Source::Microphone) => "publishing a microphone",
            Self::Publish(Source::ScreenShareAudio) => "publishing the sound of a screen",
            Self::Publish(_) => "publishing a track of that source",
            Self::Send => "sending messages",
            Self::ChangeItself => "changing its own metadata and attributes",
        }
    }
}

impl From<&proto::ParticipantPermission> for Permission {
    fn from(told: &proto::ParticipantPermission) -> Self {
        Self {
            subscribe: told.can_subscribe,
            publish: told.can_publish,
            sources: told.can_publish_sources.iter().map(|source| Source::of(*source)).collect(),
            send: told.can_publish_data,
            change_itself: told.can_update_metadata,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_allowed_is_named_and_nothing_else_is_refused() {
        let told = proto::ParticipantPermission {
            can_publish: true,
            can_publish_sources: vec![proto::TrackSource::Microphone.into()],
            can_publish_data: false,
            can_update_metadata: true,
            ..Default::default()
        };
        let permission = Permission::from(&told);
        let refused = |deed| check(Some(&permission), deed).is_err();
        assert!(!refused(Deed::Publish(Source::Microphone)) && !refused(Deed::ChangeItself));
        assert!(refused(Deed::Publish(Source::ScreenShareAudio)) && refused(Deed::Send));
        let any = Permission { publish: true, ..Permission::default() };
        assert!(check(Some(&any), Deed::Publish(Source::Unknown)).is_ok());
        assert!(check(Some(&Permission::default()), Deed::Publish(Source::Microphone)).is_err());
    }

    #[test]
    fn who_is_told_nothing_refuses_nothing() {
        assert!(check(None, Deed::Send).is_ok());
    }
}
