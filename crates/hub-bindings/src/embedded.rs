//! The hub: open, call, shut down.

use crate::begun::{Begun, begin};
use crate::host::{ForeignPlanner, HostPlanner, HostTool, foreign_tool};
use crate::operations;
use crate::problem::Problem;
use hub_core::hub::WorkerRole;
use hub_core::protocol::decode::decode;
use hub_core::vocabulary::PlannerKind;
use hub_core::{Error, Hub, HubBuilder, Result, Settings, wire};
use serde::Deserialize;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// What the host brings along.
#[derive(Default, Clone)]
pub struct Plugins {
    /// Tools, each with its manifest in JSON.
    pub tools: Vec<(String, Arc<dyn HostTool>)>,
    /// A planner, with name and version, in place of the rules.
    pub planner: Option<(String, String, Arc<dyn HostPlanner>)>,
}

impl fmt::Debug for Plugins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let planner = self.planner.as_ref().map(|(name, _, _)| name);
        f.debug_struct("Plugins").field("tools", &self.tools.len()).field("planner", &planner).finish()
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    folder: PathBuf,
    #[serde(default)]
    database_url: Option<String>,
    #[serde(default)]
    settings: Settings,
    #[serde(default)]
    workers: Option<Vec<String>>,
}

impl Options {
    fn workers(&self) -> Result<Vec<WorkerRole>> {
        let Some(names) = &self.workers else { return Ok(WorkerRole::ALL.to_vec()) };
        let role = |name: &String| {
            let unknown = || Error::invalid("invalid_field", format!("there is no worker {name}"));
            WorkerRole::parse(name).ok_or_else(|| unknown().field("workers"))
        };
        names.iter().map(role).collect()
    }
}

/// An embedded hub that is called by name. Cheap to clone; clones are the same hub.
#[derive(Debug, Clone)]
pub struct Embedded {
    hub: Hub,
}

impl Embedded {
    /// Opens a hub. `options` is JSON: `folder`, and where wanted `database_url`
    /// (`postgres://…`, with the feature `postgres`), `settings` ([`Settings`]) and `workers` (which of
    /// `index`, `plan`, `tools`, `timers` run here; by default all of them).
    ///
    /// # Errors
    /// As [`HubBuilder::open`]; `invalid` for malformed options or a malformed tool.
    pub async fn open(options: &str, plugins: Plugins) -> Result<Self, Problem> {
        Ok(Self { hub: Self::build(options, plugins).await? })
    }

    async fn build(options: &str, plugins: Plugins) -> Result<Hub> {
        let options: Options = decode(options.as_bytes()).map_err(wire::undecodable)?;
        let mut builder = HubBuilder::in_folder(&options.folder)
            .workers(options.workers()?)
            .settings(options.settings.clone());
        for (manifest, tool) in plugins.tools {
            builder = builder.tool(foreign_tool(&manifest, tool)?);
        }
        if let Some((name, version, planner)) = plugins.planner {
            builder =
                builder.planner(PlannerKind::Rules, Arc::new(ForeignPlanner { name, version, planner }));
        }
        if let Some(url) = &options.database_url {
            builder = builder.executor(executor(url).await?);
        }
        builder.open().await
    }

    /// Runs an operation of [`crate::operations::OPERATIONS`]. `request` and answer are JSON.
    ///
    /// # Errors
    /// That of the operation; `not_found`, code `unknown_operation`.
    pub async fn call(&self, operation: &str, request: &str) -> Result<String, Problem> {
        Ok(operations::run(self.hub.clone(), operation, request).await?)
    }

    /// As [`Embedded::call`], for hosts whose threads are not those of the hub: what needs no waiting, and is not
    /// large, has ended when this returns. To be called within the hub's runtime.
    #[must_use]
    pub fn begin(&self, operation: String, request: String) -> Begun {
        let hub = self.clone();
        begin(request.len(), async move { hub.call(&operation, &request).await })
    }

    /// Registers another tool of the host.
    ///
    /// # Errors
    /// `invalid` when its manifest is malformed or there is one of this name and version.
    pub fn register(&self, manifest: &str, tool: Arc<dyn HostTool>) -> Result<(), Problem> {
        Ok(self.hub.tools().register(foreign_tool(manifest, tool)?)?)
    }

    /// Finishes what was accepted, stops the workers and closes the database. Calls afterwards are
    /// refused as `unavailable`.
    pub async fn shutdown(&self) {
        self.hub.shutdown().await;
    }
}

#[cfg(feature = "postgres")]
async fn executor(url: &str) -> Result<Arc<dyn hub_core::store::Executor>> {
    Ok(Arc::new(hub_core::store::PostgresExecutor::open(url).await?))
}

#[cfg(not(feature = "postgres"))]
async fn executor(_url: &str) -> Result<Arc<dyn hub_core::store::Executor>> {
    let message = "this build knows no other database than SQLite in its folder";
    Err(Error::invalid("no_postgres", message).field("database_url"))
}
