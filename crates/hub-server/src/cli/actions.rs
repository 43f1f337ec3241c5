//! `hub actions`: lists proposed actions.

use super::exit::{Exit, Outcome};
use super::screen::Screen;
use super::session::{Reach, Session};
use super::table::{counted, short};
use super::{Common, table};
use clap::Args;
use hub_core::tools::shown;
use hub_protocol::actions::Action;
use hub_protocol::vocabulary::ActionState;
use serde_json::{Value, json};

/// Characters of an action's arguments that a list shows; `hub approve` shows all.
const SUMMARY_CHARS: usize = 100;

#[derive(Debug, Args)]
pub(crate) struct Actions {
    /// Only those in this state, such as `done`; by default those that are still open
    #[arg(long, value_name = "STATE", conflicts_with = "all")]
    state: Option<ActionState>,
    /// Those of every state
    #[arg(long)]
    all: bool,
    /// Show at most the newest N
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    #[command(flatten)]
    reach: Reach,
}

impl Actions {
    pub(crate) async fn run(&self, common: &Common, screen: &Screen) -> Outcome<Exit> {
        let session = Session::open(common, &self.reach).await?;
        let path = match self.state {
            Some(state) => session.path(&format!("actions?state={state}")),
            None => session.path("actions"),
        };
        let mut chosen = Vec::new();
        session
            .client
            .walk(&path, |action: Action| {
                if self.shows(action.state) {
                    chosen.push(action);
                }
                true
            })
            .await?;
        let hidden = chosen.len().saturating_sub(self.limit);
        chosen.drain(..hidden);
        self.show(&session, &chosen, hidden, screen);
        screen.value(&json!({"actions": chosen, "older_not_shown": hidden}));
        Ok(Exit::Done)
    }

    fn shows(&self, state: ActionState) -> bool {
        self.all || self.state.map_or_else(|| state.is_open(), |wanted| wanted == state)
    }

    fn show(&self, session: &Session, actions: &[Action], hidden: usize, screen: &Screen) {
        if hidden > 0 {
            let older = counted(u64::try_from(hidden).unwrap_or(u64::MAX), "older one", "older ones");
            screen.line(screen.faint(format_args!("{older} not shown; --limit shows more")));
        }
        let rows: Vec<Vec<String>> = actions
            .iter()
            .map(|action| vec![action.action_id.to_string(), action.state.to_string(), summary(action)])
            .collect();
        for line in table::columns(&rows) {
            screen.line(line);
        }
        if actions.is_empty() {
            screen.line(match (self.all, self.state) {
                (true, _) => "No action was proposed yet.".to_owned(),
                (false, Some(state)) => format!("No action is {state}."),
                (false, None) => format!(
                    "No action is open; `{}` lists the others.",
                    session.home.command("actions --all")
                ),
            });
        } else if actions.iter().any(|action| action.state.awaits_a_person()) {
            screen.line(screen.faint(format_args!(
                "Approve one with `{}`; the last characters of an ID are enough.",
                session.home.command("approve ID")
            )));
        }
    }
}

/// An action on one line: its tool and arguments, shortened, with nothing hidden in them.
pub(crate) fn summary(action: &Action) -> String {
    let arguments: Vec<String> = action
        .arguments
        .iter()
        .map(|(name, value)| match value {
            Value::String(text) => format!("{}: {}", shown(name), shown(text)),
            other => format!("{}: {}", shown(name), shown(&other.to_string())),
        })
        .collect();
    format!("{}  {}", shown(&action.tool), short(&arguments.join(", "), SUMMARY_CHARS))
}
