//! What was found.

use crate::net;
use serde::Serialize;
use std::fmt;
use std::time::{Duration, Instant};

/// How a step ended. The worst is the report's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It was not looked at.
    Skipped,
    /// It is as it should be.
    Passed,
    /// It works, but not as well as it could.
    Warning,
    /// It does not work.
    Failed,
}

/// One step.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// What was looked at: `dns`, `connection`, `tls`, `http`, `clock`, `token`, `websocket`, `permissions`,
    /// `udp`, `tcp`, `turn`.
    pub check: &'static str,
    /// How it ended.
    pub verdict: Verdict,
    /// How long it took.
    pub milliseconds: u64,
    /// What was seen.
    pub text: String,
    /// What would help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// Everything that was found, in the order in which it was looked at.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The version of this document's form.
    pub version: u32,
    /// What was looked at.
    pub url: String,
    /// The worst of all steps.
    pub verdict: Verdict,
    /// The steps.
    pub findings: Vec<Finding>,
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            let word = match finding.verdict {
                Verdict::Passed => "ok",
                Verdict::Warning => "WARNING",
                Verdict::Failed => "FAILED",
                Verdict::Skipped => "skipped",
            };
            let time = finding.milliseconds;
            writeln!(formatter, "{word:<8} {:<12} {time:>5} ms  {}", finding.check, finding.text)?;
            if let Some(advice) = &finding.advice {
                writeln!(formatter, "{:>32}{advice}", "-> ")?;
            }
        }
        Ok(())
    }
}

/// A report in the making.
pub(super) struct Chart {
    url: String,
    findings: Vec<Finding>,
    since: Instant,
}

impl Chart {
    pub(super) fn new(url: &str) -> Self {
        Self { url: url.to_owned(), findings: Vec::new(), since: Instant::now() }
    }

    pub(super) fn pass(&mut self, check: &'static str, text: impl Into<String>) {
        self.add(check, Verdict::Passed, text.into(), None);
    }

    pub(super) fn warn(&mut self, check: &'static str, text: impl Into<String>, advice: impl Into<String>) {
        self.add(check, Verdict::Warning, text.into(), Some(advice.into()));
    }

    pub(super) fn fail(&mut self, check: &'static str, text: impl Into<String>, advice: impl Into<String>) {
        self.add(check, Verdict::Failed, text.into(), Some(advice.into()));
    }

    pub(super) fn skip(&mut self, check: &'static str, text: impl Into<String>) {
        self.add(check, Verdict::Skipped, text.into(), None);
    }

    fn add(&mut self, check: &'static str, verdict: Verdict, text: String, advice: Option<String>) {
        // Reports are passed on to others.
        let text = net::without_tokens(&text);
        let took: Duration = std::mem::replace(&mut self.since, Instant::now()).elapsed();
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.findings.push(Finding { check, verdict, milliseconds, text, advice });
    }

    pub(super) fn report(self) -> Report {
        let worst = self.findings.iter().map(|finding| finding.verdict).max();
        let verdict = worst.unwrap_or(Verdict::Skipped);
        Report { version: 1, url: self.url, verdict, findings: self.findings }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_step_is_the_verdict_and_a_skipped_one_is_not_a_pass() {
        let mut chart = Chart::new("ws://a");
        chart.pass("dns", "a name");
        chart.skip("udp", "no token");
        chart.warn("tcp", "closed", "open it");
        let report = chart.report();
        assert_eq!(report.verdict, Verdict::Warning);
        let text = report.to_string();
        assert!(text.contains("skipped  udp") && text.contains("-> open it"), "{text}");
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(
            (&json["verdict"], &json["findings"][1]["verdict"]),
            (&"warning".into(), &"skipped".into())
        );
    }
}
