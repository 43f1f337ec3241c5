//! A hub with an agent, a space and a person who talks.

use crate::cli::exit::Outcome;
use hub_core::events::NewEvent;
use hub_core::hub::WorkerRole;
use hub_core::ids::{AgentId, SpaceId};
use hub_core::vocabulary::Role;
use hub_core::{Context, Hub, HubBuilder};
use std::path::Path;

pub(super) struct House {
    pub(super) hub: Hub,
    pub(super) agent: AgentId,
    space: SpaceId,
    pub(super) owner: Context,
}

impl House {
    /// Without workers nothing is indexed or planned.
    pub(super) async fn open(folder: &Path, workers: Vec<WorkerRole>) -> Outcome<Self> {
        let hub = HubBuilder::in_folder(folder).workers(workers).open().await?;
        let admin = Context::admin();
        let agent = hub.agents().create(&admin, "bench".into()).await?.agent_id;
        let space = hub.spaces().create(&admin, agent, "room".into()).await?.space_id;
        let person = hub.people().create(&admin, agent, "Anna".into()).await?.person_id;
        Ok(Self { hub, agent, space, owner: Context::operator(agent, person, Role::Owner) })
    }

    /// Something that was said.
    pub(super) fn said(&self, number: usize) -> Outcome<NewEvent> {
        const THINGS: [&str; 8] =
            ["boiler", "ferry", "garden", "kettle", "violin", "winter", "paint", "bread"];
        let thing = THINGS.get(number % THINGS.len()).copied().unwrap_or_default();
        let text = format!("somebody looked at the {thing} of number {number} and wrote it down");
        Ok(NewEvent::said(&self.hub, self.space, text)?)
    }
}
