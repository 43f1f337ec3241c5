//! By which other servers the room can be reached.

use super::Session;
use super::attempts::Outcome;
use super::places::Places;
use crate::net::regions;
use crate::room::{Regions, RoomOptions};

/// Learns of others where nothing stands. Answers whether one of them never failed, which is then next.
pub(super) async fn others(places: &mut Places, token: &str, options: &RoomOptions) -> bool {
    if places.asked || !has_others(places, options) {
        return false;
    }
    let found = found(places.origin().to_owned(), token, options).await;
    !found.is_empty() && places.turn_to(found)
}

fn has_others(places: &Places, options: &RoomOptions) -> bool {
    match &options.regions {
        Regions::Never => false,
        Regions::Cloud => regions::is_cloud(places.origin()),
        Regions::Ask | Regions::Given(_) => true,
    }
}

/// None where the server does not tell them: what failed before is what the caller hears of.
async fn found(origin: String, token: &str, options: &RoomOptions) -> Vec<String> {
    if let Regions::Given(urls) = &options.regions {
        return urls.clone();
    }
    let listed = regions::fetch(&origin, token, &options.tls).await;
    listed.unwrap_or_else(|cause| {
        tracing::info!(%cause, "the server lists no regions");
        Vec::new()
    })
}

impl Session {
    /// Learns of other servers while there is one that can be asked.
    pub(super) fn look_around(&mut self) {
        if self.places.asked || !has_others(&self.places, &self.options) {
            return;
        }
        let (origin, options) = (self.places.origin().to_owned(), self.options.clone());
        let (token, outcomes) = (self.token.token().to_owned(), self.outcomes.clone());
        self.errand(async move {
            let found = found(origin, &token, &options).await;
            let _ended = outcomes.send(Outcome::Regions(found)).await;
        });
    }

    /// What is not known stays to be asked for.
    pub(super) fn regions(&mut self, found: Vec<String>) {
        if !found.is_empty() {
            self.places.learn(found);
        }
    }
}
