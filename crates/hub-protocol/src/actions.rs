//! Actions: proposed, approved as shown, run once.

use crate::problem::PartProblem;
use crate::shape::{answers, requests};
use crate::vocabulary::{ActionState, Effect, Scope};
use serde_json::{Map, Value};
use uuid::Uuid;

requests! {
    /// `POST /v1/agents/{agent_id}/actions`.
    pub struct ProposeAction {
        /// Where.
        pub space_id: Uuid,
        /// Name of the tool, such as `message.send`.
        pub tool: String,
        /// As the tool's schema demands; at most [`crate::limits::ARGUMENTS_BYTES`] bytes.
        #[cfg_attr(feature = "openapi", schema(value_type = Object))]
        pub arguments: Map<String, Value>,
        /// Why, for the approver; at most [`crate::limits::REASON_BYTES`] bytes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<String>,
        /// Chosen by the caller so that asking again makes no second one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub action_id: Option<Uuid>,
    }

    /// `POST /v1/actions/{action_id}/approve`.
    pub struct ApproveAction {
        /// The digest that was shown: `sha256:` and 64 hex digits.
        pub binding_digest: String,
    }

    /// `POST /v1/actions/{action_id}/reject`.
    #[derive(Default)]
    pub struct RejectAction {
        /// Why; at most [`crate::limits::REASON_BYTES`] bytes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<String>,
    }
}

requests! {
    /// `POST /v1/actions/{action_id}/resolve`: how a run ended whose outcome is `unknown`.
    pub struct ResolveAction {
        /// What a person found out.
        pub outcome: ResolvedOutcome,
    }
}

/// How a run turned out to have ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ResolvedOutcome {
    /// It did what it was to do.
    Done,
    /// It did not.
    Failed,
}

answers! {
    /// An action.
    pub struct Action {
        /// Which.
        pub action_id: Uuid,
        /// Whose.
        pub agent_id: Uuid,
        /// Where.
        pub space_id: Uuid,
        /// How far it is.
        pub state: ActionState,
        /// Name of the tool.
        pub tool: String,
        /// Its version when this was proposed.
        pub tool_version: String,
        /// Digest of its schema then.
        pub tool_schema_digest: String,
        /// What it will be given, whole.
        #[cfg_attr(feature = "openapi", schema(value_type = Object))]
        pub arguments: Map<String, Value>,
        /// What it may do.
        pub scopes: Vec<Scope>,
        /// What it does to the world.
        pub effect: Effect,
        /// Why, for the approver; may be empty.
        pub reason: String,
        /// The requester of the binding: kind of principal or planner, a colon, its id or name.
        pub proposed_by: String,
        /// What was said that led to it.
        pub source_event_ids: Vec<Uuid>,
        /// `sha256:` and 64 hex digits: what an approver answers with.
        pub binding_digest: String,
        /// Version of the policy that judged it; 0 is the one built in.
        pub policy_version: u64,
        /// Who decided what.
        pub approvals: Vec<Approval>,
        /// RFC 3339: after this nobody can approve it.
        pub expires_at: String,
        /// RFC 3339: when it was proposed.
        pub created_at: String,
        /// What the tool returned.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub result: Option<Value>,
        /// Why it did not end as `done`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub problem: Option<PartProblem>,
    }

    /// A person's decision.
    pub struct Approval {
        /// Who decided.
        pub person_id: Uuid,
        /// `approved` or `rejected`.
        pub decision: String,
        /// What that person was shown.
        pub binding_digest: String,
        /// RFC 3339.
        pub decided_at: String,
        /// RFC 3339: when a run consumed it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub consumed_at: Option<String>,
    }
}
