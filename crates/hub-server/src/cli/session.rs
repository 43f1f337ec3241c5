//! What a client command needs: a hub, a token, an agent and a space.

use super::Common;
use super::client::Client;
use super::exit::{Failure, Outcome};
use super::home::{CLIENT, ClientFile, FEEDER_TOKEN, Home, OWNER_TOKEN};
use super::tls;
use clap::Args;
use hub_protocol::agents::Agent;
use hub_protocol::devices::{CreateDevice, DeviceCreated};
use hub_protocol::spaces::Space;
use hub_protocol::vocabulary::Scope;
use std::path::PathBuf;
use uuid::Uuid;

/// Which hub, and as whom. Without these, what `hub serve` left in the data folder counts.
#[derive(Debug, Args)]
pub(crate) struct Reach {
    /// Where the hub is, such as http://127.0.0.1:8377; https where the hub has a certificate
    #[arg(long, env = "HUB_URL", value_name = "URL")]
    url: Option<String>,
    /// Roots to believe beside the machine's at an https:// URL, in PEM form
    #[arg(long, env = "HUB_TLS_ROOT", value_name = "FILE")]
    tls_root: Option<PathBuf>,
    /// A token instead of the owner's
    #[arg(long, env = "HUB_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    token: Option<String>,
    /// Id or name of the agent
    #[arg(long, value_name = "AGENT")]
    agent: Option<String>,
}

/// A hub that answers to a token.
pub(crate) struct Session {
    pub(crate) home: Home,
    pub(crate) client: Client,
    pub(crate) agent_id: Uuid,
    file: Option<ClientFile>,
    /// Whether the token was named by the user; else it is the owner's.
    named_token: bool,
}

impl Session {
    /// Finds hub, token and agent.
    pub(crate) async fn open(common: &Common, reach: &Reach) -> Outcome<Self> {
        let home = Home::of(common)?;
        let file = home.client()?;
        let (url, trust) = match (&reach.url, &file) {
            (Some(url), _) => (url.clone(), tls::trust_named(url, reach.tls_root.as_deref())?),
            (None, Some(file)) => (file.url.clone(), tls::trust_of(&home, &file.url)?),
            (None, None) => return Err(no_hub(&home)),
        };
        let token = match &reach.token {
            Some(token) => token.clone(),
            None => home.token(OWNER_TOKEN)?.ok_or_else(|| no_token(&home))?,
        };
        let client = Client::new(&url, &token, &trust)?;
        let named_token = reach.token.is_some();
        // The ids in the file are those of the hub that wrote it, for the tokens beside it.
        let file = file.filter(|_| reach.url.is_none() && !named_token);
        let known = file.as_ref().and_then(|file| file.home).map(|home| home.agent_id);
        let agent_id = match (&reach.agent, known) {
            (Some(named), _) => find_agent(&client, Some(named)).await?,
            (None, Some(agent_id)) => agent_id,
            (None, None) => find_agent(&client, None).await?,
        };
        Ok(Self { home, client, agent_id, file, named_token })
    }

    /// A path below the agent's.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/v1/agents/{}/{rest}", self.agent_id)
    }

    /// The space that was named by id or name, else the one that the first start made, else the
    /// only one.
    pub(crate) async fn space(&self, named: Option<&str>) -> Outcome<Uuid> {
        let home = self.file.as_ref().and_then(|file| file.home);
        match (named, home) {
            (Some(named), _) if Uuid::try_parse(named).is_ok() => {
                Ok(Uuid::try_parse(named).unwrap_or_default())
            }
            (None, Some(home)) if home.agent_id == self.agent_id => Ok(home.space_id),
            _ => {
                let spaces = self.spaces().await?;
                one("space", named, spaces.iter().map(|space| (space.space_id, space.name.as_str())))
            }
        }
    }

    /// All spaces of the agent.
    pub(crate) async fn spaces(&self) -> Outcome<Vec<Space>> {
        let mut spaces = Vec::new();
        self.client
            .walk(&self.path("spaces"), |space: Space| {
                spaces.push(space);
                true
            })
            .await?;
        Ok(spaces)
    }

    /// A client that may pass on what others said. An operator speaks for nobody else, so the
    /// program is a device of the agent for that; the data folder keeps its token.
    pub(crate) async fn feeder(&self) -> Outcome<Client> {
        if self.named_token {
            return Ok(self.client.clone());
        }
        if let Some(token) = self.home.token(FEEDER_TOKEN)? {
            let client = self.client.with_token(&token);
            let (status, _) = client.probe(&self.path("people?limit=1")).await?;
            if status.is_success() {
                return Ok(client);
            }
        }
        let device = CreateDevice { name: "hub program".to_owned(), scopes: vec![Scope::EventsWrite] };
        let made: DeviceCreated = self.client.post(&self.path("devices"), &device).await?;
        self.home.write(FEEDER_TOKEN, made.token.expose())?;
        Ok(self.client.with_token(made.token.expose()))
    }
}

async fn find_agent(client: &Client, named: Option<&str>) -> Outcome<Uuid> {
    if let Some(id) = named.and_then(|named| Uuid::try_parse(named).ok()) {
        return Ok(id);
    }
    let mut agents: Vec<Agent> = Vec::new();
    client
        .walk("/v1/agents", |agent| {
            agents.push(agent);
            true
        })
        .await?;
    one("agent", named, agents.iter().map(|agent| (agent.agent_id, agent.name.as_str())))
}

/// The one thing that is meant: of this name, or the only one there is.
fn one<'a>(what: &str, named: Option<&str>, things: impl Iterator<Item = (Uuid, &'a str)>) -> Outcome<Uuid> {
    let matching: Vec<_> = things.filter(|(_, name)| named.is_none_or(|named| named == *name)).collect();
    match (matching.as_slice(), named) {
        ([(id, _)], _) => Ok(*id),
        ([], Some(named)) => {
            Err(Failure::usage("unknown_name", format!("there is no {what} named {named:?}")))
        }
        ([], None) => Err(Failure::usage("none", format!("there is no {what} yet"))
            .next("a hub that was started without --bare makes a home")),
        (several, _) => {
            let ids: Vec<String> = several.iter().map(|(id, name)| format!("{id} ({name})")).collect();
            Err(Failure::usage("ambiguous", format!("which {what}? there are {}", several.len()))
                .next(format!("name one with --{what}: {}", ids.join(", "))))
        }
    }
}

fn no_hub(home: &Home) -> Failure {
    let message = format!("no hub has run in {}", home.path().display());
    Failure::new(super::exit::Exit::Unreachable, "no_hub", message)
        .next("start one with `hub serve`, or name its folder with --data or its address with --url")
}

fn no_token(home: &Home) -> Failure {
    let message = format!("there is no {} in {}", OWNER_TOKEN, home.path().display());
    Failure::unusable("no_token", message).next(format!(
        "start `hub serve` again: it makes one, unless the agents of its database were made by another hub; \
         or name one with --token or HUB_TOKEN ({CLIENT} says where the hub is)"
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_thing_is_found_by_name_or_because_it_is_the_only_one() {
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let two = || [(a, "kitchen"), (b, "bath")].into_iter();
        assert_eq!(one("space", Some("bath"), two()).unwrap(), b);
        assert_eq!(one("space", None, two().take(1)).unwrap(), a);
        assert_eq!(one("space", None, two()).unwrap_err().code, "ambiguous");
        assert_eq!(one("space", Some("attic"), two()).unwrap_err().code, "unknown_name");
    }
}
