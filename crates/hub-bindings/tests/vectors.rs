//! The golden vectors: what each binding calls and gets. Every binding runs the same files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use hub_bindings::{Embedded, Plugins};
use serde_json::{Map, Value, json};

/// What earlier answers said, by name.
type Saved = Map<String, Value>;

/// A request with what was saved in it.
fn filled(value: &Value, saved: &Saved) -> Value {
    match value {
        Value::String(text) => text.strip_prefix('$').map_or_else(
            || value.clone(),
            |path| {
                let (name, field) = path.split_once('.').unwrap();
                saved[name][field].clone()
            },
        ),
        Value::Array(items) => items.iter().map(|item| filled(item, saved)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), filled(value, saved)))
            .collect::<Map<_, _>>()
            .into(),
        _ => value.clone(),
    }
}

/// Where an answer is not what the vector says, or nothing.
fn differs(expected: &Value, found: &Value, saved: &Saved, at: &str) -> Option<String> {
    let wrong = || Some(format!("{at}: expected {expected}, found {found}"));
    match expected {
        Value::String(text) if text.starts_with('$') => {
            let is = |holds: bool| if holds { None } else { wrong() };
            match text.as_str() {
                "$any" => None,
                "$text" => is(found.as_str().is_some_and(|text| !text.is_empty())),
                "$uuid" => is(found.as_str().is_some_and(|text| text.len() == 36)),
                "$time" => is(found.as_str().is_some_and(|text| text.ends_with('Z'))),
                "$digest" => {
                    is(found.as_str().is_some_and(|text| text.starts_with("sha256:") && text.len() == 71))
                }
                _ => is(filled(expected, saved) == *found),
            }
        }
        Value::Array(items) => {
            let others = found.as_array().filter(|others| others.len() == items.len());
            let Some(others) = others else { return wrong() };
            let mut pairs = items.iter().zip(others).enumerate();
            pairs.find_map(|(index, (item, other))| differs(item, other, saved, &format!("{at}[{index}]")))
        }
        Value::Object(fields) => fields.iter().find_map(|(name, value)| {
            differs(value, found.get(name).unwrap_or(&Value::Null), saved, &format!("{at}.{name}"))
        }),
        _ => (expected != found).then(wrong).flatten(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_file_of_golden_vectors_holds() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../hub-core/testdata/vectors");
    let mut files = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        run(&serde_json::from_str(&text).unwrap()).await;
        files += 1;
    }
    assert!(files > 0, "there are no vectors");
}

async fn run(vectors: &Value) {
    let folder = tempfile::tempdir().unwrap();
    let options = json!({"folder": folder.path(), "settings": {"window_pause_ms": 100}}).to_string();
    let hub = Embedded::open(&options, Plugins::default()).await.unwrap();
    let mut saved = Saved::new();
    for (number, step) in vectors["steps"].as_array().unwrap().iter().enumerate() {
        let call = step["call"].as_str().unwrap();
        let at = format!("step {number}, {call}");
        if call == "hub.shutdown" {
            hub.shutdown().await;
            continue;
        }
        let request = filled(&step["request"], &saved).to_string();
        match (hub.call(call, &request).await, step.get("problem")) {
            (Ok(answer), None) => {
                let answer: Value = serde_json::from_str(&answer).unwrap();
                assert_eq!(differs(&step["answer"], &answer, &saved, &at), None);
                if let Some(name) = step["save"].as_str() {
                    saved.insert(name.to_owned(), answer);
                }
            }
            (Err(problem), Some(expected)) => {
                let problem = serde_json::to_value(problem).unwrap();
                assert_eq!(differs(expected, &problem, &saved, &at), None);
            }
            (Ok(answer), Some(_)) => panic!("{at}: a problem was expected, and {answer} came"),
            (Err(problem), None) => panic!("{at}: {problem:?}"),
        }
    }
}
