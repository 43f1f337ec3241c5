#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use serde_json::json;

fn nested(levels: usize) -> Value {
    (0..levels)
        .fold(json!(1), |inner, level| if level % 2 == 0 { json!([inner]) } else { json!({ "a": inner }) })
}

#[test]
fn depth_is_counted_in_levels() {
    assert!(check_depth(&json!("x"), "payload").is_ok());
    assert!(check_depth(&nested(limits::JSON_DEPTH), "payload").is_ok());
    let error = check_depth(&nested(limits::JSON_DEPTH + 1), "payload").unwrap_err();
    assert_eq!(
        (error.code(), error.field_name(), error.limit_text()),
        ("json_depth", Some("payload"), Some("32 levels"))
    );
    let wide = Value::Array(vec![nested(limits::JSON_DEPTH - 1); 100]);
    assert!(check_depth(&wide, "payload").is_ok());
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
