//! The servers by which a room can be reached, and which is tried next. Nothing here waits or sends.

use crate::net::Reach;
use std::net::SocketAddr;
use std::sync::Arc;

/// Servers by which a room can be reached.
#[derive(Debug, Clone)]
pub(super) struct Places {
    /// The one that the caller named, then others, the nearest first.
    all: Vec<Place>,
    current: usize,
    /// Others were asked for already.
    pub(super) asked: bool,
}

#[derive(Debug, Clone)]
struct Place {
    url: String,
    failures: u32,
    reach: Arc<Reach>,
}

impl Place {
    fn new(url: &str, addresses: Vec<SocketAddr>) -> Self {
        Self { url: url.to_owned(), failures: 0, reach: Arc::new(Reach::new(addresses)) }
    }
}

impl Places {
    /// The server that the caller named, at those addresses where there are any.
    pub(super) fn new(url: &str, addresses: Vec<SocketAddr>) -> Self {
        Self { all: vec![Place::new(url, addresses)], current: 0, asked: false }
    }

    /// The one that is tried, or where the room is.
    pub(super) fn current(&self) -> (&str, Arc<Reach>) {
        // The first is always there.
        let current = self.all.get(self.current).or(self.all.first());
        current.map_or(("", Arc::default()), |place| (place.url.as_str(), Arc::clone(&place.reach)))
    }

    /// There are others.
    pub(super) const fn are_many(&self) -> bool {
        self.all.len() > 1
    }

    /// The one that the caller named.
    pub(super) fn origin(&self) -> &str {
        self.all.first().map_or("", |place| place.url.as_str())
    }

    /// These are there too, the nearest first. They replace what was learned before, and what is known of each
    /// stays known.
    pub(super) fn learn(&mut self, urls: Vec<String>) {
        self.asked = true;
        if urls.is_empty() {
            return;
        }
        let here = self.current().0.to_owned();
        let mut all: Vec<Place> = self.all.first().cloned().into_iter().collect();
        // A room that is elsewhere stays there until it is lost.
        let also = urls.into_iter().chain(std::iter::once(here.clone()));
        for url in also {
            if all.iter().all(|place| place.url != url) {
                let known = self.all.iter().find(|place| place.url == url);
                all.push(known.cloned().unwrap_or_else(|| Place::new(&url, Vec::new())));
            }
        }
        self.current = all.iter().position(|place| place.url == here).unwrap_or(0);
        self.all = all;
    }

    /// An attempt came to nothing: the next goes to the nearest of those that failed least often. Answers whether
    /// there is one that never failed.
    pub(super) fn failed(&mut self) -> bool {
        if let Some(place) = self.all.get_mut(self.current) {
            // Another address of the same name is as near as can be.
            if place.reach.fail() {
                return true;
            }
            place.failures = place.failures.saturating_add(1);
        }
        self.choose()
    }

    /// The nearest of those that failed least often. Answers whether it never failed.
    fn choose(&mut self) -> bool {
        let fewest = self.all.iter().map(|place| place.failures).min().unwrap_or(0);
        self.current = self.all.iter().position(|place| place.failures == fewest).unwrap_or(0);
        fewest == 0
    }

    /// Where nothing stands and these were learned: whether one of them never failed, which then is next.
    pub(super) fn turn_to(&mut self, urls: Vec<String>) -> bool {
        self.learn(urls);
        self.choose()
    }

    /// The room stands there.
    pub(super) fn stands(&mut self) {
        if let Some(place) = self.all.get_mut(self.current) {
            place.reach.stands();
        }
        for place in &mut self.all {
            place.failures = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| format!("wss://{name}.example")).collect()
    }

    fn here(places: &Places) -> String {
        places.current().0.trim_start_matches("wss://").trim_end_matches(".example").to_owned()
    }

    #[test]
    fn each_is_tried_by_distance_and_then_the_one_that_failed_least() {
        let mut places = Places::new("wss://origin.example", Vec::new());
        assert!(!places.failed() && here(&places) == "origin");
        places.learn(urls(&["near", "far"]));
        let mut tried = Vec::new();
        for _ in 0..7 {
            tried.push(here(&places));
            places.failed();
        }
        assert_eq!(tried, ["origin", "near", "far", "near", "far", "origin", "near"]);
        places.stands();
        assert_eq!(here(&places), "far");
        places.failed();
        assert_eq!(here(&places), "origin");
    }

    #[test]
    fn a_new_list_forgets_what_is_gone_but_not_where_the_room_is() {
        let mut places = Places::new("wss://origin.example", Vec::new());
        places.learn(urls(&["near", "far"]));
        places.failed();
        assert_eq!(here(&places), "near");
        places.learn(urls(&["other", "origin"]));
        assert_eq!(here(&places), "near");
        assert_eq!(places.all.len(), 3);
        places.learn(Vec::new());
        assert_eq!(places.all.len(), 3);
    }
}
