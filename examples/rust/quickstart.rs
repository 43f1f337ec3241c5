//! A hub inside a program: somebody says something, it is remembered, a reminder is proposed,
//! approved and set, and the log proves every step. No server, no key, no network.

use hub_core::events::NewEvent;
use hub_core::hub::actions::ActionFilter;
use hub_core::memory::RecallRequest;
use hub_core::page::PageRequest;
use hub_core::vocabulary::Role;
use hub_core::{Context, Hub, Result};

#[tokio::main]
async fn main() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("hub-quickstart-{}", std::process::id()));
    let hub = Hub::open(&folder).await?;

    let admin = Context::admin();
    let agent = hub.agents().create(&admin, "home".into()).await?.agent_id;
    let kitchen = hub.spaces().create(&admin, agent, "kitchen".into()).await?.space_id;
    let anna = hub.people().create(&admin, agent, "Anna".into()).await?.person_id;
    let anna = Context::operator(agent, anna, Role::Owner);

    let said = NewEvent::said(&hub, kitchen, "I am allergic to nuts. Remind me to buy milk tomorrow at 9.")?;
    hub.events().append(&anna, said).await?;
    hub.drained(agent).await?;

    for found in hub.memory().recall(&anna, RecallRequest::new("what is Anna allergic to?")).await?.memories {
        println!("remembered: {}", found.memory.content);
    }
    for action in
        hub.actions().list(&anna, agent, ActionFilter::default(), PageRequest::default()).await?.items
    {
        println!("proposed:   {} {}", action.tool, action.arguments);
        hub.actions().approve(&anna, action.action_id, action.binding_digest).await?;
        hub.drained(agent).await?;
        println!("now:        {}", hub.actions().get(&anna, action.action_id).await?.state);
    }
    println!("log holds:  {}", hub.audit().verify(&admin).await?.holds());
    hub.shutdown().await;
    Ok(())
}

#[test]
fn it_runs_to_its_end() {
    main().unwrap();
}
