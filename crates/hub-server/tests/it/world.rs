//! An agent with everything that the contract knows.

use super::harness::{ADMIN, Server, id, until};
use hub_core::vocabulary::Scope;
use serde_json::{Value, json};
use uuid::Uuid;

/// Where artifacts are handed in; the query says where they were made.
pub(crate) const ARTIFACTS: &str = "/v1/artifacts";

/// An agent, a space, and one token of each kind of principal.
pub(crate) struct World {
    pub(crate) agent: String,
    pub(crate) space: String,
    pub(crate) owner: String,
    pub(crate) member: String,
    pub(crate) guest: String,
    pub(crate) device: String,
    pub(crate) bare_device: String,
    pub(crate) delegate: String,
    pub(crate) bare_delegate: String,
}

impl World {
    pub(crate) async fn make(server: &Server, planner: &str) -> Self {
        let made = server.post("/v1/agents", ADMIN, json!({"name": "home", "planner": planner})).await;
        let agent = id(&made, "agent_id");
        let space =
            id(&server.post(&of(&agent, "spaces"), ADMIN, json!({"name": "kitchen"})).await, "space_id");
        let scopes: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
        let delegate = |scopes: Value| {
            let expires_at = "2199-01-01T00:00:00Z";
            json!({"kind": "delegate", "name": "d", "scopes": scopes, "spaces": [space], "expires_at": expires_at})
        };
        Self {
            owner: operator(server, &agent, "owner").await,
            member: operator(server, &agent, "member").await,
            guest: operator(server, &agent, "guest").await,
            device: device(server, &agent, json!(scopes)).await,
            bare_device: device(server, &agent, json!([])).await,
            delegate: token(server, &agent, delegate(json!(scopes))).await,
            bare_delegate: token(server, &agent, delegate(json!([]))).await,
            agent,
            space,
        }
    }

    /// A path with an id of this agent in place of each `{name}`, each thing made for this request.
    pub(crate) async fn path(&self, server: &Server, path: &str) -> String {
        if path == ARTIFACTS {
            return format!("{path}?space_id={}", self.space);
        }
        let Some((before, rest)) = path.split_once('{') else { return path.to_owned() };
        let (name, after) = rest.split_once('}').unwrap();
        let id = match name {
            "agent_id" => self.agent.clone(),
            "space_id" if path.ends_with("events") || path.ends_with("presence") => self.space.clone(),
            "type" => "custom.door".to_owned(),
            name => self.thing(server, name).await,
        };
        format!("{before}{id}{}", Box::pin(self.path(server, after)).await)
    }

    async fn thing(&self, server: &Server, name: &str) -> String {
        let own = |what: &str| of(&self.agent, what);
        match name {
            "space_id" => id(&server.post(&own("spaces"), ADMIN, json!({"name": "shed"})).await, name),
            "device_id" => id(&server.post(&own("devices"), ADMIN, json!({"name": "lamp"})).await, name),
            "person_id" => id(&server.post(&own("people"), ADMIN, json!({"name": "Anna"})).await, name),
            "token_id" => {
                let person = Box::pin(self.thing(server, "person_id")).await;
                let body = json!({"kind": "operator", "person_id": person, "role": "guest"});
                id(&server.post(&own("tokens"), ADMIN, body).await, name)
            }
            "consent_id" => {
                let person = Box::pin(self.thing(server, "person_id")).await;
                let path = format!("/v1/people/{person}/consents");
                id(&server.post(&path, &self.owner, json!({"kind": "voice"})).await, name)
            }
            "event_id" => {
                let event = self.event("good morning");
                assert_eq!(
                    server.post("/v1/events", &self.owner, event.clone()).await["results"][0]["status"],
                    "stored"
                );
                id(&event, name)
            }
            "memory_id" => {
                let body = json!({"space_id": self.space, "content": format!("a note {}", Uuid::new_v4())});
                id(&server.post(&own("memories"), &self.owner, body).await, name)
            }
            "artifact_id" => {
                let path = format!("{ARTIFACTS}?space_id={}", self.space);
                id(&server.post(&path, &self.owner, json!({"a": "drawing"})).await, name)
            }
            "action_id" => id(&server.post(&own("actions"), &self.owner, self.action()).await, name),
            "dead_letter_id" => {
                until("a dead letter", async || {
                    let page = server.get(&own("dead-letters"), &self.owner).await;
                    let event = self.event("plan this");
                    if page["items"].as_array().unwrap().is_empty() {
                        server.post("/v1/events", &self.owner, event).await;
                    }
                    page["items"][0][name].as_str().map(str::to_owned)
                })
                .await
            }
            other => panic!("no way to make a {other}"),
        }
    }

    pub(crate) fn event(&self, text: &str) -> Value {
        json!({
            "event_id": Uuid::new_v4(),
            "space_id": self.space,
            "type": "transcript_chunk",
            "occurred_at": "2026-03-01T10:00:00Z",
            "payload": {"text": text, "role": "user"},
        })
    }

    pub(crate) fn action(&self) -> Value {
        json!({"space_id": self.space, "tool": "memory.note", "arguments": {"text": "milk is out"}, "reason": "asked"})
    }
}

pub(crate) fn of(agent: &str, what: &str) -> String {
    format!("/v1/agents/{agent}/{what}")
}

/// A token of a new person with this role.
pub(crate) async fn operator(server: &Server, agent: &str, role: &str) -> String {
    let person = server.post(&of(agent, "people"), ADMIN, json!({"name": role})).await;
    token(server, agent, json!({"kind": "operator", "person_id": id(&person, "person_id"), "role": role}))
        .await
}

async fn token(server: &Server, agent: &str, body: Value) -> String {
    id(&server.post(&of(agent, "tokens"), ADMIN, body).await, "token")
}

pub(crate) async fn device(server: &Server, agent: &str, scopes: Value) -> String {
    id(&server.post(&of(agent, "devices"), ADMIN, json!({"name": "lamp", "scopes": scopes})).await, "token")
}

/// The status, once everything that was said is recallable and planned.
pub(crate) async fn drained(server: &Server, world: &World) -> Value {
    until("the queues to drain", async || {
        let status = server.get(&of(&world.agent, "status"), &world.owner).await;
        let is_drained = status["queues"]
            .as_object()
            .unwrap()
            .values()
            .all(|queue| ["ready", "leased", "delayed"].iter().all(|state| queue[*state] == 0));
        is_drained.then_some(status)
    })
    .await
}
