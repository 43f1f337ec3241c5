//! The planner that asks a model, where somebody has one.

use crate::cli::config::Config;
use crate::cli::exit::Outcome;
use clap::Args;
use hub_core::Secret;
use hub_core::planner::Planner;
use hub_core::trace::Traces;
use hub_openai::OpenAiPlanner;
use std::sync::Arc;

/// Where the model is. With neither of the two there is none, and agents cannot ask for it.
#[derive(Debug, Args)]
pub(crate) struct ModelArgs {
    /// Key of the server of the model. Given by the environment alone: others see a command line
    #[arg(skip = key_of_environment())]
    key: Option<Key>,
    /// A server that speaks OpenAI's Responses API, such as `http://127.0.0.1:8000/v1`
    #[arg(long, env = "OPENAI_BASE_URL", value_name = "URL")]
    openai_base_url: Option<String>,
}

/// What is not shown.
#[derive(Debug, Clone)]
struct Key(Secret);

fn key_of_environment() -> Option<Key> {
    let given = std::env::var("OPENAI_API_KEY").ok().map(|text| text.trim().to_owned());
    given.filter(|text| !text.is_empty()).map(|text| Key(Secret::new(text)))
}

impl ModelArgs {
    /// The planner, where there is a key or a base URL.
    pub(crate) fn planner(
        &self,
        config: &Config,
        traces: Arc<dyn Traces>,
    ) -> Outcome<Option<Arc<dyn Planner>>> {
        let mut settings = config.openai.clone();
        let named = self.openai_base_url.as_ref().filter(|url| !url.trim().is_empty());
        let default = settings.base_url == hub_openai::Settings::default().base_url;
        if self.key.is_none() && named.is_none() && default {
            return Ok(None);
        }
        if let Some(url) = named {
            url.trim().clone_into(&mut settings.base_url);
        }
        let key = self.key.as_ref().map(|Key(secret)| secret.clone());
        Ok(Some(Arc::new(OpenAiPlanner::new(settings, key)?.traces(traces))))
    }
}
