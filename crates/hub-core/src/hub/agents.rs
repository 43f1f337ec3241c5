//! `hub.agents()`.

use super::Agents;
use crate::artifacts;
use crate::audit::EntryDraft;
use crate::clock::Timestamp;
use crate::context::{Context, Need, Scoped, agent_of_admin, scoped_by_hub};
use crate::ids::{AgentId, MemoryId};
use crate::memory::erase;
use crate::page::{Page, PageRequest};
use crate::planner::run::parts_of;
use crate::planner::{Usage, budget};
use crate::queue::dead_letters::{Depth, depths};
use crate::store::{Reach, Row, Tx, across, boxed, declare};
use crate::text::{language, name};
use crate::{Error, Result};
use hub_protocol::vocabulary::PlannerKind;
use std::collections::BTreeMap;
use uuid::Uuid;

/// An agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Which.
    pub agent_id: AgentId,
    /// Its name.
    pub name: String,
    /// The language that its people speak, a BCP 47 tag.
    pub language: String,
    /// Which planner it uses.
    pub planner: PlannerKind,
    /// When it was made.
    pub created_at: Timestamp,
}

/// An agent to be made; a name is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAgent {
    /// 1 to 200 characters.
    pub name: String,
    /// A BCP 47 tag; by default `en`.
    pub language: Option<String>,
    /// By default `rules`.
    pub planner: Option<PlannerKind>,
}

impl From<&str> for NewAgent {
    fn from(name: &str) -> Self {
        Self { name: name.to_owned(), language: None, planner: None }
    }
}

/// What to change of an agent; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgentPatch {
    /// 1 to 200 characters.
    pub name: Option<String>,
    /// A BCP 47 tag.
    pub language: Option<String>,
    /// Which planner.
    pub planner: Option<PlannerKind>,
}

/// How an agent is: its queues, its log and its counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// Depth of each queue, by name.
    pub queues: BTreeMap<String, Depth>,
    /// Entries in the log.
    pub audit_size: i64,
    /// Hash of the log's last entry.
    pub audit_head: [u8; 32],
    /// What models cost for the agent today (UTC).
    pub spent_today: Usage,
    /// Tokens that they may read and write for it in a day.
    pub tokens_per_day: u64,
    /// Counts of what the agent has, by name.
    pub counts: BTreeMap<String, i64>,
}

declare! {
    INSERT = "INSERT INTO agents (agent_id, number, name, language, planner, created_at) \
              VALUES ($1, $2, $3, $4, $5, $6)";
    INSERT_FIRST = "INSERT INTO agents (agent_id, number, name, language, planner, created_at) \
                    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (number) DO NOTHING RETURNING agent_id";
    ONE = "SELECT agent_id, name, language, planner, created_at FROM agents WHERE agent_id = $1";
    UPDATE = "UPDATE agents SET name = coalesce($2, name), language = coalesce($3, language), \
              planner = coalesce($4, planner) WHERE agent_id = $1 RETURNING agent_id";
    DELETE = "DELETE FROM agents WHERE agent_id = $1 RETURNING agent_id";
    MEMORIES = "SELECT memory_id FROM memories WHERE agent_id = $1 ORDER BY doc LIMIT 1000";
    HEAD = "SELECT size, hash FROM audit_heads WHERE agent_id = $1";
    COUNTS = "SELECT 'events', count(*) FROM events WHERE agent_id = $1 AND forgotten_at IS NULL \
              UNION ALL SELECT 'spaces', count(*) FROM spaces WHERE agent_id = $1 AND deleted_at IS NULL \
              UNION ALL SELECT 'people', count(*) FROM people WHERE agent_id = $1 AND deleted_at IS NULL \
              UNION ALL SELECT 'devices', count(*) FROM devices WHERE agent_id = $1 AND revoked_at IS NULL \
              UNION ALL SELECT 'memories_' || tier, count(*) FROM memories WHERE agent_id = $1 GROUP BY tier \
              UNION ALL SELECT 'actions_' || state, count(*) FROM actions WHERE agent_id = $1 GROUP BY state \
              UNION ALL SELECT 'artifacts', count(*) FROM artifacts WHERE agent_id = $1 GROUP BY agent_id \
              UNION ALL SELECT 'windows_' || state, count(*) FROM windows WHERE agent_id = $1 GROUP BY state";
}

fn unknown() -> Error {
    Error::not_found("unknown_agent", "no such agent")
}

fn read(mut row: Row) -> Result<Agent> {
    Ok(Agent {
        agent_id: row.take(0)?,
        name: row.take(1)?,
        language: row.take(2)?,
        planner: row.word(3)?,
        created_at: row.take(4)?,
    })
}

/// The agent, which must be there.
pub(crate) async fn load(tx: &mut Tx, agent: Scoped) -> Result<Agent> {
    read(tx.row(&ONE, vec![agent.agent_id().into()]).await?.ok_or_else(unknown)?)
}

/// Which agents there may be when one is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Among {
    Others,
    None,
}

impl Among {
    /// The number of the new agent, unless there are agents where none may be. The first has a number
    /// that no other is given.
    async fn number(self, tx: &mut Tx) -> Result<Option<i64>> {
        match self {
            Self::Others => tx.across(across::NEXT_AGENT, vec![]).await?.remove(0).take(0).map(Some),
            Self::None => {
                let any = tx.across(across::AGENTS, vec![Uuid::nil().into(), 1_i64.into()]).await?;
                Ok(any.is_empty().then_some(1))
            }
        }
    }
}

impl Agents {
    /// Makes an agent. Only an admin does.
    ///
    /// # Errors
    /// `invalid` for a name or language out of bounds; `denied` for other callers.
    pub async fn create(&self, context: &Context, new: NewAgent) -> Result<Agent> {
        self.make(context, new, Among::Others).await?.ok_or_else(unknown)
    }

    /// Makes the first agent of an empty database. `None` when there is an agent, though another hub on
    /// the same database is making it at this moment: of several that start at once, one makes it.
    ///
    /// # Errors
    /// As [`Agents::create`].
    pub async fn create_first(&self, context: &Context, new: NewAgent) -> Result<Option<Agent>> {
        self.make(context, new, Among::None).await
    }

    async fn make(&self, context: &Context, new: NewAgent, among: Among) -> Result<Option<Agent>> {
        agent_of_admin(context)?;
        let (name, context) = (name(&new.name, "name")?, context.clone());
        let language = language(new.language.as_deref().unwrap_or("en"))?;
        let planner = new.planner.unwrap_or(PlannerKind::Rules);
        self.planner_runs(planner)?;
        let agent = scoped_by_hub(AgentId(self.hub.store.new_id(self.hub.now())?));
        self.hub
            .store
            .write(agent, move |tx| {
                boxed(async move {
                    let now = tx.now();
                    let Some(number) = among.number(tx).await? else { return Ok(None) };
                    let parameters = vec![
                        agent.agent_id().into(),
                        number.into(),
                        name.into(),
                        language.into(),
                        planner.as_str().into(),
                        now.into(),
                    ];
                    match among {
                        Among::Others => tx.run(&INSERT, parameters),
                        // The number of the first is taken once, whatever another process does now.
                        Among::None if tx.row(&INSERT_FIRST, parameters).await?.is_none() => return Ok(None),
                        Among::None => {}
                    }
                    tx.audit(agent, EntryDraft::new(now, "agent.created", &context.principal)).await?;
                    load(tx, agent).await.map(Some)
                })
            })
            .await
    }

    /// One agent.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get(&self, context: &Context, agent_id: AgentId) -> Result<Agent> {
        let agent = self.hub.allow(context, agent_id, Need::See)?;
        self.hub.store.read(agent, move |tx| boxed(load(tx, agent))).await
    }

    /// The agents that the caller may see: all of them for an admin, else the caller's own.
    ///
    /// # Errors
    /// `invalid` for a malformed cursor, `limit` for too large a page.
    pub async fn list(&self, context: &Context, page: PageRequest) -> Result<Page<Agent>> {
        let (after, rows) = (page.after_id()?, page.rows()?);
        if let Some(agent_id) = context.principal.agent_id() {
            let own = self.get(context, agent_id).await?;
            let items = if own.agent_id.0 > after { vec![own] } else { Vec::new() };
            return Ok(Page { items, next_cursor: None });
        }
        self.hub
            .store
            .read(Reach::nobody(), move |tx| {
                boxed(async move {
                    let rows = tx.across(across::AGENTS, vec![after.into(), rows.into()]).await?;
                    let agents = rows.into_iter().map(read).collect::<Result<Vec<_>>>()?;
                    Page::of(agents, &page, |agent| agent.agent_id.to_string())
                })
            })
            .await
    }

    /// Changes an agent. An admin or an owner may.
    ///
    /// # Errors
    /// `invalid` for values out of bounds or a planner that this hub does not run.
    pub async fn update(&self, context: &Context, agent_id: AgentId, patch: AgentPatch) -> Result<Agent> {
        let agent = self.hub.allow(context, agent_id, Need::Arrange)?;
        let (context, name) = (context.clone(), patch.name.map(|text| name(&text, "name")).transpose()?);
        let language = patch.language.as_deref().map(language).transpose()?;
        if let Some(planner) = patch.planner {
            self.planner_runs(planner)?;
        }
        let planner = patch.planner.map(PlannerKind::as_str);
        self.hub
            .store
            .write(agent, move |tx| {
                boxed(async move {
                    let parameters = vec![agent_id.into(), name.into(), language.into(), planner.into()];
                    tx.row(&UPDATE, parameters).await?.ok_or_else(unknown)?;
                    tx.audit(agent, EntryDraft::new(tx.now(), "agent.changed", &context.principal)).await?;
                    load(tx, agent).await
                })
            })
            .await
    }

    /// Deletes an agent and everything of it but its log. Only an admin does.
    ///
    /// # Errors
    /// `not_found`; `denied` for other callers.
    pub async fn delete(&self, context: &Context, agent_id: AgentId) -> Result<()> {
        agent_of_admin(context)?;
        let agent = self.hub.allow(context, agent_id, Need::Arrange)?;
        let context = context.clone();
        let answer = self
            .hub
            .store
            .write(agent, move |tx| {
                boxed(async move {
                    load(tx, agent).await?;
                    artifacts::erase::of_agent(tx, agent).await?;
                    // Memories leave the full-text index before their rows leave the tables.
                    loop {
                        let rows = tx.rows(&MEMORIES, vec![agent_id.into()]).await?;
                        let ids: Vec<MemoryId> =
                            rows.into_iter().map(|mut row| row.take(0)).collect::<Result<_>>()?;
                        if ids.is_empty() {
                            break;
                        }
                        erase::memories(tx, agent, &ids).await?;
                    }
                    tx.row(&DELETE, vec![agent_id.into()]).await?.ok_or_else(unknown)?;
                    tx.audit(agent, EntryDraft::new(tx.now(), "agent.deleted", &context.principal)).await?;
                    Ok(())
                })
            })
            .await;
        self.hub.forget_tokens();
        answer
    }

    /// How the agent is. An admin or an operator may ask.
    ///
    /// # Errors
    /// `not_found`; `denied` for other callers.
    pub async fn status(&self, context: &Context, agent_id: AgentId) -> Result<Status> {
        let agent = self.hub.allow(context, agent_id, Need::Inspect)?;
        let tokens_per_day = self.hub.settings.plan_tokens_per_day;
        self.hub.store.read(agent, move |tx| boxed(status(tx, agent, tokens_per_day))).await
    }

    fn planner_runs(&self, kind: PlannerKind) -> Result<()> {
        if parts_of(kind).iter().all(|part| self.hub.planners.contains_key(part)) {
            return Ok(());
        }
        Err(Error::invalid("planner_missing", format!("no planner `{kind}` runs in this hub"))
            .field("planner"))
    }
}

async fn status(tx: &mut Tx, agent: Scoped, tokens_per_day: u64) -> Result<Status> {
    load(tx, agent).await?;
    let own = agent.agent_id();
    let (audit_size, audit_head) = match tx.row(&HEAD, vec![own.into()]).await? {
        Some(mut row) => (row.take(0)?, row.take(1)?),
        None => (0, [0; 32]),
    };
    let mut counts = BTreeMap::new();
    for mut row in tx.rows(&COUNTS, vec![own.into()]).await? {
        counts.insert(row.take(0)?, row.take(1)?);
    }
    let spent_today = budget::today(tx, agent).await?;
    let queues = depths(tx, agent).await?;
    Ok(Status { queues, audit_size, audit_head, spent_today, tokens_per_day, counts })
}
