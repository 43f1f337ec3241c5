//! What a benchmark writes, and what is made of it.

use super::machine::Machine;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The document that a benchmark writes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Measured {
    /// At least one.
    figures: Vec<Figure>,
    /// What a reader must know: settings, sizes, what was left out.
    #[serde(default)]
    notes: Vec<String>,
}

/// One figure.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Figure {
    /// What was measured, such as `single events, 32 connections`.
    name: String,
    value: f64,
    /// Such as `events/s` or `ms`.
    unit: String,
    /// The value to reach, if one is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reach: Option<Reach>,
    /// A peer, or the limit of the machine, measured in the same run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    beside: Option<Beside>,
}

/// A bound, and on which side of it is good.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Reach {
    AtLeast(f64),
    AtMost(f64),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Beside {
    name: String,
    value: f64,
    /// When it is another than the figure's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
}

/// The document that is printed.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    bench: String,
    command: String,
    machine: Machine,
    #[serde(flatten)]
    measured: Measured,
}

impl Report {
    /// Puts a report together; one without a figure, or with a value that is no number, is refused.
    pub(crate) fn new(bench: &str, command: String, machine: Machine, measured: Measured) -> Result<Self> {
        if measured.figures.is_empty() || measured.figures.iter().any(|figure| !figure.value.is_finite()) {
            return Err(Error::Unreadable(format!("benchmark `{bench}` measured nothing")));
        }
        Ok(Self { bench: bench.to_owned(), command, machine, measured })
    }
}

impl Reach {
    fn verdict(self, value: f64) -> String {
        let (word, bound, reached) = match self {
            Self::AtLeast(bound) => ("at least", bound, value >= bound),
            Self::AtMost(bound) => ("at most", bound, value <= bound),
        };
        let verdict = if reached { "reached" } else { "MISSED" };
        format!("{word} {}: {verdict}", number(bound))
    }
}

impl fmt::Display for Report {
    /// A table that can be pasted into docs/BENCHMARKS.md.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "`{}` · {}\n", self.command, self.machine)?;
        writeln!(f, "| Work | Measured | To reach | Beside, in the same run |\n|---|---|---|---|")?;
        for figure in &self.measured.figures {
            let reach = figure.reach.map(|reach| reach.verdict(figure.value)).unwrap_or_default();
            let beside = figure.beside.as_ref();
            let beside = beside.map(|peer| {
                let unit = peer.unit.as_deref().unwrap_or(&figure.unit);
                format!("{}: {} {unit}", peer.name, number(peer.value))
            });
            let beside = beside.unwrap_or_default();
            writeln!(
                f,
                "| {} | {} {} | {reach} | {beside} |",
                figure.name,
                number(figure.value),
                figure.unit
            )?;
        }
        for note in &self.measured.notes {
            writeln!(f, "\n{note}")?;
        }
        Ok(())
    }
}

/// Three significant digits below a hundred, whole and grouped above.
fn number(value: f64) -> String {
    if value.abs() < 100.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{:.0}", value.abs());
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    if value < 0.0 { format!("-{grouped}") } else { grouped }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn report(document: &str) -> Result<Report> {
        let measured =
            serde_json::from_str(document).map_err(|cause| Error::Unreadable(cause.to_string()))?;
        Report::new("ingest", "cargo xtask bench ingest".to_owned(), Machine::default(), measured)
    }

    #[test]
    fn a_table_names_figure_bound_and_peer() {
        let table = report(
            r#"{"figures": [
                {"name": "single", "value": 12345.6, "unit": "events/s", "reach": {"at_least": 10000},
                 "beside": {"name": "bare commits", "value": 20000}},
                {"name": "p99", "value": 61.5, "unit": "ms", "reach": {"at_most": 50}}],
                "notes": ["workers off"]}"#,
        );
        let table = table.unwrap().to_string();
        let single =
            "| single | 12 346 events/s | at least 10 000: reached | bare commits: 20 000 events/s |";
        assert!(table.contains(single), "{table}");
        assert!(table.contains("| p99 | 61.50 ms | at most 50.00: MISSED |  |"), "{table}");
        assert!(table.ends_with("\nworkers off\n"));
    }

    #[test]
    fn a_benchmark_without_a_figure_is_refused() {
        assert!(report(r#"{"figures": []}"#).is_err());
        assert!(report(r#"{"figures": [], "figure": 1}"#).is_err());
    }
}
