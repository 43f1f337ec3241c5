//! The guard: a pure decision from who calls and what is needed.

use super::principal::{Context, Principal};
use crate::clock::Timestamp;
use crate::ids::{AgentId, SpaceId};
use crate::{Error, Result};
use hub_protocol::vocabulary::{Role, Scope};

/// An agent that a caller was allowed to name. Only the guard makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scoped {
    agent_id: AgentId,
}

impl Scoped {
    /// The agent.
    #[must_use]
    pub fn agent_id(self) -> AgentId {
        self.agent_id
    }
}

/// What an operation needs of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// To arrange the agent: admin, or an owner of it.
    Arrange,
    /// To read how the agent is arranged: spaces, people, devices, tools.
    See,
    /// To read status and the log: admin or an operator.
    Inspect,
    /// To use content under a scope, in a space where one is named. Never an admin.
    Content(Scope, Option<SpaceId>),
    /// To decide as a person: an owner or a member.
    Decide,
    /// To speak for oneself about consent: any operator; whose consent it is, is checked later.
    Person,
}

/// Answers the agent that the caller may use for this need.
///
/// # Errors
/// `not_found` when `agent_id` is another agent than the caller's, so that its existence is not
/// told; `denied` when the caller's kind, role, scopes, spaces or expiry do not allow it.
pub(crate) fn authorize(context: &Context, agent_id: AgentId, need: Need, now: Timestamp) -> Result<Scoped> {
    if let Some(own) = context.principal.agent_id()
        && own != agent_id
    {
        return Err(Error::not_found("unknown_agent", "no such agent"));
    }
    let allowed = match (&context.principal, need) {
        (Principal::Admin, Need::Arrange | Need::See | Need::Inspect) => true,
        (Principal::Admin, _) => false,
        (Principal::Operator { role, .. }, need) => operator_may(*role, need),
        (Principal::Device { scopes, .. }, Need::Content(scope, _)) => scopes.contains(&scope),
        (Principal::Device { .. }, Need::See) => true,
        (Principal::Device { .. }, _) => false,
        (Principal::Delegate { scopes, spaces, expires_at, .. }, need) => {
            if *expires_at <= now {
                return Err(Error::denied("token_expired", "this delegate's token has expired"));
            }
            match need {
                Need::Content(scope, Some(space)) => scopes.contains(&scope) && spaces.contains(&space),
                Need::Content(scope, None) => scopes.contains(&scope),
                _ => false,
            }
        }
        (Principal::Worker { .. }, Need::Content(..) | Need::See) => true,
        (Principal::Worker { .. }, _) => false,
    };
    if allowed { Ok(Scoped { agent_id }) } else { Err(refusal(context, need)) }
}

fn operator_may(role: Role, need: Need) -> bool {
    match need {
        Need::Arrange => role == Role::Owner,
        Need::See | Need::Inspect | Need::Person => true,
        Need::Decide => role != Role::Guest,
        Need::Content(scope, _) => {
            role != Role::Guest || !matches!(scope, Scope::MemoriesWrite | Scope::BiometricsWrite)
        }
    }
}

fn refusal(context: &Context, need: Need) -> Error {
    let who = context.principal.kind();
    match need {
        Need::Content(scope, Some(_)) => {
            Error::denied("missing_scope", format!("this {who} may not use {scope} in this space"))
        }
        Need::Content(scope, None) => {
            Error::denied("missing_scope", format!("this {who} may not use {scope}"))
        }
        Need::Decide => Error::denied(
            "not_an_approver",
            "only a person with the role owner or member decides about actions",
        ),
        _ => Error::denied("not_allowed", format!("this {who} may not do that")),
    }
}

/// An admin names an agent by one of its things; the caller has looked up whose it is.
///
/// # Errors
/// `denied` when the caller is not an admin.
pub(crate) fn agent_of_admin(context: &Context) -> Result<()> {
    match context.principal {
        Principal::Admin => Ok(()),
        _ => Err(Error::denied("not_allowed", format!("this {} may not do that", context.principal.kind()))),
    }
}

/// For the hub's own workers, which take an agent from a row of the queue or of a timer that they
/// hold, and for the writer, which appends to logs.
pub(crate) fn scoped_by_hub(agent_id: AgentId) -> Scoped {
    Scoped { agent_id }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ids::{DeviceId, PersonId, TokenId};
    use uuid::Uuid;

    const AGENT: AgentId = AgentId(Uuid::from_u128(1));
    const OTHER: AgentId = AgentId(Uuid::from_u128(2));
    const NOW: Timestamp = Timestamp(1_000);

    fn operator(role: Role) -> Context {
        Context::operator(AGENT, PersonId(Uuid::from_u128(3)), role)
    }

    #[test]
    fn another_agent_does_not_exist() {
        let device = Context::device(AGENT, DeviceId(Uuid::from_u128(4)), Scope::ALL.to_vec());
        for need in [Need::See, Need::Content(Scope::EventsRead, None), Need::Decide] {
            for context in [&operator(Role::Owner), &device] {
                assert_eq!(authorize(context, OTHER, need, NOW).unwrap_err().code(), "unknown_agent");
            }
        }
    }

    #[test]
    fn only_owners_and_members_decide() {
        assert!(authorize(&operator(Role::Owner), AGENT, Need::Decide, NOW).is_ok());
        assert!(authorize(&operator(Role::Member), AGENT, Need::Decide, NOW).is_ok());
        let device = Context::device(AGENT, DeviceId(Uuid::from_u128(4)), Scope::ALL.to_vec());
        let worker = Context::worker(AGENT, "planner:rules");
        for context in [operator(Role::Guest), device, worker, Context::admin()] {
            assert_eq!(authorize(&context, AGENT, Need::Decide, NOW).unwrap_err().code(), "not_an_approver");
        }
    }

    #[test]
    fn an_admin_never_reads_content() {
        for scope in Scope::ALL {
            assert!(authorize(&Context::admin(), AGENT, Need::Content(*scope, None), NOW).is_err());
        }
    }

    #[test]
    fn a_delegate_is_held_to_scopes_spaces_and_expiry() {
        let here = SpaceId(Uuid::from_u128(5));
        let there = SpaceId(Uuid::from_u128(6));
        let delegate = Context::new(Principal::Delegate {
            agent_id: AGENT,
            token_id: TokenId(Uuid::from_u128(7)),
            scopes: vec![Scope::EventsWrite],
            spaces: vec![here],
            expires_at: Timestamp(2_000),
        });
        assert!(authorize(&delegate, AGENT, Need::Content(Scope::EventsWrite, Some(here)), NOW).is_ok());
        assert!(authorize(&delegate, AGENT, Need::Content(Scope::EventsWrite, Some(there)), NOW).is_err());
        assert!(authorize(&delegate, AGENT, Need::Content(Scope::EventsRead, Some(here)), NOW).is_err());
        let late =
            authorize(&delegate, AGENT, Need::Content(Scope::EventsWrite, Some(here)), Timestamp(2_000));
        assert_eq!(late.unwrap_err().code(), "token_expired");
    }
}
