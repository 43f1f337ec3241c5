#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use serde_json::json;

fn nested(levels: usize) -> Value {
    (0..levels)
        .fold(json!(1), |inner, level| if level % 2 == 0 { json!([inner]) } else { json!({ "a": inner }) })
}

#[test]
fn depth_is_counted_in_levels() {
    assert!(check_json(&json!("x"), "payload").is_ok());
    assert!(check_json(&nested(limits::JSON_DEPTH), "payload").is_ok());
    let error = check_json(&nested(limits::JSON_DEPTH + 1), "payload").unwrap_err();
    assert_eq!(
        (error.code(), error.field_name(), error.limit_text()),
        ("json_depth", Some("payload"), Some("32 levels"))
    );
    let wide = Value::Array(vec![nested(limits::JSON_DEPTH - 1); 100]);
    assert!(check_json(&wide, "payload").is_ok());
}

#[test]
fn a_mismatch_names_the_part_at_fault_and_not_the_value() {
    let schema = JsonSchema::compile(&json!({
        "type": "object",
        "required": ["to", "when"],
        "properties": {
            "to": {"type": "array", "items": {"$ref": "#/$defs/name"}},
            "when": {"type": "string", "format": "date-time"},
            "a/b": {"type": "integer", "maximum": 3},
        },
        "additionalProperties": false,
        "$defs": {"name": {"type": "string", "maxLength": 5}},
    }))
    .unwrap();
    let found = |value: Value| {
        let error = schema.check(&value, "payload").unwrap_err();
        assert_eq!(error.code(), "schema_mismatch");
        assert!(!error.to_string().contains("secret"), "{error}");
        error.field_name().unwrap().to_owned()
    };
    let when = "2026-03-01T10:00:00Z";
    assert!(schema.check(&json!({"to": ["Anna"], "when": when}), "payload").is_ok());
    assert_eq!(found(json!({"to": ["Anna", "a secret"], "when": when})), "payload/to/1");
    assert_eq!(found(json!({"to": [], "when": "secret"})), "payload/when");
    assert_eq!(found(json!({"to": [], "when": when, "a/b": 4})), "payload/a~1b");
    assert_eq!(found(json!({"to": [], "when": when, "secret": 4})), "payload");
    assert_eq!(found(json!({"to": []})), "payload");
    assert_eq!(found(json!("secret")), "payload");
}

#[test]
fn nothing_outside_the_schema_is_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("schema.json");
    std::fs::write(&file, "true").unwrap();
    let outside =
        [format!("file://{}", file.display()), "http://127.0.0.1:1/x".to_owned(), "other.json".to_owned()];
    for reference in outside {
        for schema in [json!({"$ref": reference}), json!({"$schema": reference})] {
            let error = JsonSchema::compile(&schema).unwrap_err();
            assert_eq!(error.code(), "malformed_schema", "{schema}");
        }
    }
    assert!(JsonSchema::compile(&json!({"$ref": "https://json-schema.org/draft/2020-12/schema"})).is_ok());
}

#[test]
fn what_is_not_a_schema_is_refused() {
    for bad in [json!({"type": "strnig"}), json!(3), json!({"pattern": "("}), json!({"$ref": "#/absent"})] {
        assert_eq!(JsonSchema::compile(&bad).unwrap_err().code(), "malformed_schema", "{bad}");
    }
    let large = json!({"description": "x".repeat(limits::SCHEMA_BYTES)});
    assert_eq!(JsonSchema::compile(&large).unwrap_err().code(), "schema_too_large");
    assert_eq!(JsonSchema::compile(&nested(33)).unwrap_err().code(), "json_depth");
}

#[test]
fn a_schema_that_refers_to_itself_ends() {
    let circle = JsonSchema::compile(&json!({"$ref": "#"})).unwrap();
    assert!(circle.check(&json!(1), "payload").is_err());
    let tree = JsonSchema::compile(&json!({"type": "array", "items": {"$ref": "#"}})).unwrap();
    assert!(tree.check(&json!([[], [[]]]), "payload").is_ok());
    assert_eq!(tree.check(&json!([[], [1]]), "payload").unwrap_err().field_name(), Some("payload/1/0"));
}

/// `d0` refers to `d1` in this form, that to `d2`, and so on.
fn ladder(steps: usize, form: fn(Value) -> Value) -> Value {
    let mut definitions = serde_json::Map::new();
    for step in 0..steps {
        let next = json!({"$ref": format!("#/$defs/d{}", step + 1)});
        definitions.insert(format!("d{step}"), form(next));
    }
    definitions.insert(format!("d{steps}"), json!({"type": "string"}));
    json!({"$ref": "#/$defs/d0", "$defs": definitions})
}

#[test]
fn a_schema_that_doubles_with_every_step_is_refused() {
    let code = |schema: Value| JsonSchema::compile(&schema).map(drop).map_err(|error| error.code());
    let doubling: &[fn(Value) -> Value] = &[
        |next| json!({"anyOf": [next, next]}),
        |next| json!({"allOf": [next], "not": next}),
        |next| json!({"if": next, "then": next}),
        |next| json!({"items": {"oneOf": [next, next]}}),
        |next| json!({"properties": {"a": next}, "additionalProperties": next}),
        |next| json!({"dependentSchemas": {"a": next, "b": next}}),
        |next| json!({"patternProperties": {"a": next, "b": next}}),
    ];
    for form in doubling {
        assert_eq!(code(ladder(18, *form)), Err("schema_too_complex"), "{}", form(json!("next")));
        assert_eq!(code(ladder(4, *form)), Ok(()));
    }
    let inside = json!({"properties": {"a": {"$ref": "#"}}});
    assert_eq!(code(json!({"anyOf": [inside, inside]})), Err("schema_too_complex"));
    assert_eq!(code(ladder(600, |next| next)), Err("schema_too_complex"));
}

#[test]
fn trees_and_lists_of_references_are_taken() {
    let tree =
        json!({"type": "object", "properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}, "n": true}});
    let tree = JsonSchema::compile(&tree).unwrap();
    assert!(tree.check(&json!({"left": {"right": {}}, "right": {}}), "payload").is_ok());
    assert_eq!(
        tree.check(&json!({"left": {"right": 1}}), "payload").unwrap_err().field_name(),
        Some("payload/left/right")
    );
    assert!(JsonSchema::compile(&ladder(100, |next| json!({"properties": {"a": next, "b": next}}))).is_ok());
    let escaped = json!({"$ref": "#/$defs/a%20b~1c", "$defs": {"a b/c": {"type": "string"}}});
    assert!(JsonSchema::compile(&escaped).unwrap().check(&json!("x"), "payload").is_ok());
    let members = json!({"properties": {"$id": {"type": "string"}, "$dynamicRef": {"type": "string"}}});
    assert!(JsonSchema::compile(&members).is_ok());
}

#[test]
fn references_that_cannot_be_followed_are_refused() {
    for bad in [
        json!({"$ref": "#name", "$defs": {"n": {"$anchor": "name"}}}),
        json!({"$dynamicRef": "#name", "$defs": {"n": {"$dynamicAnchor": "name"}}}),
        json!({"items": {"$id": "https://example.com/x", "type": "string"}}),
        json!({"$ref": "#/$defs/a%2"}),
    ] {
        assert_eq!(JsonSchema::compile(&bad).unwrap_err().code(), "malformed_schema", "{bad}");
    }
}
