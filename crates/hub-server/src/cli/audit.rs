//! `hub audit verify`: whether the log of a data folder holds.

use super::database::{self, Database, DatabaseArgs};
use super::exit::{Exit, Failure, Outcome};
use super::home::Home;
use super::screen::Screen;
use super::table::{counted, number};
use super::{Common, config};
use clap::{Args, Subcommand};
use hub_core::audit::Report;
use hub_core::store::migrate;
use serde_json::json;

#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Read the whole log, while a hub runs or not, and say what was changed in it
    Verify(Verify),
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    database: DatabaseArgs,
}

impl Audit {
    pub(crate) async fn run(&self, common: &Common, screen: &Screen) -> Outcome<Exit> {
        let Self::Verify(verify) = self;
        let home = Home::of(common)?;
        let config = config::load(verify.database.config.as_deref(), &home)?;
        let database = database::choose(&verify.database.named(&config), &home)?;
        let report = verified(&home, &database).await.map_err(|error| {
            let failure = Failure::from(error);
            match failure.code.as_str() {
                "no_database" => failure
                    .next("name the folder of a hub with --data, and its database with HUB_DATABASE_URL"),
                _ => failure,
            }
        })?;
        show(&report, screen);
        Ok(if report.holds() { Exit::Done } else { Exit::Wrong })
    }
}

async fn verified(home: &Home, database: &Database) -> hub_core::Result<Report> {
    if let Some(file) = database.file() {
        return hub_core::audit::verify_database(home.path(), file).await;
    }
    let Some(executor) = database.open().await? else {
        return hub_core::audit::verify_folder(home.path()).await;
    };
    let mut report = hub_core::audit::verify_with(home.path(), executor.as_ref()).await;
    let steps = executor.dialect().migrations();
    if report.is_err() && migrate::lacking(executor.as_ref(), steps).await.ok() == Some(steps.len()) {
        let message = format!("the database {} holds no hub", database.shown());
        report = Err(hub_core::Error::not_found("no_database", message));
    }
    executor.shutdown().await;
    report
}

fn show(report: &Report, screen: &Screen) {
    let agents: Vec<_> = report
        .agents
        .iter()
        .map(|(id, extent)| {
            json!({"agent_id": id, "entries": extent.entries, "last": extent.last, "hash": extent.hash.to_string()})
        })
        .collect();
    let problems: Vec<_> = report
        .problems
        .iter()
        .map(|problem| json!({"agent_id": problem.agent_id, "seq": problem.seq, "what": problem.what}))
        .collect();
    screen.value(&json!({
        "holds": report.holds(), "entries": report.entries, "agents": agents,
        "problems": problems, "problems_total": report.problems_total,
    }));
    for (agent_id, extent) in &report.agents {
        let entries = counted(extent.entries, "entry", "entries");
        screen.line(format_args!("agent {agent_id}: {entries}, the last {} {}", extent.last, extent.hash));
    }
    for problem in &report.problems {
        screen.line(format_args!("{} {problem}", screen.bad("wrong:")));
    }
    let kept = u64::try_from(report.problems.len()).unwrap_or(u64::MAX);
    if report.problems_total > kept {
        screen.line(format_args!("and {} more", number(report.problems_total - kept)));
    }
    if report.holds() {
        let entries = counted(report.entries, "entry", "entries");
        screen.line(screen.good(format_args!("the log holds: {entries} verified")));
    } else {
        let problems = counted(report.problems_total, "problem", "problems");
        screen.line(screen.bad(format_args!("the log does not hold: {problems}")));
    }
}
