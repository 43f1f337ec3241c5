//! A database of a PostgreSQL server: whether the server lets the hub in, and can carry one.

use super::check::{Check, State};
use super::database::of_running;
use super::network::Running;
use hub_core::clock::{Clock as _, SystemClock};
use hub_core::store::{PostgresAddress, PostgresCheck, Severity, check_postgres};

/// The server is asked though a hub runs: what is wrong with it is not seen from the hub.
pub(super) async fn checks(
    address: &PostgresAddress,
    admin: Option<&PostgresAddress>,
    running: &Running,
) -> Vec<Check> {
    let admin = admin.map(|admin| admin.url().expose());
    let found = check_postgres(address.url().expose(), admin, SystemClock.now()).await;
    let (name, shown) = ("database", address.to_string());
    let own = of_running(&shown, running).unwrap_or_else(|| Check::good(name, shown));
    std::iter::once(own).chain(found.iter().map(told)).collect()
}

fn told(check: &PostgresCheck) -> Check {
    let state = match check.severity {
        Severity::Good => State::Good,
        Severity::Note => State::Doubtful,
        Severity::Wrong | Severity::Fatal => State::Wrong,
    };
    let found = match check.code() {
        Some(code) => format!("{} ({code})", check.found),
        None => check.found.clone(),
    };
    Check {
        name: format!("database {}", check.name).into(),
        state,
        found,
        mend: check.remedy().map(str::to_owned),
    }
}
