//! `hub approve`: shows an action whole, asks, sends the digest that was shown, and waits.

use super::exit::{Exit, Failure, Outcome};
use super::screen::Screen;
use super::session::{Reach, Session};
use super::{Common, find, table};
use clap::Args;
use hub_core::tools::{shown, shown_json};
use hub_protocol::actions::{Action, ApproveAction};
use hub_protocol::spaces::Space;
use serde_json::Value;
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// Rest between two looks at an action that runs.
const REST: Duration = Duration::from_millis(50);

#[derive(Debug, Args)]
pub(crate) struct Approve {
    /// Id of the action, or its first or last characters
    #[arg(value_name = "ID")]
    id: String,
    /// Approve only if this is the action's digest: what was looked at before
    #[arg(long, value_name = "DIGEST")]
    digest: Option<String>,
    /// Approve without asking
    #[arg(long, short)]
    yes: bool,
    /// Do not wait for its end
    #[arg(long)]
    no_wait: bool,
    /// Seconds to wait for its end
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    wait: u64,
    #[command(flatten)]
    reach: Reach,
}

impl Approve {
    pub(crate) async fn run(&self, common: &Common, screen: &Screen) -> Outcome<Exit> {
        let session = Session::open(common, &self.reach).await?;
        let action = find::action(&session, &self.id).await?;
        let space: Option<Space> = session.client.get(&format!("/v1/spaces/{}", action.space_id)).await.ok();
        show(&action, space.as_ref(), screen);
        if !action.state.awaits_a_person() {
            let message = format!("the action is {}: there is nothing to approve", action.state);
            return Err(Failure::new(Exit::Refused, "not_awaiting_approval", message));
        }
        if !self.yes && !asked(screen)? {
            screen.line("Not approved; it still waits.");
            screen.value(&action);
            return Ok(Exit::Done);
        }
        let id = action.action_id;
        // The hub compares: what is sent is what somebody saw, here or before.
        let body = ApproveAction { binding_digest: self.digest.clone().unwrap_or(action.binding_digest) };
        let approved: Result<Action, Failure> =
            session.client.post(&format!("/v1/actions/{id}/approve"), &body).await;
        let mut action = approved.map_err(|failure| match failure.code.as_str() {
            "binding_changed" => failure.next("it is not what was shown: look at it again and decide anew"),
            _ => failure,
        })?;
        let until = Instant::now() + Duration::from_secs(self.wait);
        while !self.no_wait && action.state.is_under_way() && Instant::now() < until {
            tokio::time::sleep(REST).await;
            action = find::load(&session, id).await?;
        }
        screen.value(&action);
        ended(&action, &session, screen)
    }
}

/// The whole action, unshortened, with nothing that hides or forges.
fn show(action: &Action, space: Option<&Space>, screen: &Screen) {
    let may_use: Vec<&str> = action.scopes.iter().map(|scope| scope.as_str()).collect();
    let may_use = if may_use.is_empty() { "nothing".to_owned() } else { may_use.join(" ") };
    let reason = if action.reason.is_empty() { "none given".to_owned() } else { shown(&action.reason) };
    let rows: Vec<Vec<String>> = [
        ("action", action.action_id.to_string()),
        ("state", action.state.to_string()),
        ("tool", format!("{} {}", shown(&action.tool), shown(&action.tool_version))),
        ("effect", action.effect.to_string()),
        ("may use", may_use),
        (
            "space",
            space.map_or(String::new(), |space| shown(&space.name) + "  ") + &action.space_id.to_string(),
        ),
        ("proposed by", shown(&action.proposed_by)),
        ("reason", reason),
        ("expires", shown(&action.expires_at)),
        ("digest", shown(&action.binding_digest)),
    ]
    .into_iter()
    .map(|(name, value)| vec![name.to_owned(), value])
    .collect();
    for line in table::columns(&rows) {
        screen.line(line);
    }
    screen.line("arguments");
    for line in shown_json(&Value::Object(action.arguments.clone())).lines() {
        screen.line(format_args!("  {line}"));
    }
}

fn asked(screen: &Screen) -> Outcome<bool> {
    if screen.is_json() || !std::io::stdin().is_terminal() {
        return Err(Failure::usage("not_asked", "there is no terminal on which to ask")
            .next("look at the action, then say --yes"));
    }
    let mut out = std::io::stdout().lock();
    let _closed = write!(out, "Approve exactly this? [y/N] ").and_then(|()| out.flush());
    let mut answer = String::new();
    std::io::stdin()
        .read_line(&mut answer)
        .map_err(|cause| Failure::machine("the answer cannot be read", &cause))?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

fn ended(action: &Action, session: &Session, screen: &Screen) -> Outcome<Exit> {
    let problem = action.problem.as_ref().map(|problem| format!(": {}", shown(&problem.detail)));
    if action.state.is_done() {
        screen.line(screen.good("done"));
        for line in action.result.as_ref().map(shown_json).unwrap_or_default().lines() {
            screen.line(format_args!("  {line}"));
        }
        return Ok(Exit::Done);
    }
    if action.state.is_under_way() {
        let look = session.home.command("actions");
        screen.line(format_args!("approved, and {} so far; `{look}` shows how far it is", action.state));
        return Ok(Exit::Done);
    }
    screen.line(screen.bad(format_args!("{}{}", action.state, problem.unwrap_or_default())));
    Ok(Exit::Wrong)
}
