//! What people and programs read of a copy.

use super::place::Place;
use crate::cli::home::Home;
use crate::cli::screen::Screen;
use crate::cli::table::{columns, counted, number};
use hub_core::copy::{Comparison, TableRows};
use serde_json::{Value, json};

/// Shows what both hold, table by table, and whether it is the same. `rows` are those that were found and
/// those that were written, when something was copied.
pub(super) fn show(
    from: &str,
    to: &str,
    rows: Option<(u64, u64)>,
    comparison: &Comparison,
    seed: u64,
    screen: &Screen,
) {
    screen.value(&value(from, to, rows, comparison, seed));
    screen.line(screen.strong(format_args!("{from} to {to}")));
    if let Some((found, written)) = rows {
        let before = if found > 0 { format!(", {} were there before", number(found)) } else { String::new() };
        screen.line(format_args!("{} copied{before}", counted(written, "row", "rows")));
    }
    let mut table = vec![["table", "from", "to", "same"].map(str::to_owned).to_vec()];
    for rows in by_table(&comparison.tables) {
        table.push(vec![rows.table.to_owned(), number(rows.from), number(rows.to), yes(rows.same)]);
    }
    for line in columns(&table) {
        screen.line(format_args!("  {line}"));
    }
    for (side, log) in [("source", &comparison.from_log), ("destination", &comparison.to_log)] {
        let entries = counted(log.entries, "entry", "entries");
        let holds = if log.holds() { "the log holds" } else { "the log does not hold" };
        screen.line(format_args!("{side}: {holds}, {entries}"));
        for problem in &log.problems {
            screen.line(format_args!("  {} {problem}", screen.bad("wrong:")));
        }
    }
    let heads = comparison.heads.iter().filter(|head| head.same()).count();
    screen.line(format_args!("logs that end alike: {heads} of {}", comparison.heads.len()));
    let (asked, same) = comparison
        .recall
        .iter()
        .fold((0, 0), |(asked, same), recall| (asked + recall.asked, same + recall.same));
    screen.line(format_args!("questions answered alike: {} of {}", number(same), number(asked)));
    if comparison.holds() {
        screen.line(
            screen.good(format_args!("both hold the same: {}", counted(comparison.rows(), "row", "rows"))),
        );
    } else {
        screen.line(screen.bad("both do not hold the same"));
    }
}

fn yes(same: bool) -> String {
    if same { "yes" } else { "NO" }.to_owned()
}

/// The rows of all agents together.
fn by_table(tables: &[TableRows]) -> Vec<TableRows> {
    let mut sums: Vec<TableRows> = Vec::new();
    for rows in tables {
        match sums.iter_mut().find(|sum| sum.table == rows.table) {
            Some(sum) => {
                (sum.from, sum.to, sum.same) =
                    (sum.from + rows.from, sum.to + rows.to, sum.same && rows.same);
            }
            None => sums.push(*rows),
        }
    }
    sums
}

fn value(from: &str, to: &str, rows: Option<(u64, u64)>, comparison: &Comparison, seed: u64) -> Value {
    let tables = comparison.tables.iter().map(|rows| {
        json!({"agent_id": rows.agent_id, "table": rows.table, "from": rows.from, "to": rows.to, "same": rows.same})
    });
    let end = |extent: Option<hub_core::audit::Extent>| {
        extent.map(|extent| json!({"size": extent.entries, "head": extent.hash.to_string()}))
    };
    let heads = comparison.heads.iter().map(|head| {
        json!({"agent_id": head.agent_id, "from": end(head.from), "to": end(head.to), "same": head.same()})
    });
    let recall = comparison
        .recall
        .iter()
        .map(|recall| json!({"agent_id": recall.agent_id, "asked": recall.asked, "same": recall.same}));
    let problems =
        |log: &hub_core::audit::Report| log.problems.iter().map(ToString::to_string).collect::<Vec<_>>();
    json!({
        "holds": comparison.holds(), "from": from, "to": to, "rows": comparison.rows(),
        "found": rows.map(|(found, _)| found), "written": rows.map(|(_, written)| written),
        "tables": tables.collect::<Vec<_>>(), "heads": heads.collect::<Vec<_>>(),
        "recall": recall.collect::<Vec<_>>(), "seed": seed,
        "problems": {"from": problems(&comparison.from_log), "to": problems(&comparison.to_log)},
    })
}

/// Says what to do next, so that hubs use the new database.
pub(super) fn next(to: &Place, switched: Option<&Home>, screen: &Screen) {
    let shown = to.shown();
    match switched {
        Some(home) => {
            screen.line(format_args!("The data folder {} belongs to it now.", home.path().display()));
            match to {
                Place::File { folder: Some(folder), .. } if folder == home.path() => {
                    screen.line("next: unset HUB_DATABASE_URL, and start the hub");
                }
                _ => screen.line(format_args!(
                    "next: start the hub with HUB_DATABASE_URL={shown} (with its password, where it has one)"
                )),
            }
        }
        None => {
            screen.line("A data folder goes on with its old database until it is told:");
            screen.line("next: the same command with --verify --switch --data DIR");
        }
    }
}
