//! The table of routes in `docs/PROTOCOL.md` is that of the server.

use super::document;
use std::collections::BTreeSet;

#[test]
fn every_route_is_documented_and_every_documented_route_exists() {
    let routes: BTreeSet<String> =
        hub_server::routes::table().iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    let text = document("PROTOCOL.md");
    let written: BTreeSet<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .filter(|cell| cell.contains(" /"))
        .map(str::to_owned)
        .collect();
    assert_eq!(written, routes);
}
