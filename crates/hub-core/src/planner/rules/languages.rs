//! Several languages behind the one port.

use super::Rules;
use crate::Result;
use crate::planner::meter::Meter;
use crate::planner::plan::{Plan, Window};
use crate::planner::port::Planner;

/// Changes when the shipped rules, or how they are applied, may give another plan.
const VERSION: &str = "1";

/// The rules of several languages. A window is planned by the rules of its language; a window in a
/// language without rules yields an empty plan.
#[derive(Debug, Clone)]
pub struct RulesPlanner {
    languages: Vec<Rules>,
    version: String,
}

impl RulesPlanner {
    /// The languages that are shipped: English.
    ///
    /// # Errors
    /// As [`Rules::english`].
    pub fn built_in() -> Result<Self> {
        Ok(Self::new(vec![Rules::english()?]))
    }

    /// These languages; where two have the same tag, the first one counts.
    #[must_use]
    pub fn new(languages: Vec<Rules>) -> Self {
        Self { languages, version: VERSION.to_owned() }
    }

    /// Says that the rules are others than the shipped ones, such as `1+kitchen-3`.
    #[must_use]
    pub fn with_version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }

    /// The rules for the language's very tag, else those that serve it.
    fn rules(&self, language: &str) -> Option<&Rules> {
        let exact = self.languages.iter().find(|rules| rules.language().eq_ignore_ascii_case(language));
        exact.or_else(|| self.languages.iter().find(|rules| serves(rules.language(), language)))
    }
}

/// Whether rules for a tag serve a language: `en` serves `en-GB`.
fn serves(tag: &str, language: &str) -> bool {
    let first = language.split(['-', '_']).next().unwrap_or_default();
    tag.eq_ignore_ascii_case(language) || tag.eq_ignore_ascii_case(first)
}

#[async_trait::async_trait]
impl Planner for RulesPlanner {
    fn name(&self) -> &str {
        "rules"
    }

    fn version(&self) -> &str {
        &self.version
    }

    async fn plan(&self, window: Window, _: &Meter) -> Result<Plan> {
        Ok(self.rules(&window.language).map(|rules| rules.plan_window(&window)).unwrap_or_default())
    }
}

#[async_trait::async_trait]
impl Planner for Rules {
    fn name(&self) -> &str {
        "rules"
    }

    fn version(&self) -> &str {
        VERSION
    }

    async fn plan(&self, window: Window, _: &Meter) -> Result<Plan> {
        Ok(if serves(self.language(), &window.language) {
            self.plan_window(&window)
        } else {
            Plan::default()
        })
    }
}
