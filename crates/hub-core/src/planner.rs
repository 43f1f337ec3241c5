//! Planning: talk becomes proposals.

pub mod plan;
pub mod port;
pub(crate) mod run;
mod validate;
pub(crate) mod window;

pub use plan::{KnownPerson, Plan, ProposedAction, ProposedMemory, Utterance, Window};
pub use port::Planner;
pub use window::Pace;

#[derive(Debug)]
pub(crate) struct RulesPlanner;
impl RulesPlanner {
    pub(crate) fn built_in() -> crate::Result<Self> {
        Ok(Self)
    }
}
#[async_trait::async_trait]
impl Planner for RulesPlanner {
    fn name(&self) -> &str {
        "rules"
    }
    fn version(&self) -> &str {
        "0"
    }
    async fn plan(&self, _: Window) -> crate::Result<Plan> {
        Ok(Plan::default())
    }
}
