//! Planted violations, and translations that must pass.

#![allow(clippy::unwrap_used)]

use super::*;

fn rules(body: &str) -> Vec<&'static str> {
    let text = format!("fn handler() {{ {body} }}");
    file("planted.rs", &text).unwrap().into_iter().map(|finding| finding.rule).collect()
}

#[test]
fn planted_sql_is_found_where_it_stands() {
    let text = "fn f() {\n    let q = query(\"SELECT id FROM spaces\");\n}\n";
    let found = file("planted.rs", text).unwrap();
    assert_eq!(found.len(), 1);
    let at = found.first().map(|finding| (finding.rule, finding.line));
    assert_eq!(at, Some(("SQL", 2)));
    assert_eq!(rules(r#"run!(sql => "DELETE FROM events");"#), ["SQL"]);
    assert_eq!(rules(r#"let q = format!("UPDATE {table} SET a = 1");"#), ["SQL"]);
}

#[test]
fn planted_decisions_are_found() {
    let planted = [
        ("if space.privacy_mode { drop(event); }", "privacy_mode"),
        ("let kept = !space.privacy_mode;", "privacy_mode"),
        ("let kept: Vec<_> = list.iter().filter(|s| s.privacy_mode).collect();", "privacy_mode"),
        ("if action.state == ActionState::Approved { start(action); }", "ActionState"),
        ("let open = matches!(action.state, ActionState::Running);", "ActionState"),
        ("match action.state { ActionState::Approved => run(), _ => wait() }", "ActionState"),
        ("let Role::Owner = role else { return };", "Role"),
        ("match space { Space { privacy_mode: true, .. } => drop(event), _ => keep(event) }", "privacy_mode"),
        ("if let Principal::Device(device) = principal { allow(device); }", "Principal"),
        ("let live = grant.expires_at > now;", "expires_at"),
        ("while token.expires_at < now { wait(); }", "expires_at"),
        ("let may = context.scopes.contains(&scope);", "scopes"),
        ("if sent.binding_digest != action.binding_digest { refuse(); }", "binding_digest"),
        ("let shown = space.privacy_mode.then_some(1);", "privacy_mode"),
        ("log!(if space.privacy_mode { 1 } else { 2 });", "privacy_mode"),
        ("hub_core::actions::lifecycle::next(state);", "lifecycle"),
    ];
    for (body, rule) in planted {
        assert_eq!(rules(body), [rule], "{body}");
    }
}

#[test]
fn planted_ways_round_the_public_api_are_found() {
    let found =
        |text: &str| file("planted.rs", text).unwrap().into_iter().map(|f| f.rule).collect::<Vec<_>>();
    assert_eq!(found("use sqlx::Row;"), ["driver"]);
    assert_eq!(found("use hub_core::consent::{decision, Grant};"), ["decision"]);
    assert_eq!(found("#[path = \"../../hub-core/src/ids.rs\"] mod ids;"), ["path"]);
    assert_eq!(found("include!(\"../../hub-core/src/ids.rs\");"), ["include"]);
}

#[test]
fn translation_and_display_pass() {
    let fine = [
        "let patch = SpacePatch { privacy_mode: body.privacy_mode, name: body.name };",
        "let wire = Grant { expires_at: grant.expires_at.map(rfc3339) };",
        "let scopes: Vec<Scope> = body.scopes.into_iter().collect();",
        "hub.actions().approve(&context, id, body.binding_digest).await?;",
        "let context = Context::new(Principal::Admin);",
        "println!(\"{}\", action.state);",
        "let new = match body { CreateToken::Delegate { scopes, expires_at: end, .. } => (scopes, end) };",
        "let scopes = delegate.then_some(token.scopes);",
        "let help = \"Select a space from the list\";",
        "let page = hub.actions().list(&context, ActionFilter { state: query.state }, page).await?;",
    ];
    for body in fine {
        assert_eq!(rules(body), Vec::<&str>::new(), "{body}");
    }
}

#[test]
fn tests_of_the_server_and_docs_are_not_read() {
    let text = "/// Runs SELECT 1 FROM t.\nfn f() {}\n#[cfg(test)]\nmod tests { fn g() { if a.privacy_mode {} } }\n#[tokio::test]\nasync fn h() { if a.privacy_mode {} }";
    assert_eq!(file("planted.rs", text).unwrap(), Vec::new());
}
