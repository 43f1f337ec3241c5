//! Principals and the context that carries one.

use crate::clock::Timestamp;
use crate::ids::{AgentId, DeviceId, PersonId, SpaceId, TokenId};
use hub_protocol::vocabulary::{PrincipalKind, Role, Scope};

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// Creates agents and what belongs to them. Never reads content, never approves.
    Admin,
    /// A person.
    Operator {
        /// The agent that the person uses.
        agent_id: AgentId,
        /// Who.
        person_id: PersonId,
        /// What the person may do.
        role: Role,
    },
    /// A satellite.
    Device {
        /// The agent that it serves.
        agent_id: AgentId,
        /// Which.
        device_id: DeviceId,
        /// What it may do.
        scopes: Vec<Scope>,
    },
    /// Another program or agent.
    Delegate {
        /// The agent that it may use.
        agent_id: AgentId,
        /// Its token.
        token_id: TokenId,
        /// What it may do.
        scopes: Vec<Scope>,
        /// Where it may do it.
        spaces: Vec<SpaceId>,
        /// Until when.
        expires_at: Timestamp,
    },
    /// The hub's own worker for an agent.
    Worker {
        /// The agent.
        agent_id: AgentId,
        /// Which worker, such as `planner:rules`.
        name: String,
    },
}

impl Principal {
    /// The kind of principal.
    #[must_use]
    pub fn kind(&self) -> PrincipalKind {
        match self {
            Self::Admin => PrincipalKind::Admin,
            Self::Operator { .. } => PrincipalKind::Operator,
            Self::Device { .. } => PrincipalKind::Device,
            Self::Delegate { .. } => PrincipalKind::Delegate,
            Self::Worker { .. } => PrincipalKind::Worker,
        }
    }

    /// The agent to which this principal belongs; an admin belongs to none.
    #[must_use]
    pub fn agent_id(&self) -> Option<AgentId> {
        match self {
            Self::Admin => None,
            Self::Operator { agent_id, .. }
            | Self::Device { agent_id, .. }
            | Self::Delegate { agent_id, .. }
            | Self::Worker { agent_id, .. } => Some(*agent_id),
        }
    }

    /// Kind and identifier, as the log and bindings name the principal: `device:<uuid>`.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Admin => "admin".to_owned(),
            Self::Operator { person_id, .. } => format!("operator:{person_id}"),
            Self::Device { device_id, .. } => format!("device:{device_id}"),
            Self::Delegate { token_id, .. } => format!("delegate:{token_id}"),
            Self::Worker { name, .. } => format!("worker:{name}"),
        }
    }
}

/// The caller's context: the first parameter of every operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Who calls.
    pub principal: Principal,
    /// Identifier of the trace that the call belongs to, if the caller has one.
    pub trace_id: Option<String>,
}

impl Context {
    /// A context of this principal. A program that embeds the hub is trusted to say who calls;
    /// over a network, [`crate::hub::Tokens::authenticate`] says it.
    #[must_use]
    pub fn new(principal: Principal) -> Self {
        Self { principal, trace_id: None }
    }

    /// The administrator of the hub.
    #[must_use]
    pub fn admin() -> Self {
        Self::new(Principal::Admin)
    }

    /// A person with a role.
    #[must_use]
    pub fn operator(agent_id: AgentId, person_id: PersonId, role: Role) -> Self {
        Self::new(Principal::Operator { agent_id, person_id, role })
    }

    /// A satellite with scopes.
    #[must_use]
    pub fn device(agent_id: AgentId, device_id: DeviceId, scopes: Vec<Scope>) -> Self {
        Self::new(Principal::Device { agent_id, device_id, scopes })
    }

    /// One of the hub's own workers.
    #[must_use]
    pub fn worker(agent_id: AgentId, name: impl Into<String>) -> Self {
        Self::new(Principal::Worker { agent_id, name: name.into() })
    }

    /// The same context with a trace identifier.
    #[must_use]
    pub fn traced(mut self, trace_id: impl Into<String>) -> Self {
        self.trace_id = Some(trace_id.into());
        self
    }
}

impl From<&Principal> for crate::audit::Actor {
    fn from(principal: &Principal) -> Self {
        let kind = principal.kind();
        match principal {
            Principal::Admin => Self::admin(),
            Principal::Operator { person_id, .. } => Self::new(kind, person_id),
            Principal::Device { device_id, .. } => Self::new(kind, device_id),
            Principal::Delegate { token_id, .. } => Self::new(kind, token_id),
            Principal::Worker { name, .. } => Self::new(kind, name),
        }
    }
}
