//! The first start: on an empty database, an agent `home` with a space `home` and an owner.
//!
//! A start that was interrupted is completed by the next one, and a lost owner's token is made
//! anew: whoever can start the hub on the folder holds the admin's token anyway. Of several hubs
//! that start at once on one empty database, one makes the agent; a folder that did not make what
//! it finds in a shared database takes none of it for its own.

use super::database::Database;
use super::exit::{Failure, Outcome};
use super::home::{Home, HomeIds, OWNER_TOKEN};
use hub_core::hub::agents::{Agent, NewAgent};
use hub_core::hub::tokens::NewToken;
use hub_core::ids::{AgentId, PersonId, SpaceId};
use hub_core::page::PageRequest;
use hub_core::vocabulary::Role;
use hub_core::{Context, Hub};

/// Name of the agent and of its space.
const HOME: &str = "home";
/// Name of the person; who it is can be said later.
const OWNER: &str = "owner";
/// Name of the file that stands while this folder makes the first agent of a shared database.
const MAKING: &str = "making";

/// What is there after a start.
pub(crate) struct First {
    /// The agent for which the commands of this program work without being told.
    pub(crate) ids: Option<HomeIds>,
    /// Whether it was made by this start.
    pub(crate) made: bool,
    /// Whether there are agents, and this folder holds no token of theirs.
    pub(crate) strangers: bool,
}

/// Makes what an empty database lacks, unless it is to stay bare.
pub(crate) async fn prepare(hub: &Hub, home: &Home, database: &Database, bare: bool) -> Outcome<First> {
    let admin = Context::admin();
    // A file that nobody can read is written anew below.
    let known = home.client().ok().flatten().and_then(|file| file.home);
    if let Some(ids) = known
        && hub.agents().get(&admin, AgentId(ids.agent_id)).await.is_ok()
    {
        return complete(hub, home, ids, false).await;
    }
    let agents = hub.agents().list(&admin, two()).await?.items;
    let none = First { ids: None, made: false, strangers: !agents.is_empty() };
    let ours = !database.is_shared() || home.read(MAKING)?.is_some();
    let agent = match agents.as_slice() {
        _ if bare => return Ok(none),
        [] => match make(hub, home, database).await? {
            Some(agent) => agent,
            None => return Ok(First { strangers: true, ..none }),
        },
        [only] if only.name == HOME && ours => only.clone(),
        _ => return Ok(none),
    };
    let ids = furnish(hub, &agent).await?;
    let first = complete(hub, home, ids, agents.is_empty()).await?;
    forget(home)?;
    Ok(first)
}

/// Makes the first agent, unless another hub is the first.
async fn make(hub: &Hub, home: &Home, database: &Database) -> Outcome<Option<Agent>> {
    if database.is_shared() {
        home.write(MAKING, "the first agent\n")?;
    }
    let made = hub.agents().create_first(&Context::admin(), NewAgent::from(HOME)).await?;
    if made.is_none() {
        forget(home)?;
    }
    Ok(made)
}

/// What this folder began is done, or was done by another.
fn forget(home: &Home) -> Outcome<()> {
    match std::fs::remove_file(home.file(MAKING)) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::machine(format!("{} cannot be removed", home.file(MAKING).display()), &cause))
        }
        _ => Ok(()),
    }
}

/// A space and a person for the agent, where it has none.
async fn furnish(hub: &Hub, agent: &Agent) -> Outcome<HomeIds> {
    let (admin, agent_id) = (Context::admin(), agent.agent_id);
    let spaces = hub.spaces().list(&admin, agent_id, two()).await?.items;
    let space_id: SpaceId = match spaces.first() {
        Some(space) => space.space_id,
        None => hub.spaces().create(&admin, agent_id, HOME.to_owned()).await?.space_id,
    };
    let people = hub.people().list(&admin, agent_id, two()).await?.items;
    let person_id: PersonId = match people.first() {
        Some(person) => person.person_id,
        None => hub.people().create(&admin, agent_id, OWNER.to_owned()).await?.person_id,
    };
    Ok(HomeIds { agent_id: agent_id.0, space_id: space_id.0, person_id: person_id.0 })
}

async fn complete(hub: &Hub, home: &Home, ids: HomeIds, made: bool) -> Outcome<First> {
    if made || home.token(OWNER_TOKEN)?.is_none() {
        let new = NewToken::Operator { person_id: PersonId(ids.person_id), role: Role::Owner };
        let (_, secret) = hub.tokens().create(&Context::admin(), AgentId(ids.agent_id), new).await?;
        home.write(OWNER_TOKEN, &format!("{}\n", secret.expose()))?;
    }
    Ok(First { ids: Some(ids), made, strangers: false })
}

fn two() -> PageRequest {
    PageRequest { limit: Some(2), cursor: None }
}
