//! Memory: what was said, and what was derived from it.
//!
//! | Module | Contents |
//! |---|---|
//! | [`analysis`] | text becomes terms, the same on every store (pure) |
//! | [`rank`] | candidates become a ranking with its reasons (pure) |

pub mod analysis;
pub mod rank;
