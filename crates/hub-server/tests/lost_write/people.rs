//! Privacy, consent, forgetting, devices, new things, and looking.

use crate::client::{Answer, Asked, By, Client, Device, Fate, Gone, Made, SETTLED_WITHIN, text};
use crate::hub::ADMIN;
use crate::shared::{Agent, Flip, Held, Space, machine_now, violated};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

impl Client {
    /// Makes a space private, or open again.
    pub(crate) async fn flip(&mut self) -> Held {
        let space = self.any_space(None);
        let Ok(_mine) = space.flipping.try_lock() else { return Ok(()) };
        let now = self.shared.tick();
        // Spaces are open most of the time, so that something is stored.
        let on = space.private_during(now, now) == Some(false) && self.random.once_in(3);
        let jumps = self.shared.jumps.load(Ordering::SeqCst);
        let first = self.random.index(self.shared.hubs.len());
        let (hub, url) = self.up(first).await?;
        let offset = self.shared.hubs[hub].clock();
        let before = machine_now() + offset;
        let place =
            space.begin_flip(Flip { on, begin: self.shared.tick(), end: None, clock: None, jumps, offset });
        let url = format!("{url}/v1/spaces/{}", space.id);
        let body = json!({ "privacy_mode": on });
        match self.ask_at("privacy", &space.agent.owner, ("PATCH", &url), Some(&body)).await? {
            Answer::Said(200, answer) if answer["privacy_mode"] == on => {
                let after = machine_now() + offset;
                let same = self.shared.jumps.load(Ordering::SeqCst) == jumps;
                space.end_flip(place, self.shared.tick(), same.then_some((before, after)));
                Ok(())
            }
            Answer::Unknown => Ok(()),
            other => violated("an owner sets privacy", format!("space {}: {other:?}", space.id)),
        }
    }

    /// Says something aloud; without a grant it must not be kept.
    pub(crate) async fn speak(&mut self) -> Held {
        let space = self.any_space(Some(self.voice.agent.number));
        let place = self.new_event(By::Member, space, true);
        self.send("voice", &[(place, 0)]).await
    }

    /// Grants when nothing is granted, else revokes, which erases what was said under the grants.
    pub(crate) async fn consent(&mut self) -> Held {
        if self.voice.unsure {
            return self.settle_consent().await;
        }
        if !self.voice.grants.is_empty() {
            return self.revoke().await;
        }
        let (path, token) = (format!("/v1/people/{}/consents", self.voice.person), self.voice.token.clone());
        match self.ask("grant", &token, ("POST", &path), Some(&json!({ "kind": "voice" }))).await?.1 {
            Answer::Said(201, grant) => self.voice.grants.push(text(&grant, "consent_id")),
            Answer::Unknown => self.voice.unsure = true,
            other => return violated("a person consents", format!("{other:?}")),
        }
        Ok(())
    }

    async fn revoke(&mut self) -> Held {
        let token = self.voice.token.clone();
        for grant in self.voice.grants.clone() {
            let path = format!("/v1/consents/{grant}");
            match self.ask("revoke", &token, ("DELETE", &path), None).await?.1 {
                Answer::Said(204, _) => self.voice.grants.retain(|kept| *kept != grant),
                Answer::Unknown => {
                    self.voice.unsure = true;
                    self.voices_gone(Gone::Perhaps);
                    return Ok(());
                }
                other => return violated("a person revokes", format!("grant {grant}: {other:?}")),
            }
        }
        self.voices_gone(Gone::Yes);
        Ok(())
    }

    fn voices_gone(&mut self, gone: Gone) {
        let stored = |said: &&mut crate::client::Said| said.voice && matches!(said.fate, Fate::Stored(_));
        for said in self.said.iter_mut().filter(stored).filter(|said| said.gone != Gone::Yes) {
            said.gone = gone;
        }
    }

    /// Looks which grants live, revokes them all, and so knows again.
    pub(crate) async fn settle_consent(&mut self) -> Held {
        let (path, token) =
            (format!("/v1/people/{}/consents?limit=500", self.voice.person), self.voice.token.clone());
        let Answer::Said(200, page) = self.ask("look at grants", &token, ("GET", &path), None).await?.1
        else {
            return Ok(());
        };
        let items = page["items"].as_array().cloned().unwrap_or_default();
        let live = items.iter().filter(|grant| grant["revoked_at"].is_null());
        self.voice.grants = live.map(|grant| text(grant, "consent_id")).collect();
        self.voice.unsure = false;
        self.revoke().await
    }

    pub(crate) async fn forget(&mut self) -> Held {
        let stored =
            |said: &crate::client::Said| matches!(said.fate, Fate::Stored(_)) && said.gone == Gone::No;
        let places: Vec<usize> = (0..self.said.len()).filter(|place| stored(&self.said[*place])).collect();
        if places.is_empty() {
            return Ok(());
        }
        let place = places[self.random.index(places.len())];
        self.forget_this(place).await
    }

    pub(crate) async fn forget_this(&mut self, place: usize) -> Held {
        let (id, token) = (self.said[place].id, self.said[place].space.agent.owner.clone());
        let (path, before) = (format!("/v1/events/{id}"), self.said[place].gone);
        match self.ask("forget", &token, ("DELETE", &path), None).await?.1 {
            Answer::Said(204, _) => self.said[place].gone = Gone::Yes,
            Answer::Said(404, _) if before != Gone::No => self.said[place].gone = Gone::Yes,
            Answer::Unknown => self.said[place].gone = Gone::Perhaps,
            other => return violated("what is stored can be forgotten", format!("event {id}: {other:?}")),
        }
        Ok(())
    }

    /// A device comes, says something, and is put out of service.
    pub(crate) async fn device(&mut self) -> Held {
        let place = match self.devices.iter().position(|device| device.revoked == Gone::No) {
            Some(place) => place,
            None => return self.new_device().await,
        };
        if self.random.once_in(4) {
            self.revoke_device(place).await?;
        }
        let device = self.random.index(self.devices.len());
        let device = if self.random.once_in(2) { device } else { place };
        let space = self.any_space(Some(self.devices[device].agent));
        let event = self.new_event(By::Device(device), space, false);
        self.send("device event", &[(event, 0)]).await
    }

    async fn new_device(&mut self) -> Held {
        let agent = self.any_space(None).agent.clone();
        let name = self.name();
        let body = json!({ "name": name, "scopes": ["events:write"] });
        let made = self.create(&format!("/v1/agents/{}/devices", agent.id), body).await?;
        self.made.push(Made { table: "devices", name, acknowledged: made.is_some() });
        if let Some(made) = made {
            let (id, token) = (text(&made, "device_id"), text(&made, "token"));
            self.devices.push(Device { id, agent: agent.number, token, revoked: Gone::No, revoked_at: None });
        }
        Ok(())
    }

    pub(crate) async fn revoke_device(&mut self, place: usize) -> Held {
        let path = format!("/v1/devices/{}/revoke", self.devices[place].id);
        match self.ask("revoke device", ADMIN, ("POST", &path), None).await? {
            (hub, Answer::Said(200, _)) => {
                self.devices[place].revoked = Gone::Yes;
                self.devices[place].revoked_at = Some((hub, Instant::now()));
            }
            (_, Answer::Unknown) => self.devices[place].revoked = Gone::Perhaps,
            other => return violated("a device is put out of service", format!("{path}: {other:?}")),
        }
        Ok(())
    }

    fn name(&mut self) -> String {
        let next = self.number();
        format!("thing {} {next}", self.number)
    }

    /// A new space, or a new agent with all that it needs.
    pub(crate) async fn make(&mut self) -> Held {
        let agent = match self.agents < 16 && self.random.once_in(3) {
            true => self.make_agent().await?,
            false => Some(self.any_space(None).agent.clone()),
        };
        let Some(agent) = agent else { return Ok(()) };
        let name = self.name();
        let path = format!("/v1/agents/{}/spaces", agent.id);
        let made = self.create_as(&agent.owner, &path, json!({ "name": name })).await?;
        self.made.push(Made { table: "spaces", name, acknowledged: made.is_some() });
        if let Some(made) = made {
            self.spaces.push(Arc::new(Space::of(agent, text(&made, "space_id"))));
        }
        Ok(())
    }

    async fn make_agent(&mut self) -> Held<Option<Arc<Agent>>> {
        let name = self.name();
        let made = self.create("/v1/agents", json!({ "name": name })).await?;
        self.made.push(Made { table: "agents", name: name.clone(), acknowledged: made.is_some() });
        let Some(made) = made else { return Ok(None) };
        let id = text(&made, "agent_id");
        let person = self.create(&format!("/v1/agents/{id}/people"), json!({ "name": name })).await?;
        self.made.push(Made { table: "people", name, acknowledged: person.is_some() });
        let Some(person) = person else { return Ok(None) };
        let body = json!({ "kind": "operator", "person_id": person["person_id"], "role": "owner" });
        let Some(token) = self.create(&format!("/v1/agents/{id}/tokens"), body).await? else {
            return Ok(None);
        };
        // Agents of clients count from 16 on, each client's by themselves.
        let number = 16 * (self.number + 1) + self.agents;
        self.agents += 1;
        Ok(Some(Arc::new(Agent { number, id, owner: text(&token, "token") })))
    }

    /// Recalls something that is gone, and finds nothing of it nor of another agent's.
    pub(crate) async fn look(&mut self) -> Held {
        if self.said.is_empty() {
            return Ok(());
        }
        let place = self.random.index(self.said.len());
        let said = &self.said[place];
        let (word, number) = (said.variants[0].0.clone(), said.space.agent.number);
        let nothing = said.gone == Gone::Yes || (said.fate == Fate::Kept && !said.perhaps);
        let token = said.space.agent.owner.clone();
        let body = json!({ "query": format!("the {word} in the hall"), "k": 20 });
        let Answer::Said(200, found) =
            self.ask("recall", &token, ("POST", "/v1/recall"), Some(&body)).await?.1
        else {
            return Ok(());
        };
        for memory in found["memories"].as_array().into_iter().flatten() {
            let content = memory["content"].as_str().unwrap_or_default();
            if nothing && content.contains(&word) {
                return violated("what is gone is not recalled", format!("{word}: {memory}"));
            }
            let other =
                content.split("zq").nth(1).and_then(|rest| usize::from_str_radix(rest.get(..2)?, 16).ok());
            if other.is_some_and(|other| other != number & 0xff) {
                return violated("agents are islands", format!("agent {number} recalls {content}"));
            }
        }
        Ok(())
    }

    /// Whether spaces are private, where a flip has an unknown outcome; nothing else is under way.
    pub(crate) async fn settle_privacy(&mut self) -> Held {
        let deadline = Instant::now() + SETTLED_WITHIN;
        for space in self.spaces.clone() {
            while space.unknown_flips() {
                let (path, token) = (format!("/v1/spaces/{}", space.id), space.agent.owner.clone());
                if let Answer::Said(200, found) = self.ask("look", &token, ("GET", &path), None).await?.1 {
                    let private = found["privacy_mode"] == Value::Bool(true);
                    space.looked(self.shared.tick(), private);
                } else if Instant::now() > deadline {
                    return violated("who asks again gets an outcome", format!("space {}", space.id));
                } else {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
        Ok(())
    }

    /// Asks again for everything of which nobody knows the outcome, now that every fault is over.
    pub(crate) async fn settle(&mut self) -> Held {
        self.settle_privacy().await?;
        let deadline = Instant::now() + SETTLED_WITHIN;
        loop {
            let unsure = |device: &Device| device.revoked == Gone::Perhaps;
            if let Some(place) = self.devices.iter().position(unsure) {
                self.revoke_device(place).await?;
            } else if self.voice.unsure {
                self.settle_consent().await?;
            } else if let Some(place) =
                self.said.iter().position(|said| !said.voice && said.gone == Gone::Perhaps)
            {
                self.forget_this(place).await?;
            } else {
                break;
            }
            if Instant::now() > deadline {
                return violated("who asks again gets an outcome", format!("client {}", self.number));
            }
        }
        self.settle_events().await?;
        self.settle_deeds().await
    }

    /// Decisions of which nobody knows whether they came.
    pub(crate) fn undecided(&self) -> Option<usize> {
        self.deeds.iter().position(|deed| {
            deed.perhaps && !matches!(deed.proposed, Fate::Stored(_)) || deed.approval == Asked::Sent
        })
    }
}
