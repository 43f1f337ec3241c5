//! `hub reject`: refuses an action.

use super::exit::{Exit, Outcome};
use super::screen::Screen;
use super::session::{Reach, Session};
use super::{Common, find};
use clap::Args;
use hub_protocol::actions::{Action, RejectAction};

#[derive(Debug, Args)]
pub(crate) struct Reject {
    /// Id of the action, or its first or last characters
    #[arg(value_name = "ID")]
    id: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    reach: Reach,
}

impl Reject {
    pub(crate) async fn run(&self, common: &Common, screen: &Screen) -> Outcome<Exit> {
        let session = Session::open(common, &self.reach).await?;
        let id = find::action(&session, &self.id).await?.action_id;
        let body = RejectAction { reason: self.reason.clone() };
        let action: Action = session.client.post(&format!("/v1/actions/{id}/reject"), &body).await?;
        screen.line(format_args!("{id} is {}", action.state));
        screen.value(&action);
        Ok(Exit::Done)
    }
}
