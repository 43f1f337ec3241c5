//! A planner for [`hub_core`] over OpenAI's Responses API, or over a server of one's own that speaks it.
//!
//! ```no_run
//! use hub_core::vocabulary::PlannerKind;
//! use hub_core::{HubBuilder, Secret};
//! use hub_openai::{OpenAiPlanner, Settings};
//! use std::sync::Arc;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let settings = Settings { model: "gpt-5-mini".to_owned(), ..Settings::default() };
//! let planner = OpenAiPlanner::new(settings, Some(Secret::new("sk-…")))?;
//! let hub = HubBuilder::in_folder("data".as_ref()).planner(PlannerKind::OpenAi, Arc::new(planner));
//! # let _ = hub;
//! # Ok(())
//! # }
//! ```
//!
//! What people said goes out as quoted data, with names of this request alone (`u1`, `p1`) in place of
//! every id. What comes back is read with tolerance around the plan and strictly inside it; the hub holds
//! the plan against its window like anybody's. A model proposes: it can run nothing.
//!
//! | Module | Pure decisions | Effects |
//! |---|---|---|
//! | [`settings`] | what a user tunes | |
//! | `plan` | the plan as a model writes it, its strict schema, and back into the hub's | |
//! | `prompt` | a window as a request | |
//! | `answer` | a response as what it is: a plan, a refusal, cut off | |
//! | `hints` | how long a server asks to be left alone | |
//! | `http` | | the request, within its bounds |
//! | `planner` | | the port of the hub, and a span for each request |

mod answer;
mod hints;
mod http;
mod plan;
mod planner;
mod prompt;
pub mod settings;

pub use planner::OpenAiPlanner;
pub use settings::Settings;

/// What `fuzz/` reaches into. Only its builds set `cfg(fuzzing)`.
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing {
    use crate::answer::{Said, read};
    use hub_core::Result;
    use hub_core::planner::{Plan, Window};

    /// The plan in the body of a response; `None` where no message is.
    ///
    /// # Errors
    /// `invalid` for a message that is no plan of this window.
    pub fn planned(body: &[u8], window: &Window) -> Option<Result<Plan>> {
        match read(body)?.said {
            Said::Text(text) => Some(crate::plan::read(&text, window)),
            Said::Refused(_) | Said::Cut(_) | Said::Failed(_) | Said::Nothing => None,
        }
    }
}
