//! What people say, and what opens doors, is in nothing that leaves.

use crate::cli_support::Folder;
use crate::collector::{Collector, Manner};
use crate::house::{House, collecting};
use hub_openai_fake::{Answer, Fake, Reply, Script};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

/// In everything that is said, asked, noted, named and mistyped.
const WORD: &str = "heliotrope";
const KEY: &str = "sk-test-0123456789";
const COLLECTOR_KEY: &str = "collector-key-77";

/// A model that repeats what it heard, and proposes a tool that there is not.
fn script() -> Script {
    let words = format!("Somebody said {WORD}");
    let strange = json!({"memories": [], "actions": [
        {"tool": format!("open.{WORD}"), "arguments": "{}", "reason": words, "sources": ["@said:hums"]}]});
    let plan = json!({"memories": [{"content": words, "predicate": "said", "person": null, "confidence": 0.9,
                                    "sources": ["@said:hums"]}], "actions": []});
    Script::of([Answer::of(Reply::Json(strange))]).otherwise(Answer::of(Reply::Json(plan)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_planted_word_and_no_token_is_in_no_span_and_no_number() {
    let (collector, model) =
        (Collector::start(Manner::default()).await, Fake::start(script()).await.unwrap());
    let mut environment = collecting(&collector.url);
    environment.extend([
        ("OPENAI_BASE_URL", model.url()),
        ("OPENAI_API_KEY", KEY.to_owned()),
        ("OTEL_EXPORTER_OTLP_HEADERS", format!("x-key={COLLECTOR_KEY}")),
    ]);
    let house = House::start(Folder::new(), &[], &environment);
    house.plan_by("both").await;
    let wish = format!("remind me to bring the {WORD} tomorrow at 9");
    house.say(&[&wish, &format!("the {WORD} hums in a new way")], None).await;
    let action = house.proposed().await;
    house.drained().await;
    house.approve(&action, None).await;
    house.done(&action).await;
    let recalled = house.ask(Method::POST, "/v1/recall", json!({"query": WORD}), None).await;
    assert!(recalled.to_string().contains(WORD));
    for (path, body) in wrong(&house) {
        refused(&house, &path, body).await;
    }
    let tokens: Vec<String> = house.tokens().map(str::to_owned).into();
    house.stop().await;

    assert_eq!(model.seen().len(), 2, "the model was told what was wrong with its plan");
    assert!(collector.headers().iter().all(|headers| headers["x-key"] == COLLECTOR_KEY));
    let raw = collector.raw();
    let has = |text: &str| raw.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(has("chat gpt-5-mini") && has("execute_tool reminder.set") && has("hub_events_total"));
    assert!(
        has("invalid_plan") && has("unknown_tool") && has("POST /v1/recall"),
        "what went wrong is told by its code"
    );
    for secret in tokens.iter().map(String::as_str).chain([WORD, KEY, COLLECTOR_KEY]) {
        assert!(!has(secret), "{secret}");
    }
}

/// The word in places where it does not belong.
fn wrong(house: &House) -> Vec<(String, Value)> {
    let actions = format!("/v1/agents/{}/actions", house.agent);
    vec![
        (actions.clone(), json!({"space_id": house.space, "tool": WORD, "arguments": {}})),
        (actions, json!({"space_id": house.space, "tool": "memory.note", "arguments": {"text": [WORD]}})),
        (format!("/v1/actions/{WORD}/approve"), json!({"binding_digest": WORD})),
        (format!("/v1/actions/{}/approve", Uuid::new_v4()), json!({"binding_digest": WORD})),
        ("/v1/recall".to_owned(), json!({"query": "a", "tiers": [WORD]})),
        (format!("/v1/{WORD}?{WORD}={WORD}"), json!({})),
    ]
}

async fn refused(house: &House, path: &str, body: Value) {
    let request = crate::cli_support::http().post(format!("{}{path}", house.hub.url()));
    let request =
        request.bearer_auth(house.tokens()[0]).header("x-request-id", WORD).header("tracestate", WORD);
    let answer = request.json(&body).send().await.unwrap();
    assert!(answer.status().is_client_error(), "{path}: {}", answer.status());
}
