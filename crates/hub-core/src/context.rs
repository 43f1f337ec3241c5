//! Who calls, and what that caller may do.
//!
//! Every operation takes a [`Context`] first. The guard turns it into a [`Scoped`] agent, which
//! nothing else can make and which every function of the store demands: code that has not asked
//! the guard cannot name an agent's rows.

mod guard;
mod principal;

pub use guard::Scoped;
pub(crate) use guard::{Need, agent_of_admin, authorize, scoped_by_hub};
pub use principal::{Context, Principal};
