//! I5: no side effect without an approval of exactly what runs, used once.

use crate::world::{World, code, tool};
use hub_core::Context;
use hub_core::actions::Action;
use hub_core::audit::Digest;
use hub_core::hub::WorkerRole;
use hub_core::store::Value as Sql;
use hub_core::vocabulary::{ActionState, Role, Scope};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use uuid::Uuid;

struct Door {
    world: World,
    action: Action,
    runs: Arc<AtomicU64>,
    tool: Arc<dyn hub_core::tools::Tool>,
}

impl Door {
    /// An approved action; no runner looks yet.
    async fn approved() -> Self {
        let mut door = Self::proposed().await;
        door.action = door.world.approve(&door.action).await;
        door
    }

    async fn proposed() -> Self {
        let (tool, runs) = tool("door.open", "1.0.0", false, None);
        let world = World::build(|builder| builder.tool(tool.clone())).await;
        let action = world.propose("door.open", json!({ "door": "garden" })).await;
        assert_eq!(action.state, ActionState::AwaitingApproval);
        Self { world, action, runs, tool }
    }

    /// Starts the runner and waits until the action is in this state.
    async fn run_until(&mut self, state: ActionState) -> Action {
        let tool = self.tool.clone();
        self.world.restart(|builder| builder.tool(tool).workers(vec![WorkerRole::Tools])).await;
        self.world.reaches(self.action.action_id, state).await
    }

    fn runs(&self) -> u64 {
        self.runs.load(Ordering::SeqCst)
    }
}

fn problem(action: &Action) -> &str {
    action.problem.as_ref().and_then(|problem| problem["code"].as_str()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_approved_runs_once_and_uses_its_approval_up() {
    let mut door = Door::approved().await;
    assert_eq!(door.runs(), 0);
    let done = door.run_until(ActionState::Done).await;
    assert_eq!((door.runs(), done.result.unwrap()), (1, json!({ "run": 1 })));
    assert!(done.approvals[0].consumed_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_action_that_was_changed_does_not_run_and_says_why() {
    let id = Sql::Blob(vec![7; 16]);
    let changes: [(&str, Sql); 7] = [
        ("UPDATE actions SET arguments = $1", r#"{"door":"front"}"#.into()),
        ("UPDATE actions SET tool_version = $1", "9.0.0".into()),
        ("UPDATE actions SET tool_schema_digest = $1", Sql::Blob(vec![7; 32])),
        ("UPDATE actions SET proposed_by = $1", format!("operator:{}", Uuid::from_u128(7)).into()),
        ("UPDATE actions SET scopes = $1", r#"["memories:write"]"#.into()),
        ("UPDATE actions SET expires_at = expires_at + $1", 1.into()),
        ("UPDATE actions SET binding_digest = $1", Sql::Blob(vec![7; 32])),
    ];
    for (sql, value) in changes {
        let mut door = Door::approved().await;
        door.world.sql(sql, vec![value]).await;
        let failed = door.run_until(ActionState::Failed).await;
        assert_eq!((problem(&failed), door.runs()), ("binding_changed", 0), "{sql}");
        assert_eq!(failed.approvals[0].consumed_at, None, "{sql}");
        assert_eq!(door.world.logged("action.failed").await, 1, "{sql}");
    }
    // What is approved for one space, policy or tool is approved for no other.
    let mut door = Door::approved().await;
    door.world
        .sql("INSERT INTO spaces SELECT agent_id, $1, 'x', 0, 1, NULL FROM agents", vec![id.clone()])
        .await;
    door.world.sql("UPDATE actions SET space_id = $1", vec![id]).await;
    assert_eq!(problem(&door.run_until(ActionState::Failed).await), "binding_changed");
    let mut door = Door::approved().await;
    door.world.sql("UPDATE actions SET policy_version = $1", vec![1.into()]).await;
    assert_eq!(problem(&door.run_until(ActionState::Failed).await), "binding_changed");
    let mut door = Door::approved().await;
    door.world.sql("UPDATE actions SET tool = $1", vec!["memory.note".into()]).await;
    assert_eq!(problem(&door.run_until(ActionState::Failed).await), "binding_changed");
    assert_eq!(door.runs(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_of_something_else_starts_nothing() {
    let mut door = Door::approved().await;
    door.world.sql("UPDATE approvals SET binding_digest = $1", vec![Sql::Blob(vec![7; 32])]).await;
    assert_eq!(problem(&door.run_until(ActionState::Failed).await), "not_approved");
    let mut door = Door::approved().await;
    door.world.sql("UPDATE approvals SET decision = $1", vec!["rejected".into()]).await;
    assert_eq!(problem(&door.run_until(ActionState::Failed).await), "not_approved");
    assert_eq!(door.runs(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_is_used_up_by_the_first_run() {
    let mut door = Door::approved().await;
    door.run_until(ActionState::Done).await;
    let id = door.action.action_id;
    door.world.sql("UPDATE actions SET state = $1", vec!["approved".into()]).await;
    door.world
        .sql(
            "INSERT INTO queue (queue, agent_id, key, state, available_at, enqueued_at) \
             VALUES ('tools', $1, $2, 'ready', 0, 0)",
            vec![door.world.agent_id.into(), id.into()],
        )
        .await;
    let failed = door.run_until(ActionState::Failed).await;
    assert_eq!((problem(&failed), door.runs()), ("not_approved", 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_without_an_approval_runs_nothing() {
    for state in ["awaiting_approval", "approved"] {
        let mut door = Door::proposed().await;
        door.world.sql("UPDATE actions SET state = $1", vec![state.into()]).await;
        door.world
            .sql(
                "INSERT INTO queue (queue, agent_id, key, state, available_at, enqueued_at) \
                 VALUES ('tools', $1, $2, 'ready', 0, 0)",
                vec![door.world.agent_id.into(), door.action.action_id.into()],
            )
            .await;
        let tool = door.tool.clone();
        door.world.restart(|builder| builder.tool(tool).workers(vec![WorkerRole::Tools])).await;
        door.world.done_with("tools").await;
        assert_eq!(door.runs(), 0, "{state}");
        assert_ne!(door.world.action(door.action.action_id).await.state, ActionState::Done);
    }
}

#[tokio::test]
async fn a_stale_digest_approves_nothing() {
    let door = Door::proposed().await;
    let (actions, owner, id) = (door.world.hub.actions(), door.world.owner(), door.action.action_id);
    let error = actions.approve(&owner, id, Digest([7; 32])).await.unwrap_err();
    assert_eq!((error.code(), error.field_name()), ("binding_changed", Some("binding_digest")));
    // What was shown is not what stands there any more.
    door.world.sql("UPDATE actions SET arguments = $1", vec![r#"{"door":"front"}"#.into()]).await;
    assert_eq!(code(actions.approve(&owner, id, door.action.binding_digest).await), "binding_changed");
    assert_eq!(door.world.action(id).await.state, ActionState::AwaitingApproval);
    assert_eq!(door.world.number("SELECT count(*) FROM approvals").await, 0);
    assert_eq!(door.world.number("SELECT count(*) FROM queue").await, 0);
}

#[tokio::test]
async fn only_a_person_who_may_decide_approves() {
    let door = Door::proposed().await;
    let (world, id, digest) = (&door.world, door.action.action_id, door.action.binding_digest);
    let delegate = Context::new(hub_core::Principal::Delegate {
        agent_id: world.agent_id,
        token_id: Uuid::from_u128(1).into(),
        scopes: Scope::ALL.to_vec(),
        spaces: vec![world.space_id],
        expires_at: hub_core::clock::Timestamp(i64::MAX),
    });
    for who in [
        Context::device(world.agent_id, Uuid::from_u128(1).into(), Scope::ALL.to_vec()),
        Context::operator(world.agent_id, world.ben, Role::Guest),
        Context::worker(world.agent_id, "planner:rules"),
        delegate,
    ] {
        assert_eq!(code(world.hub.actions().approve(&who, id, digest).await), "not_an_approver", "{who:?}");
        assert_eq!(code(world.hub.actions().reject(&who, id, None).await), "not_an_approver", "{who:?}");
        assert_eq!(code(world.hub.actions().resolve(&who, id, true).await), "not_an_approver", "{who:?}");
    }
    assert!(world.hub.actions().approve(&Context::admin(), id, digest).await.is_err());
    assert_eq!(world.action(id).await.state, ActionState::AwaitingApproval);
    let by_member = world.hub.actions().approve(&world.member(), id, digest).await.unwrap();
    assert_eq!(by_member.approvals[0].person_id, world.ben);
    // Once.
    assert_eq!(code(world.hub.actions().approve(&world.owner(), id, digest).await), "action_state");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_that_has_expired_starts_nothing() {
    let mut door = Door::approved().await;
    door.world.clock.set(door.action.expires_at);
    let expired = door.run_until(ActionState::Expired).await;
    assert_eq!((problem(&expired), door.runs()), ("action_expired", 0));
    let door = Door::proposed().await;
    door.world.clock.set(door.action.expires_at);
    let (id, digest) = (door.action.action_id, door.action.binding_digest);
    let approve = door.world.hub.actions().approve(&door.world.owner(), id, digest).await;
    assert_eq!(code(approve), "action_expired");
    door.world.clock.set(door.action.expires_at.before(Duration::from_micros(1)));
    assert_eq!(door.world.approve(&door.action).await.state, ActionState::Approved);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_version_of_the_tool_does_not_take_an_approved_action() {
    let mut door = Door::approved().await;
    let (newer, newer_runs) = tool("door.open", "2.0.0", false, None);
    door.world.restart(|builder| builder.tool(newer).workers(vec![WorkerRole::Tools])).await;
    for _ in 0..20 {
        door.world.pass(Duration::from_millis(250));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(door.world.action(door.action.action_id).await.state, ActionState::Approved);
    assert_eq!(newer_runs.load(Ordering::SeqCst), 0);
    assert_eq!(door.run_until(ActionState::Done).await.state, ActionState::Done);
    assert_eq!(door.runs(), 1);
}
