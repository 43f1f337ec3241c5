//! `hub memories`: lists what is remembered, the newest last.

use super::exit::{Exit, Outcome};
use super::screen::Screen;
use super::session::{Reach, Session};
use super::table::counted;
use super::{Common, table};
use clap::Args;
use hub_core::tools::shown;
use hub_protocol::memories::Memory;
use hub_protocol::vocabulary::Tier;
use serde_json::json;
use std::collections::VecDeque;

#[derive(Debug, Args)]
pub(crate) struct Memories {
    /// `episodic`: what was said; `semantic`: facts derived from it
    #[arg(long, value_name = "TIER")]
    tier: Option<Tier>,
    /// Show at most the newest N
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    #[command(flatten)]
    reach: Reach,
}

impl Memories {
    pub(crate) async fn run(&self, common: &Common, screen: &Screen) -> Outcome<Exit> {
        let session = Session::open(common, &self.reach).await?;
        let path = match self.tier {
            Some(tier) => session.path(&format!("memories?tier={tier}")),
            None => session.path("memories"),
        };
        let mut newest: VecDeque<Memory> = VecDeque::new();
        let mut older = 0_u64;
        session
            .client
            .walk(&path, |memory: Memory| {
                newest.push_back(memory);
                if newest.len() > self.limit {
                    newest.pop_front();
                    older += 1;
                }
                true
            })
            .await?;
        if older > 0 {
            let text = counted(older, "older one", "older ones");
            screen.line(screen.faint(format_args!("{text} not shown; --limit shows more")));
        }
        let rows: Vec<Vec<String>> = newest.iter().map(row).collect();
        for line in table::columns(&rows) {
            screen.line(line);
        }
        if newest.is_empty() {
            screen.line(format_args!(
                "Nothing is remembered yet; try `{}`.",
                session.home.command("say \"I like green tea\"")
            ));
        }
        screen.value(&json!({"memories": newest, "older_not_shown": older}));
        Ok(Exit::Done)
    }
}

fn row(memory: &Memory) -> Vec<String> {
    vec![moment(&memory.occurred_at), memory.tier.to_string(), shown(&memory.content)]
}

/// A time as people read it, to the second, in the zone of this machine.
pub(crate) fn moment(time: &str) -> String {
    match time.parse::<jiff::Timestamp>() {
        Ok(time) => {
            time.to_zoned_datetime(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
        }
        Err(_) => shown(time),
    }
}
