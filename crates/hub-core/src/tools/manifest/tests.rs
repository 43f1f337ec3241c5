#![allow(clippy::unwrap_used)]

use super::*;
use serde_json::json;

fn manifest() -> ToolManifest {
    ToolManifest {
        name: "lamp.set".to_owned(),
        version: "1.0.0".to_owned(),
        description: "Sets a lamp.".to_owned(),
        input_schema: json!({"type": "object", "properties": {"on": {"type": "boolean"}}, "required": ["on"]}),
        effect: Effect::External,
        scopes: vec![Scope::EventsRead],
        timeout_seconds: 10,
        idempotent: true,
    }
}

#[test]
fn arguments_are_held_to_the_schema() {
    let schema = manifest().compile().unwrap();
    assert!(schema.check(&json!({"on": true})).is_ok());
    for (arguments, field) in
        [(json!({"on": 1}), "arguments/on"), (json!({}), "arguments"), (json!([]), "arguments")]
    {
        let error = schema.check(&arguments).unwrap_err();
        assert_eq!((error.code(), error.field_name()), ("arguments_schema", Some(field)));
    }
    let deep = (0..40).fold(json!({"on": true}), |inner, _| json!({"on": true, "more": inner}));
    assert_eq!(schema.check(&deep).unwrap_err().code(), "json_depth");
}

#[test]
fn each_field_is_checked_and_named() {
    type Break = fn(&mut ToolManifest);
    let cases: &[(&str, Break)] = &[
        ("name", |m| m.name = String::new()),
        ("name", |m| m.name = "Lamp".to_owned()),
        ("name", |m| m.name = "lamp set".to_owned()),
        ("name", |m| m.name = "a".repeat(65)),
        ("version", |m| m.version = "1".to_owned()),
        ("description", |m| m.description = " ".to_owned()),
        ("description", |m| m.description = "x".repeat(DESCRIPTION_BYTES + 1)),
        ("input_schema", |m| m.input_schema = json!(true)),
        ("input_schema", |m| m.input_schema = json!({"type": "thing"})),
        ("scopes", |m| m.scopes = vec![Scope::EventsRead, Scope::MediaJoin, Scope::EventsRead]),
        ("timeout_seconds", |m| m.timeout_seconds = 0),
        ("timeout_seconds", |m| m.timeout_seconds = TIMEOUT_SECONDS_MAX + 1),
    ];
    for (field, change) in cases {
        let mut broken = manifest();
        change(&mut broken);
        assert_eq!(broken.compile().unwrap_err().field_name(), Some(*field), "{broken:?}");
    }
}

#[test]
fn the_digest_is_that_of_the_canonical_schema() {
    let one = manifest();
    let mut other = manifest();
    other.input_schema = serde_json::from_str(
        r#"{ "required": ["on"], "properties": {"on": {"type": "boolean"}}, "type": "object" }"#,
    )
    .unwrap();
    assert_eq!(one.schema_digest().unwrap(), other.schema_digest().unwrap());
    let canonical = br#"{"properties":{"on":{"type":"boolean"}},"required":["on"],"type":"object"}"#;
    assert_eq!(one.schema_digest().unwrap(), Digest::of(canonical));
    other.input_schema = json!({"type": "object"});
    assert_ne!(one.schema_digest().unwrap(), other.schema_digest().unwrap());
}

#[test]
fn versions_compare_as_semantic_versioning_says() {
    let order = [
        "0.9.0",
        "1.0.0-2",
        "1.0.0-11",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-beta",
        "1.0.0",
        "1.2.0",
        "1.10.0",
    ];
    let versions: Vec<Version> = order.iter().map(|text| text.parse().unwrap()).collect();
    assert!(versions.is_sorted_by(|one, next| one < next));
    for bad in [
        "",
        "1.0",
        "1.0.0.0",
        "01.0.0",
        "1.0.0-",
        "1.0.0-a..b",
        "1.0.0-01",
        "1.0.0+1",
        "1.a.0",
        "v1.0.0",
        "1. 0.0",
        "1.0.+1",
    ] {
        assert!(bad.parse::<Version>().is_err(), "{bad}");
    }
}
