//! Tools whose effect lies outside the hub, and a planner that is late at times.

use crate::seeded::Seeded;
use hub_core::planner::{Meter, Plan, Planner, RulesPlanner, Window};
use hub_core::tools::{FnTool, Tool, ToolCall, ToolManifest};
use hub_core::vocabulary::Effect;
use hub_core::{Error, Result};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Runs once at most.
pub(crate) const ONCE: &str = "count.once";
/// May run again after its runner was lost.
pub(crate) const AGAIN: &str = "count.again";

/// Both tools, counting in this file: a line for each time that one ran.
pub(crate) fn counting(effects: &Path) -> Vec<Arc<dyn Tool>> {
    [(ONCE, false), (AGAIN, true)].map(|(name, idempotent)| tool(name, idempotent, effects)).into()
}

fn tool(name: &'static str, idempotent: bool, effects: &Path) -> Arc<dyn Tool> {
    let manifest = ToolManifest {
        name: name.to_owned(),
        version: "1.0.0".to_owned(),
        description: "Counts how often it runs.".to_owned(),
        input_schema: json!({
            "type": "object",
            "required": ["before_ms", "after_ms"],
            "properties": { "before_ms": { "type": "integer" }, "after_ms": { "type": "integer" } },
            "additionalProperties": false
        }),
        effect: Effect::External,
        scopes: Vec::new(),
        timeout_seconds: 60,
        idempotent,
    };
    let effects = effects.to_path_buf();
    Arc::new(FnTool::new(manifest, move |call| count(name, effects.clone(), call)))
}

/// Works, counts, and works on: a kill meets it before or after its effect.
async fn count(name: &'static str, effects: PathBuf, call: ToolCall) -> Result<Value> {
    let rest = |field: &str| Duration::from_millis(call.arguments[field].as_u64().unwrap_or(0));
    tokio::time::sleep(rest("before_ms")).await;
    let line = format!("{name} {} {}\n", call.action_id, call.attempt);
    let file = std::fs::OpenOptions::new().create(true).append(true).open(&effects);
    // One write to a file that is appended to: lines of several processes do not mix.
    file.and_then(|mut file| file.write_all(line.as_bytes())).map_err(Error::internal)?;
    tokio::time::sleep(rest("after_ms")).await;
    Ok(json!({ "attempt": call.attempt }))
}

/// The planner with the built-in rules, of whose answers some come after the lease has ended.
#[derive(Debug)]
pub(crate) struct SlowPlanner {
    rules: RulesPlanner,
    random: Mutex<Seeded>,
}

impl SlowPlanner {
    pub(crate) fn new(random: Seeded) -> Self {
        Self { rules: RulesPlanner::built_in().unwrap(), random: Mutex::new(random) }
    }
}

#[async_trait::async_trait]
impl Planner for SlowPlanner {
    fn name(&self) -> &str {
        self.rules.name()
    }

    fn version(&self) -> &str {
        self.rules.version()
    }

    async fn plan(&self, window: Window, meter: &Meter) -> Result<Plan> {
        let rest = {
            let mut random = self.random.lock().unwrap();
            match random.below(40) {
                0 => random.millis(2_000, 2_600),
                1..4 => random.millis(50, 400),
                _ => Duration::ZERO,
            }
        };
        tokio::time::sleep(rest).await;
        self.rules.plan(window, meter).await
    }
}
