//! The tools that this process has, by name and version.

use super::manifest::{ToolManifest, Version};
use super::port::{Tool, ToolCall};
use super::schema::ArgumentSchema;
use crate::audit::Digest;
use crate::{Error, Result};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

/// A tool whose manifest was checked. The manifest is the one of that moment: a tool that changes
/// what it says of itself changes nothing here.
#[derive(Debug)]
pub struct RegisteredTool {
    tool: Arc<dyn Tool>,
    manifest: ToolManifest,
    schema: ArgumentSchema,
    digest: Digest,
}

impl RegisteredTool {
    fn new(tool: Arc<dyn Tool>) -> Result<Self> {
        let manifest = tool.manifest().clone();
        let schema = manifest.compile()?;
        let digest = manifest.schema_digest()?;
        Ok(Self { tool, manifest, schema, digest })
    }

    /// What the tool said of itself.
    #[must_use]
    pub fn manifest(&self) -> &ToolManifest {
        &self.manifest
    }

    /// Digest of the schema of its arguments.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Refuses arguments that the tool does not take.
    ///
    /// # Errors
    /// As [`ArgumentSchema::check`].
    pub fn check_arguments(&self, arguments: &Value) -> Result<()> {
        self.schema.check(arguments)
    }

    /// Checks the arguments once more and runs the tool.
    ///
    /// # Errors
    /// As [`ArgumentSchema::check`], and whatever the tool answers.
    pub async fn run(&self, call: ToolCall) -> Result<Value> {
        self.check_arguments(&call.arguments)?;
        self.tool.run(call).await
    }
}

type Tools = BTreeMap<String, BTreeMap<Version, Arc<RegisteredTool>>>;

/// The tools that this process has.
#[derive(Debug, Default)]
pub struct ToolRegistry {
    tools: RwLock<Tools>,
}

impl ToolRegistry {
    /// Adds a tool.
    ///
    /// # Errors
    /// As [`ToolManifest::compile`]; `conflict`, code `tool_registered`, when there is one of this
    /// name and version.
    pub fn register(&self, tool: Arc<dyn Tool>) -> Result<()> {
        let tool = RegisteredTool::new(tool)?;
        let version = tool.manifest.version()?;
        let mut tools = self.tools.write().unwrap_or_else(PoisonError::into_inner);
        let versions = tools.entry(tool.manifest.name.clone()).or_default();
        if versions.contains_key(&version) {
            let which = format!("{} {} is registered already", tool.manifest.name, tool.manifest.version);
            return Err(Error::conflict("tool_registered", which));
        }
        versions.insert(version, Arc::new(tool));
        Ok(())
    }

    /// The tool of this name in its newest version.
    #[must_use]
    pub fn newest(&self, name: &str) -> Option<Arc<RegisteredTool>> {
        self.read().get(name)?.values().next_back().cloned()
    }

    /// The tool of exactly this name and version.
    #[must_use]
    pub fn exact(&self, name: &str, version: &str) -> Option<Arc<RegisteredTool>> {
        self.read().get(name)?.get(&version.parse().ok()?).cloned()
    }

    /// What is registered, by name, then version.
    #[must_use]
    pub fn manifests(&self) -> Vec<ToolManifest> {
        self.read().values().flat_map(BTreeMap::values).map(|tool| tool.manifest.clone()).collect()
    }

    /// The newest version of each tool, by name.
    #[must_use]
    pub fn newest_manifests(&self) -> Vec<ToolManifest> {
        let tools = self.read();
        let newest = tools.values().filter_map(|versions| versions.values().next_back());
        newest.map(|tool| tool.manifest.clone()).collect()
    }

    /// The longest time that any of them may run; zero without tools.
    #[must_use]
    pub fn longest_timeout(&self) -> Duration {
        let tools = self.read();
        let seconds =
            tools.values().flat_map(BTreeMap::values).map(|tool| tool.manifest.timeout_seconds).max();
        Duration::from_secs(u64::from(seconds.unwrap_or(0)))
    }

    /// Nothing panics under the lock; were it so, the map would still be whole.
    fn read(&self) -> RwLockReadGuard<'_, Tools> {
        self.tools.read().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
