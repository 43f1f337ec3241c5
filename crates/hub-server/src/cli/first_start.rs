//! The first start: on an empty database, an agent `home` with a space `home` and an owner.
//!
//! A start that was interrupted is completed by the next one, and a lost owner's token is made
//! anew: whoever can start the hub on the folder holds the admin's token anyway.

use super::exit::Outcome;
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

/// What is there after a start.
pub(crate) struct First {
    /// The agent for which the commands of this program work without being told.
    pub(crate) ids: Option<HomeIds>,
    /// Whether it was made by this start.
    pub(crate) made: bool,
}

/// Makes what an empty database lacks, unless it is to stay bare.
pub(crate) async fn prepare(hub: &Hub, home: &Home, bare: bool) -> Outcome<First> {
    let admin = Context::admin();
    // A file that nobody can read is written anew below.
    let known = home.client().ok().flatten().and_then(|file| file.home);
    if let Some(ids) = known
        && hub.agents().get(&admin, AgentId(ids.agent_id)).await.is_ok()
    {
        return complete(hub, home, ids, false).await;
    }
    let agents = hub.agents().list(&admin, two()).await?.items;
    let agent = match agents.as_slice() {
        _ if bare => return Ok(First { ids: None, made: false }),
        [] => hub.agents().create(&admin, NewAgent::from(HOME)).await?,
        [only] if only.name == HOME => only.clone(),
        _ => return Ok(First { ids: None, made: false }),
    };
    let ids = furnish(hub, &agent).await?;
    complete(hub, home, ids, agents.is_empty()).await
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
    Ok(First { ids: Some(ids), made })
}

fn two() -> PageRequest {
    PageRequest { limit: Some(2), cursor: None }
}
