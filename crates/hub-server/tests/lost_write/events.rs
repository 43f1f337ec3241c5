//! Events: said, said again, said otherwise, too late, at the same time, by devices and by voice.

use crate::client::{Answer, By, Client, Fate, Gone, Said};
use crate::shared::{Held, Space, violated};
use futures_util::future::join_all;
use hub_core::clock::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// When most events happened: long before any space was private.
const LONG_AGO: &str = "2026-03-01T10:00:00Z";
/// How long a hub may go on taking a token for good that another one has revoked.
const REVOKED_ELSEWHERE: Duration = Duration::from_millis(1_500);

impl Client {
    /// A new event, not sent yet; answers its place.
    pub(crate) fn new_event(&mut self, by: By, space: Arc<Space>, voice: bool) -> usize {
        let id = self.random.id();
        let fact = !voice && !matches!(by, By::Device(_)) && self.random.once_in(4);
        let mut event = Said {
            id,
            space,
            variants: Vec::new(),
            by,
            voice,
            late: false,
            fact,
            fate: Fate::Open,
            perhaps: false,
            once_unknown: false,
            gone: Gone::No,
        };
        self.add_variant(&mut event, LONG_AGO);
        self.said.push(event);
        self.said.len() - 1
    }

    /// Other words under the same id.
    fn add_variant(&mut self, event: &mut Said, occurred_at: &str) {
        let word = self.word(event.space.agent.number);
        let text = match event.fact {
            true => format!("I am allergic to {word}."),
            false => format!("The {word} stands in the hall."),
        };
        let mut payload = json!({ "role": "user", "text": text });
        if event.voice {
            payload["modality"] = "voice".into();
        }
        let body = json!({
            "event_id": event.id, "space_id": event.space.id, "type": "transcript_chunk",
            "occurred_at": occurred_at, "payload": payload,
        });
        event.variants.push((word, body));
    }

    /// A word that nothing else holds: agent, client, number, chance, and a digit that no stemmer
    /// takes for an ending.
    fn word(&mut self, agent: usize) -> String {
        let number = self.number();
        format!("zq{agent:02x}{:01x}{number:06x}{:09x}7", self.number, self.random.below(1 << 36))
    }

    fn token_of(&self, event: &Said) -> String {
        match event.by {
            By::Owner => event.space.agent.owner.clone(),
            By::Member => self.voice.token.clone(),
            By::Device(place) => self.devices[place].token.clone(),
        }
    }

    pub(crate) async fn say(&mut self) -> Held {
        let space = self.any_space(None);
        let place = self.new_event(By::Owner, space, false);
        self.send("event", &[(place, 0)]).await
    }

    /// A batch, in which some stand twice and some were sent before.
    pub(crate) async fn say_many(&mut self) -> Held {
        let agent = self.any_space(None).agent.number;
        let mut batch = Vec::new();
        for _ in 0..2 + self.random.below(20) {
            let known = self.earlier(|said| said.by == By::Owner && said.space.agent.number == agent);
            match (self.random.below(8), known, batch.last().copied()) {
                (0, Some(place), _) => batch.push((place, 0)),
                (1, _, Some(last)) => batch.push(last),
                _ => {
                    let space = self.any_space(Some(agent));
                    batch.push((self.new_event(By::Owner, space, false), 0));
                }
            }
        }
        self.send("batch", &batch).await
    }

    /// One of the events that were sent before, and fit.
    fn earlier(&mut self, fits: impl Fn(&Said) -> bool) -> Option<usize> {
        let length = self.said.len();
        let start = if length == 0 { return None } else { self.random.index(length) };
        (start..start + length.min(200)).map(|place| place % length).find(|place| fits(&self.said[*place]))
    }

    pub(crate) async fn say_again(&mut self) -> Held {
        let Some(place) = self.earlier(|_| true) else { return Ok(()) };
        let variant = match self.said[place].fate {
            Fate::Stored(variant) => variant,
            _ => 0,
        };
        self.send("duplicate", &[(place, variant)]).await
    }

    /// An id that is known, with other content.
    pub(crate) async fn say_otherwise(&mut self) -> Held {
        let fits =
            |said: &Said| matches!(said.fate, Fate::Stored(_)) && said.variants.len() == 1 && !said.perhaps;
        let Some(place) = self.earlier(fits) else { return Ok(()) };
        self.otherwise(place);
        self.send("reused id", &[(place, 1)]).await
    }

    fn otherwise(&mut self, place: usize) {
        let mut event = self.said.swap_remove(place);
        self.add_variant(&mut event, LONG_AGO);
        self.said.push(event);
        let last = self.said.len() - 1;
        self.said.swap(place, last);
    }

    /// The same new id several times at once, with two contents, at several hubs.
    pub(crate) async fn race(&mut self) -> Held {
        let space = self.any_space(None);
        let place = self.new_event(By::Owner, space, false);
        self.otherwise(place);
        let token = self.token_of(&self.said[place]);
        let mut requests = Vec::new();
        for variant in [0, 1, 0] {
            let first = self.random.index(self.shared.hubs.len());
            let (_, url) = self.up(first).await?;
            requests.push((
                variant,
                format!("{url}/v1/events"),
                self.said[place].variants[variant].1.clone(),
            ));
        }
        let begin = self.shared.tick();
        let asked =
            requests.iter().map(|(_, url, body)| self.ask_at("race", &token, ("POST", url), Some(body)));
        let answers: Vec<Answer> = join_all(asked).await.into_iter().collect::<Held<_>>()?;
        let end = self.shared.tick();
        let mut results = Vec::new();
        for ((variant, _, _), answer) in requests.iter().zip(answers) {
            match results_of(answer)? {
                Some(mut one) => results.push((*variant, one.remove(0))),
                None => self.nobody_knows(place),
            }
        }
        // Nobody knows which was first: what was kept out may have come before what was stored, and
        // what was known already came after it.
        let order = ["private", "stored", "duplicate", "refused"];
        results.sort_by_key(|(_, result)| order.iter().position(|status| result["status"] == *status));
        results.iter().try_for_each(|(variant, result)| self.judge(place, *variant, result, (begin, end)))
    }

    /// Something that happened while its space was private, told afterwards.
    pub(crate) async fn say_late(&mut self) -> Held {
        let space = self.any_space(None);
        let Some((since, until)) = space.private.lock().unwrap().last().copied() else { return Ok(()) };
        let at = since + i64::try_from(self.random.below((until - since).unsigned_abs())).unwrap();
        let place = self.new_event(By::Owner, space, false);
        let occurred_at = Timestamp(at).to_string();
        self.said[place].late = true;
        self.said[place].variants[0].1["occurred_at"] = occurred_at.into();
        self.send("late", &[(place, 0)]).await
    }

    /// Sends events of one sender, and holds the answers against what is known.
    pub(crate) async fn send(&mut self, kind: &'static str, batch: &[(usize, usize)]) -> Held {
        let token = self.token_of(&self.said[batch[0].0]);
        let bodies: Vec<Value> =
            batch.iter().map(|(place, variant)| self.said[*place].variants[*variant].1.clone()).collect();
        let body = match bodies.as_slice() {
            [one] if self.random.once_in(2) => one.clone(),
            many => json!({ "events": many }),
        };
        let begin = self.shared.tick();
        let (hub, answer) = self.ask(kind, &token, ("POST", "/v1/events"), Some(&body)).await?;
        let end = self.shared.tick();
        if let (Answer::Said(401, _), By::Device(device)) = (&answer, self.said[batch[0].0].by) {
            if self.devices[device].revoked == Gone::No {
                return violated(
                    "a token that is good is taken",
                    format!("device {}", self.devices[device].id),
                );
            }
            for (place, _) in batch {
                self.keep_out(*place);
            }
            return Ok(());
        }
        let Some(results) = results_of(answer)? else {
            for (place, _) in batch {
                self.nobody_knows(*place);
            }
            return Ok(());
        };
        if results.len() != batch.len() {
            return violated("each event has an outcome", format!("{} of {}", results.len(), batch.len()));
        }
        self.token_was_good(&self.said[batch[0].0], hub)?;
        let judged = batch.iter().zip(&results);
        judged
            .into_iter()
            .try_for_each(|((place, variant), result)| self.judge(*place, *variant, result, (begin, end)))
    }

    fn token_was_good(&self, event: &Said, hub: usize) -> Held {
        let By::Device(device) = event.by else { return Ok(()) };
        let device = &self.devices[device];
        match device.revoked_at {
            Some((by, at)) if by == hub || at.elapsed() > REVOKED_ELSEWHERE => {
                violated("a revoked device is refused", format!("device {} by hub {hub}", device.id))
            }
            _ => Ok(()),
        }
    }

    fn nobody_knows(&mut self, place: usize) {
        self.said[place].perhaps = true;
        self.said[place].once_unknown = true;
    }

    fn keep_out(&mut self, place: usize) {
        let event = &mut self.said[place];
        if !event.perhaps && event.fate == Fate::Open {
            event.fate = Fate::Kept;
        }
    }

    /// Holds one outcome against what is known, and learns from it.
    fn judge(&mut self, place: usize, variant: usize, result: &Value, (begin, end): (u64, u64)) -> Held {
        let granted = (!self.voice.unsure).then_some(!self.voice.grants.is_empty());
        let event = &mut self.said[place];
        let private = if event.late { Some(true) } else { event.space.private_during(begin, end) };
        let told = format!("event {} in space {}: {result}", event.id, event.space.id);
        let known = matches!(event.fate, Fate::Stored(_));
        let same = event.fate == Fate::Stored(variant);
        match result["status"].as_str().unwrap_or_default() {
            "stored" if known => violated("an id is stored once", told),
            "stored" if private == Some(true) => violated("nothing private is stored", told),
            "stored" if event.voice && granted == Some(false) => {
                violated("no voice is stored without a grant", told)
            }
            "stored" => {
                event.fate = Fate::Stored(variant);
                Ok(())
            }
            "duplicate" if known && !same && event.gone == Gone::No => {
                violated("other content is no duplicate", told)
            }
            "duplicate" if !known && !event.perhaps => violated("what was never sent is no duplicate", told),
            "duplicate" => {
                if !known {
                    event.fate = Fate::Stored(variant);
                    // The grant that it was stored under may have ended since.
                    if event.voice {
                        event.gone = if granted == Some(false) { Gone::Yes } else { Gone::Perhaps };
                    }
                }
                Ok(())
            }
            "private" if known => violated("an id that was stored stays known", told),
            "private" if private == Some(false) => violated("nothing is dropped in an open space", told),
            "refused" => match result["problem"]["code"].as_str().unwrap_or_default() {
                "event_id_reused" if known && !same && event.gone != Gone::Yes => Ok(()),
                "event_id_reused" if !known && event.perhaps && event.variants.len() == 2 => {
                    event.fate = Fate::Stored(1 - variant);
                    Ok(())
                }
                "no_consent" if !known && event.voice && granted != Some(true) => {
                    event.fate = Fate::Kept;
                    Ok(())
                }
                _ => violated("nothing is refused without a reason", told),
            },
            "private" => {
                event.fate = Fate::Kept;
                Ok(())
            }
            _ => violated("an outcome is one of four", told),
        }
    }

    /// Asks again, now that everything is up, for each event of which nothing is known.
    pub(crate) async fn settle_events(&mut self) -> Held {
        for place in 0..self.said.len() {
            let open = |said: &Said| said.fate == Fate::Open || (said.perhaps && said.fate == Fate::Kept);
            let mut tries = 0;
            while open(&self.said[place]) {
                self.said[place].fate = Fate::Open;
                self.send("asked again", &[(place, 0)]).await?;
                if matches!(self.said[place].by, By::Device(device) if self.devices[device].revoked != Gone::No)
                {
                    break;
                }
                tries += 1;
                if tries > 300 {
                    return violated(
                        "who asks again gets an outcome",
                        format!("event {}", self.said[place].id),
                    );
                }
                if self.said[place].fate == Fate::Open {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                } else if self.said[place].fate == Fate::Kept {
                    // Nothing is under way any more: what it says now is so.
                    self.said[place].perhaps = false;
                }
            }
        }
        Ok(())
    }
}

/// The results of an answer; nothing when no outcome is known.
fn results_of(answer: Answer) -> Held<Option<Vec<Value>>> {
    match answer {
        Answer::Unknown => Ok(None),
        Answer::Said(200, body) => Ok(Some(body["results"].as_array().cloned().unwrap_or_default())),
        other => violated("events are answered with outcomes", format!("{other:?}")),
    }
}
