//! `hub status`: queues, log and counts of the agent.

use super::exit::{Exit, Outcome};
use super::screen::Screen;
use super::session::{Reach, Session};
use super::table::{figures, number};
use super::{Common, drain, table};
use clap::Args;
use hub_core::tools::shown;

#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    reach: Reach,
}

impl Status {
    pub(crate) async fn run(&self, common: &Common, screen: &Screen) -> Outcome<Exit> {
        let session = Session::open(common, &self.reach).await?;
        let status = drain::status(&session).await?;
        screen.value(&status);
        screen.line(format_args!("hub    {}", session.client.url()));
        screen.line(format_args!("agent  {}", session.agent_id));
        screen.line("");
        let heads = ["queue", "ready", "leased", "delayed", "dead"];
        let mut rows = vec![heads.map(str::to_owned).to_vec()];
        for (name, queue) in &status.queues {
            let depths = [queue.ready, queue.leased, queue.delayed, queue.dead].map(number);
            rows.push([vec![shown(name)], depths.to_vec()].concat());
        }
        for (index, line) in table::columns(&rows).into_iter().enumerate() {
            screen.line(if index == 0 { screen.strong(line) } else { line });
        }
        if status.queues.values().any(|queue| queue.dead > 0) {
            screen.line(screen.doubtful(
                "Dead jobs were given up; GET /v1/agents/{agent_id}/dead-letters says why and lets you replay them.",
            ));
        }
        screen.line("");
        let counts: Vec<(&str, String)> =
            status.counts.iter().map(|(name, count)| (name.as_str(), number(*count))).collect();
        for line in figures(&counts) {
            screen.line(line);
        }
        screen.line("");
        screen.line(format_args!(
            "log    {} entries, head {}",
            number(status.audit.size),
            shown(&status.audit.head)
        ));
        Ok(Exit::Done)
    }
}
