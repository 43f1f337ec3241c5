//! Every statement of the hub, by name: what a new executor must understand.

use super::across;
use super::dialect::Dialect;
use super::heads;
use super::statement::{BulkInsert, JoinStatement, ListStatement, Statement};
use crate::{actions, artifacts, consent, events, hub, memory, planner, queue, timers, tools};

type Fixed = &'static [(&'static str, Statement)];
type Joins = &'static [(&'static str, JoinStatement)];
type Lists = &'static [(&'static str, ListStatement)];

const FIXED: &[(&str, Fixed)] = &[
    ("actions::decide", actions::decide::ALL),
    ("actions::grants", actions::grants::ALL),
    ("actions::propose", actions::propose::ALL),
    ("actions::record", actions::record::ALL),
    ("actions::run", actions::run::ALL),
    ("actions::traced", actions::traced::ALL),
    ("actions::withdraw", actions::withdraw::ALL),
    ("artifacts::erase", artifacts::erase::ALL),
    ("artifacts::rows", artifacts::rows::ALL),
    ("consent::grants", consent::grants::ALL),
    ("events::list", events::list::ALL),
    ("hub::agents", hub::agents::ALL),
    ("hub::audit", hub::audit::ALL),
    ("hub::dead_letters", hub::dead_letters::ALL),
    ("hub::devices", hub::devices::ALL),
    ("hub::event_types", hub::event_types::ALL),
    ("hub::health", hub::health::ALL),
    ("hub::memory", hub::memory::ALL),
    ("hub::people", hub::people::ALL),
    ("hub::presence", hub::presence::ALL),
    ("hub::spaces", hub::spaces::ALL),
    ("hub::tokens", hub::tokens::rows::ALL),
    ("memory::erase", memory::erase::ALL),
    ("memory::index", memory::index::ALL),
    ("memory::recall", memory::recall::ALL),
    ("memory::record", memory::record::ALL),
    ("planner::budget", planner::budget::ALL),
    ("planner::read", planner::read::ALL),
    ("planner::run", planner::run::ALL),
    ("planner::surroundings", planner::surroundings::ALL),
    ("planner::traced", planner::traced::ALL),
    ("planner::window", planner::window::ALL),
    ("planner::write", planner::write::ALL),
    ("queue::dead_letters", queue::dead_letters::ALL),
    ("queue::lease", queue::lease::ALL),
    ("timers::consents", timers::consents::ALL),
    ("timers::expiry", timers::expiry::ALL),
    ("timers::reminders", timers::reminders::ALL),
    ("tools::memory_forget", tools::built_in::memory_forget::ALL),
    ("tools::message_send", tools::built_in::message_send::ALL),
    ("tools::reminder_set", tools::built_in::reminder_set::ALL),
];

const LISTS: &[(&str, Lists)] = &[
    ("artifacts::erase", artifacts::erase::LISTS),
    ("artifacts::rows", artifacts::rows::LISTS),
    ("memory::erase", memory::erase::LISTS),
    ("memory::recall", memory::recall::LISTS),
    ("memory::record", memory::record::LISTS),
    ("queue::lease", queue::lease::LISTS),
    ("tools::memory_forget", tools::built_in::memory_forget::LISTS),
];

const JOINS: &[(&str, Joins)] = &[
    ("artifacts::rows", artifacts::rows::JOINS),
    ("consent::grants", consent::grants::JOINS),
    ("events::ingest", events::ingest::JOINS),
    ("store::heads", heads::JOINS),
];

const BULK: &[(&str, BulkInsert)] = &[
    ("events::ingest::INSERT_EVENTS", events::ingest::INSERT_EVENTS),
    ("events::ingest::INSERT_REFERENCES", events::ingest::INSERT_REFERENCES),
    ("memory::record::INSERT", memory::record::INSERT),
    ("memory::record::INSERT_SOURCES", memory::record::INSERT_SOURCES),
    ("planner::traced::INSERT", planner::traced::INSERT),
    ("planner::window::NOTE", planner::window::NOTE),
    ("queue::lease::ENQUEUE", queue::lease::ENQUEUE),
    ("store::heads::INSERT_ENTRIES", heads::INSERT_ENTRIES),
    ("store::heads::PUT_HEADS", heads::PUT_HEADS),
];

/// Every statement that the hub may run in this dialect, by name.
#[must_use]
pub fn statements(dialect: Dialect) -> Vec<(String, Statement)> {
    let mut all = Vec::new();
    for (concept, statements) in FIXED {
        all.extend(
            statements.iter().map(|(name, statement)| (format!("{concept}::{name}"), statement.clone())),
        );
    }
    for (concept, lists) in LISTS {
        all.extend(
            lists.iter().map(|(name, list)| (format!("{concept}::{name}"), list.of_length(dialect, 4).0)),
        );
    }
    for (concept, questions) in JOINS {
        all.extend(
            questions
                .iter()
                .map(|(name, question)| (format!("{concept}::{name}"), question.of_length(dialect, 4).0)),
        );
    }
    for (name, insert) in BULK {
        all.extend([1, 4].map(|rows| (format!("{name} of {rows}"), insert.statement(dialect, rows))));
    }
    all.extend(across::ALL.iter().map(|(name, question)| (format!("across::{name}"), question.of(dialect))));
    all.extend(
        crate::copy::statements(dialect)
            .into_iter()
            .map(|(name, statement)| (format!("copy::{name}"), statement)),
    );
    all.extend(dialect.all().into_iter().map(|(name, statement)| (format!("dialect::{name}"), statement)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(sql: &str) -> Vec<usize> {
        let number = |rest: &str| rest.chars().take_while(char::is_ascii_digit).collect::<String>();
        sql.split('$').skip(1).map(|rest| number(rest).parse().unwrap()).collect()
    }

    #[test]
    fn parameters_before_a_list_stand_once_each_in_their_order_before_it() {
        for (name, list) in LISTS.iter().flat_map(|(_, all)| all.iter()) {
            assert_eq!(list.sql.matches("{}").count(), 1, "{name}");
            let (first, after) = list.sql.split_once("{}").unwrap();
            assert!(!after.contains('$'), "{name} has a parameter after its list");
            assert_eq!(numbers(first), (1..=list.before).collect::<Vec<_>>(), "{name}");
        }
    }
}
