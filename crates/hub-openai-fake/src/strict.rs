//! What a strict schema must hold to, as the real server demands it: every object is closed and requires
//! all its properties.

use serde_json::Value;

/// Schemas that stand in schemas under these names.
const PARTS: [&str; 3] = ["properties", "$defs", "definitions"];

/// What is wrong with a strict schema, and where.
pub(crate) fn fault(schema: &Value, place: &str) -> Option<String> {
    let object = schema.as_object()?;
    if object.contains_key("properties") || object.get("type").is_some_and(|kind| kind == "object") {
        if object.get("additionalProperties") != Some(&Value::Bool(false)) {
            return Some(format!(
                "at {place}: 'additionalProperties' is required to be supplied and to be false"
            ));
        }
        let names = object.get("properties").and_then(Value::as_object);
        let required: Vec<&str> = object
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let missing = names.into_iter().flatten().find(|(name, _)| !required.contains(&name.as_str()));
        if let Some((name, _)) = missing {
            return Some(format!("at {place}: 'required' has to hold every property; '{name}' is missing"));
        }
    }
    let named = PARTS.iter().filter_map(|part| object.get(*part)?.as_object()).flatten();
    let alone = ["items", "not"].iter().filter_map(|part| Some((*part, object.get(*part)?)));
    let listed =
        ["anyOf", "allOf", "oneOf"].iter().filter_map(|part| object.get(*part)?.as_array()).flatten();
    named
        .map(|(name, part)| (name.as_str(), part))
        .chain(alone)
        .chain(listed.map(|part| ("anyOf", part)))
        .find_map(|(name, part)| fault(part, &format!("{place}/{name}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_open_object_and_an_optional_property_are_found_however_deep() {
        let closed = json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"],
                            "additionalProperties": false});
        assert_eq!(fault(&closed, "#"), None);
        let deep = |part: Value| json!({"anyOf": [{"type": "array", "items": part}]});
        assert_eq!(fault(&deep(closed.clone()), "#"), None);
        let mut open = closed.clone();
        open["additionalProperties"] = json!(true);
        assert!(fault(&deep(open), "#").is_some());
        let mut optional = closed;
        optional["required"] = json!([]);
        assert!(fault(&deep(optional), "#").is_some_and(|fault| fault.contains("'a'")));
    }
}
