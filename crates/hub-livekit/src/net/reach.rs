//! The addresses of a server's name: in which order they are tried, and what came of each.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most addresses of one name that are tried, and remembered.
const MANY: usize = 16;

tokio::task_local! {
    /// What the attempt that runs in this task knows. LiveKit's crate hands a transport nothing but the URL.
    static REACH: Arc<Reach>;
}

/// Where a server is reached, and what was learned of it.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    /// In place of what the name resolves to.
    given: Vec<SocketAddr>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    /// Addresses that brought nothing, the latest last.
    poor: Vec<SocketAddr>,
    /// The one that the last connection goes to.
    used: Option<SocketAddr>,
    /// How many there are.
    known: usize,
}

impl Reach {
    pub(crate) fn new(given: Vec<SocketAddr>) -> Self {
        Self { given, seen: Mutex::default() }
    }

    /// Those that the caller named; none where the name is to be resolved.
    pub(crate) fn given(&self) -> &[SocketAddr] {
        &self.given
    }

    /// The address that the last connection goes to.
    pub(crate) fn connected(&self) -> Option<IpAddr> {
        self.seen().used.map(|address| address.ip())
    }

    /// The order of attempts: the families by turns, as RFC 8305 has it, and what brought nothing last.
    pub(super) fn order(&self, found: &[SocketAddr]) -> Vec<SocketAddr> {
        let mut seen = self.seen();
        let mut order = by_turns(found);
        order.truncate(MANY);
        order.sort_by_key(|address| seen.poor.iter().position(|poor| poor == address).map(|at| at + 1));
        (seen.known, seen.used) = (order.len(), None);
        drop(seen);
        order
    }

    /// A connection to it stands.
    pub(super) fn used(&self, address: SocketAddr) {
        self.seen().used = Some(address);
    }

    /// It brought nothing.
    pub(super) fn poor(&self, address: SocketAddr) {
        let mut seen = self.seen();
        seen.poor.retain(|poor| *poor != address);
        seen.poor.push(address);
        if seen.poor.len() > MANY {
            seen.poor.remove(0);
        }
    }

    /// What was connected to brought nothing. Answers whether there are addresses of which that is not known.
    pub(crate) fn fail(&self) -> bool {
        let used = self.seen().used.take();
        if let Some(used) = used {
            self.poor(used);
        }
        let seen = self.seen();
        used.is_some() && seen.poor.len() < seen.known
    }

    /// What was connected to is where the room is: the others are as good as ever for the next time.
    pub(crate) fn stands(&self) {
        self.seen().poor.clear();
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Has what a task connects to tried as `reach` says.
pub(crate) async fn by<T>(reach: &Arc<Reach>, connecting: impl Future<Output = T>) -> T {
    REACH.scope(Arc::clone(reach), connecting).await
}

/// What the running task was told by [`by`], or nothing in particular.
pub(super) fn here() -> Arc<Reach> {
    REACH.try_with(Arc::clone).unwrap_or_default()
}

fn by_turns(found: &[SocketAddr]) -> Vec<SocketAddr> {
    let first_is_six = found.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<SocketAddr>, Vec<SocketAddr>) =
        found.iter().partition(|address| address.is_ipv6() == first_is_six);
    let longest = first.len().max(second.len());
    let mut order: Vec<SocketAddr> = Vec::with_capacity(found.len());
    for address in (0..longest).flat_map(|at| [first.get(at), second.get(at)]).flatten() {
        if !order.contains(address) {
            order.push(*address);
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn families_take_turns_and_each_address_is_tried_once() {
        let found = ["[2001:db8::1]:1", "[2001:db8::2]:1", "192.0.2.1:1", "192.0.2.1:1", "192.0.2.2:1"];
        let found: Vec<_> = found.map(address).to_vec();
        let order = ["[2001:db8::1]:1", "192.0.2.1:1", "[2001:db8::2]:1", "192.0.2.2:1"].map(address);
        assert_eq!(Reach::default().order(&found), order);
    }

    #[test]
    fn what_brought_nothing_is_tried_last_until_the_room_stands() {
        let found = ["192.0.2.1:1", "192.0.2.2:1", "192.0.2.3:1"].map(address);
        let [first, second, third] = found;
        let reach = Reach::default();
        assert_eq!(reach.order(&found), found);
        assert!(!reach.fail(), "nothing was connected to");
        reach.used(first);
        assert!(reach.fail());
        assert_eq!(reach.order(&found), [second, third, first]);
        reach.poor(second);
        assert_eq!(reach.order(&found), [third, first, second]);
        reach.used(third);
        assert!(!reach.fail(), "none is left");
        reach.stands();
        assert_eq!(reach.order(&found), found);
    }
}
