//! Memory: what was said (episodic) and what follows from it (semantic).
//!
//! | Module | Contents |
//! |---|---|
//! | [`analysis`] | text becomes terms, the same on every store (pure) |
//! | `erase` | forgetting |
//! | `index` | talk becomes episodic memories |
//! | [`rank`] | candidates become a ranking with its reasons (pure) |
//! | `recall` | a question finds memories |
//! | `record` | memories in the store |

pub mod analysis;
pub(crate) mod erase;
pub(crate) mod index;
pub mod rank;
pub(crate) mod recall;
pub(crate) mod record;

pub use recall::{Recall, RecallRequest, Recalled};
pub use record::Memory;
