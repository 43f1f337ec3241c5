//! The table of operations. Names are those of the core: sub-client, then method.

mod deeds;
mod events;
mod letters;
mod memory;
mod presence;
mod things;
mod tokens;

use crate::request::Call;
use hub_core::{Error, Hub, Result};
use std::future::Future;
use std::pin::Pin;

type Running = Pin<Box<dyn Future<Output = Result<String>> + Send>>;

/// An operation, by name.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// Such as `spaces.create`.
    pub name: &'static str,
    run: fn(Hub, Call) -> Running,
}

macro_rules! operations {
    ($($name:literal => $run:path,)+) => {
        /// Every operation, by name.
        pub const OPERATIONS: &[Operation] =
            &[$(Operation { name: $name, run: |hub, call| Box::pin($run(hub, call)) },)+];
    };
}

operations! {
    "actions.approve" => deeds::approve,
    "actions.cancel" => deeds::cancel,
    "actions.get" => deeds::get,
    "actions.list" => deeds::list,
    "actions.propose" => deeds::propose,
    "actions.reject" => deeds::reject,
    "actions.resolve" => deeds::resolve,
    "agents.create" => things::create_agent,
    "agents.delete" => things::delete_agent,
    "agents.get" => things::get_agent,
    "agents.list" => things::list_agents,
    "agents.status" => things::status,
    "agents.update" => things::update_agent,
    "audit.checkpoint" => deeds::checkpoint,
    "audit.entries" => deeds::entries,
    "audit.verify" => deeds::verify,
    "consent.grant" => things::grant,
    "consent.list" => things::list_grants,
    "consent.revoke" => things::revoke_grant,
    "devices.create" => things::create_device,
    "devices.get" => things::get_device,
    "devices.list" => things::list_devices,
    "devices.revoke" => things::revoke_device,
    "devices.rotate" => things::rotate_device,
    "devices.update" => things::update_device,
    "events.append" => events::append,
    "events.end" => events::end,
    "events.follow" => events::follow,
    "events.forget" => events::forget,
    "events.get_type" => events::get_type,
    "events.list" => events::list,
    "events.list_types" => events::list_types,
    "events.put_type" => events::put_type,
    "hub.drained" => things::drained,
    "hub.version" => things::version,
    "memory.edit" => memory::edit,
    "memory.forget" => memory::forget,
    "memory.get" => memory::get,
    "memory.list" => memory::list,
    "memory.note" => memory::note,
    "memory.recall" => memory::recall,
    "people.create" => things::create_person,
    "people.delete" => things::delete_person,
    "people.get" => things::get_person,
    "people.list" => things::list_people,
    "people.update" => things::update_person,
    "planner.dead_letters" => letters::list,
    "planner.replay" => letters::replay,
    "presence.list" => presence::list,
    "presence.report" => presence::report,
    "spaces.create" => things::create_space,
    "spaces.delete" => things::delete_space,
    "spaces.get" => things::get_space,
    "spaces.list" => things::list_spaces,
    "spaces.update" => things::update_space,
    "tokens.create" => tokens::create,
    "tokens.list" => tokens::list,
    "tokens.revoke" => tokens::revoke,
    "tools.list" => deeds::tools,
}

/// Runs an operation.
pub(crate) async fn run(hub: Hub, name: &str, request: &str) -> Result<String> {
    let operation = OPERATIONS.iter().find(|operation| operation.name == name);
    let operation = operation
        .ok_or_else(|| Error::not_found("unknown_operation", format!("there is no operation {name}")))?;
    let call = Call::read(&hub, request).await?;
    (operation.run)(hub, call).await
}
