//! `hub.tools()`.

use super::Tools;
use crate::Result;
use crate::context::{Context, Need};
use crate::ids::AgentId;
use crate::tools::{Tool, ToolManifest};
use std::sync::Arc;

impl Tools {
    /// The tools that this hub can run.
    ///
    /// # Errors
    /// `not_found` for another agent; `denied` for callers that may not see how it is arranged.
    pub async fn list(&self, context: &Context, agent_id: AgentId) -> Result<Vec<ToolManifest>> {
        let agent = self.hub.allow(context, agent_id, Need::See)?;
        self.hub
            .store
            .read(agent, move |tx| {
                crate::store::boxed(async move { super::agents::load(tx, agent).await.map(|_| ()) })
            })
            .await?;
        Ok(self.hub.tools.manifests())
    }

    /// Adds a tool of the host program. Actions for it run here from then on.
    ///
    /// # Errors
    /// `invalid` for a malformed manifest; `conflict` when this version of it is there already.
    pub fn register(&self, tool: Arc<dyn Tool>) -> Result<()> {
        self.hub.tools.register(tool)
    }
}
