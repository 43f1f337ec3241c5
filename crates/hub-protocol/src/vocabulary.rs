//! Closed sets of words. Their text form is what travels and what is stored; it never changes.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A word that is not in the set that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownWord {
    /// The set, such as `action state`.
    pub set: &'static str,
    /// The words that are in it, separated by spaces.
    pub expected: &'static str,
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a known {}; one of: {}", self.set, self.expected)
    }
}

impl std::error::Error for UnknownWord {}

macro_rules! words {
    ($(#[$meta:meta])* $name:ident, $set:literal { $($(#[$vmeta:meta])* $variant:ident = $word:tt),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name {
            $($(#[$vmeta])* #[serde(rename = $word)] $variant),+
        }

        impl $name {
            /// Every word of the set, in its order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word as it travels and is stored.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }

        impl FromStr for $name {
            type Err = UnknownWord;
            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(UnknownWord { set: $set, expected: concat!($($word, " "),+).trim_ascii_end() }),
                }
            }
        }
    };
}

words! {
    /// Who calls.
    PrincipalKind, "kind of principal" {
        /// Creates things and sets privacy; never reads content, never approves.
        Admin = "admin",
        /// A person with a token; the only one who approves.
        Operator = "operator",
        /// A satellite.
        Device = "device",
        /// Another program or agent.
        Delegate = "delegate",
        /// The hub's own.
        Worker = "worker",
    }
}

words! {
    /// Role of an operator.
    Role, "role" {
        /// May grant and revoke consent for anyone, and approve.
        Owner = "owner",
        /// May approve, and read what is said in the spaces.
        Member = "member",
        /// May use the agent; never approves.
        Guest = "guest",
    }
}

words! {
    /// A permission.
    Scope, "scope" {
        /// Read events.
        EventsRead = "events:read",
        /// Post events.
        EventsWrite = "events:write",
        /// Recall and list memories.
        MemoriesRead = "memories:read",
        /// Write and forget memories.
        MemoriesWrite = "memories:write",
        /// Read presence.
        PresenceRead = "presence:read",
        /// Report presence.
        PresenceWrite = "presence:write",
        /// Read artifacts.
        ArtifactsRead = "artifacts:read",
        /// Store artifacts.
        ArtifactsWrite = "artifacts:write",
        /// Post what identifies a body: voice and face observations.
        BiometricsWrite = "biometrics:write",
        /// Read actions.
        ActionsRead = "actions:read",
        /// Propose actions.
        ActionsPropose = "actions:propose",
        /// Receive commands and messages.
        CommandsReceive = "commands:receive",
        /// Join the media room of a space.
        MediaJoin = "media:join",
    }
}

words! {
    /// What a person consents to.
    ConsentKind, "kind of consent" {
        /// Recognising and storing what was said aloud.
        Voice = "voice",
        /// Recognising a face.
        Face = "face",
        /// Keeping sound or pictures.
        Recording = "recording",
    }
}

words! {
    /// Who spoke: a person or the agent.
    SpeakerRole, "speaker role" {
        /// A person.
        User = "user",
        /// The agent itself; only the hub's own workers may post it.
        Agent = "agent",
    }
}

words! {
    /// How talk reached the hub.
    Modality, "modality" {
        /// Typed.
        Text = "text",
        /// Spoken; needs the person's live voice grant.
        Voice = "voice",
    }
}

words! {
    /// What became of one event of a request.
    EventStatus, "event status" {
        /// Durable: event, queue record and audit entry are committed.
        Stored = "stored",
        /// The same id was stored before.
        Duplicate = "duplicate",
        /// Said while the space was private: nothing was kept.
        Private = "private",
        /// Not stored; the problem says why.
        Refused = "refused",
    }
}

words! {
    /// The two tiers of memory.
    Tier, "memory tier" {
        /// What was said or seen.
        Episodic = "episodic",
        /// A fact derived from episodes.
        Semantic = "semantic",
    }
}

words! {
    /// State of an action.
    ActionState, "action state" {
        /// Waits for a person.
        AwaitingApproval = "awaiting_approval",
        /// A person approved; waits for a runner.
        Approved = "approved",
        /// The tool runs; the approval is consumed.
        Running = "running",
        /// The tool reported success.
        Done = "done",
        /// The tool reported failure, or the run was refused.
        Failed = "failed",
        /// The runner died during a tool that must not run twice.
        Unknown = "unknown",
        /// Policy refused.
        Denied = "denied",
        /// A person refused.
        Rejected = "rejected",
        /// Withdrawn before it ran.
        Cancelled = "cancelled",
        /// Nobody decided in time.
        Expired = "expired",
    }
}

impl ActionState {
    /// Whether a person is to decide.
    #[must_use]
    pub const fn awaits_a_person(self) -> bool {
        matches!(self, Self::AwaitingApproval)
    }

    /// Whether it will go on by itself.
    #[must_use]
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Approved | Self::Running)
    }

    /// Whether somebody should still look at it: it waits for a person, is under way, or ended
    /// without anybody knowing how.
    #[must_use]
    pub const fn is_open(self) -> bool {
        self.awaits_a_person() || self.is_under_way() || matches!(self, Self::Unknown)
    }

    /// Whether it did what it was to do.
    #[must_use]
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Done)
    }
}

words! {
    /// What a tool does to the world.
    Effect, "effect" {
        /// Only reads.
        Read = "read",
        /// Changes what the hub itself keeps.
        Internal = "internal",
        /// Reaches people or systems outside the hub.
        External = "external",
    }
}

words! {
    /// Which planner an agent uses.
    PlannerKind, "planner" {
        /// Sentence rules, offline.
        Rules = "rules",
        /// A language model behind OpenAI's Responses API.
        OpenAi = "openai",
        /// Rules first, the model for what they left.
        Both = "both",
    }
}

words! {
    /// What an error asks the caller to do.
    ErrorKind, "kind of error" {
        /// Correct the request.
        Invalid = "invalid",
        /// It does not exist, or not for this caller.
        NotFound = "not_found",
        /// It contradicts what is stored.
        Conflict = "conflict",
        /// This caller may not.
        Denied = "denied",
        /// Ask again later with the same id.
        Unavailable = "unavailable",
        /// A stated limit was reached.
        Limit = "limit",
        /// The hub is at fault.
        Internal = "internal",
    }
}

words! {
    /// Whether somebody is in a space.
    PresenceState, "presence state" {
        /// In the space.
        Present = "present",
        /// Not in the space.
        Away = "away",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_word_reads_back_as_itself() {
        for state in ActionState::ALL {
            assert_eq!(state.as_str().parse::<ActionState>(), Ok(*state));
        }
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse::<Scope>(), Ok(*scope));
        }
    }

    #[test]
    fn a_word_outside_the_set_is_answered_with_the_set() {
        let error = "boss".parse::<Role>().unwrap_err();
        assert_eq!(error.to_string(), "not a known role; one of: owner member guest");
    }
}
