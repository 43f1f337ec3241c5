//! Ids of events. Asking the machine for randomness costs more than all the rest of an id, so it is asked for many
//! at once.

use hub_core::entropy::{Entropy, SystemEntropy};
use std::cell::RefCell;
use uuid::{Builder, Uuid};

/// Random bytes of an id.
const BYTES: usize = 16;
/// Ids of one question to the machine.
const IDS: usize = 32;

thread_local! {
    static DRAWN: RefCell<Drawn> = const { RefCell::new(Drawn { process: 0, left: 0, bytes: [[0; BYTES]; IDS] }) };
}

/// A new id of an event: a random UUID.
#[must_use]
pub fn new_id() -> String {
    let drawn = DRAWN.with_borrow_mut(Drawn::next);
    // Where the machine gives none, the library asks once more, and panics.
    drawn.unwrap_or_else(Uuid::new_v4).to_string()
}

/// What was drawn and not given yet.
struct Drawn {
    /// Who drew it: what a process has drawn, a child that it forks would give as well.
    process: u32,
    left: usize,
    bytes: [[u8; BYTES]; IDS],
}

impl Drawn {
    fn next(&mut self) -> Option<Uuid> {
        let process = std::process::id();
        if self.left == 0 || self.process != process {
            self.left = 0;
            SystemEntropy.fill(self.bytes.as_flattened_mut()).ok()?;
            (self.process, self.left) = (process, IDS);
        }
        self.left -= 1;
        Some(Builder::from_random_bytes(*self.bytes.get(self.left)?).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_random_and_none_comes_twice() {
        let given: BTreeSet<String> = (0..4 * IDS).map(|_| new_id()).collect();
        assert_eq!(given.len(), 4 * IDS);
        for id in &given {
            assert_eq!(Uuid::parse_str(id).map(|id| id.get_version_num()), Ok(4), "{id}");
        }
    }

    #[test]
    fn a_child_gives_none_that_its_parent_drew() {
        let mut drawn = Drawn { process: 0, left: IDS, bytes: [[7; BYTES]; IDS] };
        let of_parent = Builder::from_random_bytes([7; BYTES]).into_uuid();
        assert_ne!(drawn.next(), Some(of_parent));
        assert_eq!((drawn.process, drawn.left), (std::process::id(), IDS - 1));
    }
}
