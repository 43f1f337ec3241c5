//! Actions: proposed, approved, approved wrongly, rejected, cancelled.

use crate::client::{Answer, Asked, Client, Deed, Fate, SETTLED_WITHIN, text};
use crate::shared::{Held, violated};
use crate::tools::{AGAIN, ONCE};
use serde_json::json;
use std::time::{Duration, Instant};

impl Client {
    pub(crate) async fn propose(&mut self) -> Held {
        let space = self.any_space(None);
        let again = !self.random.once_in(3);
        // Long ones are met by a kill or a jump of the clock in their middle.
        let most = if self.random.once_in(2) { 1_000 } else { 20 };
        let mut rest = || self.random.below(most);
        let arguments = json!({ "before_ms": rest(), "after_ms": rest() });
        let id = self.random.id();
        let body = json!({
            "action_id": id, "space_id": space.id, "tool": if again { AGAIN } else { ONCE },
            "arguments": arguments,
        });
        self.deeds.push(Deed {
            id,
            space,
            body,
            again,
            proposed: Fate::Open,
            perhaps: false,
            digest: String::new(),
            approval: Asked::Not,
            rejection: Asked::Not,
            cancellation: Asked::Not,
        });
        self.propose_this(self.deeds.len() - 1).await
    }

    async fn propose_this(&mut self, place: usize) -> Held {
        let deed = &self.deeds[place];
        let (token, body) = (deed.space.agent.owner.clone(), deed.body.clone());
        let path = format!("/v1/agents/{}/actions", deed.space.agent.id);
        let begin = self.shared.tick();
        let (_, answer) = self.ask("propose", &token, ("POST", &path), Some(&body)).await?;
        let end = self.shared.tick();
        let deed = &mut self.deeds[place];
        let private = deed.space.private_during(begin, end);
        match answer {
            Answer::Unknown => deed.perhaps = true,
            Answer::Said(201, _)
                if private == Some(true) && !deed.perhaps && deed.proposed != Fate::Stored(0) =>
            {
                return violated("nothing is proposed in a private space", format!("action {}", deed.id));
            }
            Answer::Said(201, action) => {
                deed.proposed = Fate::Stored(0);
                deed.digest = text(&action, "binding_digest");
            }
            Answer::Said(403, problem) if problem["code"] == "space_private" && private != Some(false) => {
                deed.proposed = Fate::Kept;
            }
            other => return violated("actions can be proposed", format!("action {}: {other:?}", deed.id)),
        }
        Ok(())
    }

    /// Approves most of what waits, as it was shown or not, rejects or cancels some.
    pub(crate) async fn decide(&mut self) -> Held {
        let waits = |deed: &Deed| deed.proposed == Fate::Stored(0) && deed.approval != Asked::Acknowledged;
        let places: Vec<usize> = (0..self.deeds.len()).filter(|place| waits(&self.deeds[*place])).collect();
        if places.is_empty() {
            return Ok(());
        }
        let place = places[self.random.index(places.len())];
        match self.random.below(10) {
            0 => self.approve_another(place).await,
            1 => self.turn_down(place, "reject").await,
            2 => self.turn_down(place, "cancel").await,
            _ => self.approve(place).await,
        }
    }

    /// Approves with a digest that was not shown for this action.
    async fn approve_another(&mut self, place: usize) -> Held {
        let digest = format!("sha256:{:064x}", self.random.draw());
        let (_, answer) = self.post_decision(place, "approve", json!({ "binding_digest": digest })).await?;
        match answer {
            Answer::Unknown | Answer::Said(409, _) => Ok(()),
            other => violated(
                "what is approved is what was shown",
                format!("action {}: {other:?}", self.deeds[place].id),
            ),
        }
    }

    async fn approve(&mut self, place: usize) -> Held {
        let body = json!({ "binding_digest": self.deeds[place].digest });
        let before = self.deeds[place].approval;
        self.deeds[place].approval = before.max(Asked::Sent);
        let (_, answer) = self.post_decision(place, "approve", body).await?;
        let deed = &mut self.deeds[place];
        match answer {
            Answer::Unknown => Ok(()),
            Answer::Said(200, _) => {
                deed.approval = Asked::Acknowledged;
                Ok(())
            }
            Answer::Said(409, problem) if problem["code"] == "action_state" => {
                let turned_down = deed.rejection != Asked::Not || deed.cancellation != Asked::Not;
                match (before, turned_down) {
                    (Asked::Not, false) => {
                        violated("what waits can be approved", format!("action {}: {problem}", deed.id))
                    }
                    // It is decided: by the approval whose answer was lost, or the other way.
                    (Asked::Sent, false) => {
                        deed.approval = Asked::Acknowledged;
                        Ok(())
                    }
                    (Asked::Not, true) => {
                        deed.approval = Asked::Not;
                        Ok(())
                    }
                    _ => self.look_at(place).await,
                }
            }
            other => violated("what waits can be approved", format!("action {}: {other:?}", deed.id)),
        }
    }

    async fn turn_down(&mut self, place: usize, how: &'static str) -> Held {
        let (_, answer) = self.post_decision(place, how, json!({})).await?;
        let deed = &mut self.deeds[place];
        let asked = match answer {
            Answer::Unknown => Asked::Sent,
            Answer::Said(200, _) => Asked::Acknowledged,
            // It was decided or cancelled before.
            Answer::Said(409, _) if deed.approval != Asked::Not || deed.turned_down() => return Ok(()),
            other => {
                return violated(
                    "what waits can be turned down",
                    format!("{how} action {}: {other:?}", deed.id),
                );
            }
        };
        let place = if how == "reject" { &mut deed.rejection } else { &mut deed.cancellation };
        *place = (*place).max(asked);
        Ok(())
    }

    async fn post_decision(
        &mut self,
        place: usize,
        how: &'static str,
        body: serde_json::Value,
    ) -> Held<(usize, Answer)> {
        let deed = &self.deeds[place];
        let (token, path) = (deed.space.agent.owner.clone(), format!("/v1/actions/{}/{how}", deed.id));
        let body = (how != "cancel").then_some(body);
        self.ask(how, &token, ("POST", &path), body.as_ref()).await
    }

    /// Which of several decisions was the one.
    async fn look_at(&mut self, place: usize) -> Held {
        let (token, path) =
            (self.deeds[place].space.agent.owner.clone(), format!("/v1/actions/{}", self.deeds[place].id));
        if let Answer::Said(200, action) = self.ask("look", &token, ("GET", &path), None).await?.1 {
            let deed = &mut self.deeds[place];
            match action["state"].as_str().unwrap_or_default() {
                "rejected" => deed.rejection = Asked::Acknowledged,
                "cancelled" => deed.cancellation = Asked::Acknowledged,
                _ => deed.approval = Asked::Acknowledged,
            }
        }
        Ok(())
    }

    /// Proposes and approves again where nobody knows whether it came.
    pub(crate) async fn settle_deeds(&mut self) -> Held {
        let deadline = Instant::now() + SETTLED_WITHIN;
        while let Some(place) = self.undecided() {
            match self.deeds[place].proposed {
                Fate::Stored(_) => self.approve(place).await?,
                _ => self.propose_this(place).await?,
            }
            let deed = &mut self.deeds[place];
            if deed.proposed == Fate::Kept {
                // Nothing is under way any more: what it says now is so.
                deed.perhaps = false;
            }
            if deed.approval == Asked::Sent && deed.decided_otherwise() {
                deed.approval = Asked::Not;
            }
            if Instant::now() > deadline {
                return violated("who asks again gets an outcome", format!("action {}", deed.id));
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }
}

impl Deed {
    fn turned_down(&self) -> bool {
        self.rejection != Asked::Not || self.cancellation != Asked::Not
    }

    fn decided_otherwise(&self) -> bool {
        self.rejection == Asked::Acknowledged || self.cancellation == Asked::Acknowledged
    }
}
