//! `hub worker`: runs workers apart from `hub serve --no-workers`.

use super::Common;
use super::exit::{Exit, Failure, Outcome};
use super::home::Home;
use super::screen::Screen;
use super::serve::{OpenArgs, say_stop, stop_signal, timed};
use clap::Args;
use hub_core::hub::WorkerRole;
use hub_server::telemetry::Metrics;
use serde_json::json;
use std::time::{Duration, Instant};

/// How long a step may take to end when the process is told to stop.
const STOP: Duration = Duration::from_secs(10);

#[derive(Debug, Args)]
pub(crate) struct Worker {
    /// What to do: plan, index, tools, timers [default: all]
    #[arg(long, value_name = "ROLES", value_delimiter = ',')]
    roles: Vec<String>,
    #[command(flatten)]
    open: OpenArgs,
}

impl Worker {
    pub(crate) fn run(&self, common: &Common, screen: &Screen) -> Outcome<Exit> {
        let home = Home::of(common)?;
        let roles = parse(&self.roles)?;
        self.open.runtime()?.block_on(self.work(&home, roles, screen))
    }

    async fn work(&self, home: &Home, roles: Vec<WorkerRole>, screen: &Screen) -> Outcome<Exit> {
        let (stop, stopped_at) = timed(stop_signal()?);
        let names: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
        let opened = self.open.open(home, "hub worker", roles, &Metrics::new()).await.map_err(held)?;
        screen.line(format_args!("hub worker runs {} on {}", names.join(", "), home.path().display()));
        screen.line(screen.faint("Ctrl-C stops it."));
        screen.value(&json!({"roles": names, "data": home.path(), "database": opened.database.url()}));
        opened.telemetry.watch(&opened.hub);
        stop.await;
        let closed = tokio::time::timeout(STOP, opened.hub.shutdown()).await.is_ok();
        let took = stopped_at.get().map(Instant::elapsed).unwrap_or_default();
        opened.telemetry.shutdown(STOP.saturating_sub(took)).await;
        screen.line(say_stop(closed));
        Ok(if closed { Exit::Done } else { Exit::Wrong })
    }
}

fn held(failure: Failure) -> Failure {
    match failure.code.as_str() {
        "folder_in_use" => failure.next(
            "each process has a data folder of its own: on PostgreSQL name another one with --data; on SQLite one \
             process writes, so let `hub serve` run the workers itself, without --no-workers",
        ),
        _ => failure,
    }
}

fn parse(names: &[String]) -> Outcome<Vec<WorkerRole>> {
    if names.is_empty() {
        return Ok(WorkerRole::ALL.to_vec());
    }
    let mut roles = Vec::new();
    for name in names {
        let name = name.trim();
        let role = WorkerRole::parse(name).ok_or_else(|| match name {
            "voice" => Failure::usage("voice", "the role voice is not in this version of the hub"),
            _ => Failure::usage("unknown_role", format!("there is no worker role {name:?}"))
                .next("the roles are plan, index, tools and timers"),
        })?;
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    Ok(roles)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn roles_are_read_and_voice_is_refused_as_to_come() {
        let read = |names: &[&str]| parse(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
        assert_eq!(read(&["index", "plan", "index"]).unwrap(), [WorkerRole::Index, WorkerRole::Plan]);
        assert_eq!(read(&[]).unwrap().len(), WorkerRole::ALL.len());
        assert!(read(&["plan", "voice"]).unwrap_err().message.contains("not in this version"));
        assert_eq!(read(&["boss"]).unwrap_err().code, "unknown_role");
    }
}
