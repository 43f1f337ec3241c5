//! `hub recall`: asks the memory, and says why each answer is one.

use super::Common;
use super::exit::{Exit, Outcome};
use super::memories::moment;
use super::screen::Screen;
use super::session::{Reach, Session};
use clap::Args;
use hub_core::tools::shown;
use hub_protocol::recall::{RecallAnswer, RecallRequest, RecalledMemory};
use hub_protocol::vocabulary::Tier;

#[derive(Debug, Args)]
pub(crate) struct Recall {
    /// What to look for
    #[arg(value_name = "QUERY")]
    query: String,
    /// How many memories, 1 to 100
    #[arg(short, value_name = "K", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    k: u32,
    /// Only what was said in this space: its id or name
    #[arg(long, value_name = "SPACE")]
    space: Option<String>,
    /// Only this tier: `episodic` or `semantic`
    #[arg(long, value_name = "TIER")]
    tier: Option<Tier>,
    #[command(flatten)]
    reach: Reach,
}

impl Recall {
    pub(crate) async fn run(&self, common: &Common, screen: &Screen) -> Outcome<Exit> {
        let session = Session::open(common, &self.reach).await?;
        let space_id = match &self.space {
            Some(named) => Some(session.space(Some(named)).await?),
            None => None,
        };
        let request = RecallRequest {
            query: self.query.clone(),
            k: self.k,
            space_id,
            person_id: None,
            tiers: self.tier.map(|tier| vec![tier]),
            as_of: None,
            budget_tokens: None,
        };
        let answer: RecallAnswer = session.client.post("/v1/recall", &request).await?;
        for memory in &answer.memories {
            screen.line(format_args!("{}  {}", moment(&memory.occurred_at), shown(&memory.content)));
            screen.line(screen.faint(format_args!("  {}", why(memory))));
        }
        if answer.memories.is_empty() {
            screen.line("Nothing that is remembered bears on this.");
        }
        if answer.partial {
            screen.line(screen.doubtful("A source of memories did not answer: there may be more."));
        }
        screen.value(&answer);
        Ok(Exit::Done)
    }
}

/// `episodic, score 0.031: tea, green (turn 0.020, window 0.011)`.
fn why(memory: &RecalledMemory) -> String {
    let terms: Vec<String> = memory.why.terms.iter().map(|term| shown(term)).collect();
    let legs: Vec<String> =
        memory.why.legs.iter().map(|(name, value)| format!("{} {value:.3}", shown(name))).collect();
    let mut text = format!("{}, score {:.3}", memory.tier, memory.score);
    if !terms.is_empty() {
        text.push_str(&format!(": {}", terms.join(", ")));
    }
    if !legs.is_empty() {
        text.push_str(&format!(" ({})", legs.join(", ")));
    }
    text
}
