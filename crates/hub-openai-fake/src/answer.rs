//! The shapes of responses and of their streams.

use crate::script::{Answer, Reply};
use serde_json::{Value, json};

/// A response of a message, as the API gives one.
pub(crate) fn response(answer: &Answer, request: &Value, number: u64) -> Value {
    let (status, reason, content) = match &answer.reply {
        Reply::Incomplete(text) => ("incomplete", Some("max_output_tokens"), output_text(text)),
        Reply::Filtered(text) => ("incomplete", Some("content_filter"), output_text(text)),
        Reply::Refusal(words) => ("completed", None, json!({"type": "refusal", "refusal": words})),
        Reply::Json(json) => ("completed", None, output_text(&found(json, request).to_string())),
        Reply::Text(text) => ("completed", None, output_text(text)),
        _ => ("completed", None, output_text("")),
    };
    let (input, output) = answer.usage.unwrap_or((100, 20));
    json!({
        "id": format!("resp_{number:032x}"),
        "object": "response",
        "created_at": 1_764_000_000,
        "status": status,
        "background": false,
        "error": null,
        "incomplete_details": reason.map(|reason| json!({"reason": reason})),
        "instructions": request.get("instructions").cloned().unwrap_or(Value::Null),
        "max_output_tokens": request.get("max_output_tokens").cloned().unwrap_or(Value::Null),
        "metadata": {},
        "model": request.get("model").cloned().unwrap_or(Value::Null),
        "output": [{
            "type": "message",
            "id": format!("msg_{number:032x}"),
            "status": status,
            "role": "assistant",
            "content": [content],
        }],
        "parallel_tool_calls": true,
        "previous_response_id": null,
        "reasoning": {"effort": null, "summary": null},
        "store": request.get("store").cloned().unwrap_or(Value::Bool(true)),
        "temperature": 1.0,
        "text": request.get("text").cloned().unwrap_or_else(|| json!({"format": {"type": "text"}})),
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": {
            "input_tokens": input,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": output,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": input.saturating_add(output),
        },
        "user": null,
    })
}

fn output_text(text: &str) -> Value {
    json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
}

/// An error, as the API tells one.
pub(crate) fn error(kind: &str, code: Option<&str>, message: &str) -> Value {
    json!({"error": {"message": message, "type": kind, "param": null, "code": code}})
}

/// The events by which a stream gives a response.
pub(crate) fn events(response: &Value) -> String {
    let mut begun = response.clone();
    if let Some(members) = begun.as_object_mut() {
        members.insert("status".to_owned(), json!("in_progress"));
        members.insert("output".to_owned(), json!([]));
        members.insert("usage".to_owned(), Value::Null);
    }
    let item = response.pointer("/output/0").cloned().unwrap_or_default();
    let part = item.pointer("/content/0").cloned().unwrap_or_default();
    let text = part.get("text").cloned().unwrap_or_else(|| json!(""));
    let id = item.get("id").cloned().unwrap_or_default();
    let of = |kind: &str, more: Value| {
        let mut event = json!({"type": kind, "item_id": id, "output_index": 0, "content_index": 0});
        if let (Some(event), Value::Object(more)) = (event.as_object_mut(), more) {
            event.extend(more);
        }
        event
    };
    let last = if response.get("status") == Some(&json!("incomplete")) { "incomplete" } else { "completed" };
    let all = [
        json!({"type": "response.created", "response": begun}),
        json!({"type": "response.in_progress", "response": begun}),
        json!({"type": "response.output_item.added", "output_index": 0, "item": item}),
        of("response.content_part.added", json!({"part": part})),
        of("response.output_text.delta", json!({"delta": text, "logprobs": []})),
        of("response.output_text.done", json!({"text": text, "logprobs": []})),
        of("response.content_part.done", json!({"part": part})),
        json!({"type": "response.output_item.done", "output_index": 0, "item": item}),
        json!({"type": format!("response.{last}"), "response": response}),
    ];
    let mut stream = String::new();
    for (number, mut event) in all.into_iter().enumerate() {
        let kind = event.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        if let Some(event) = event.as_object_mut() {
            event.insert("sequence_number".to_owned(), json!(number));
        }
        stream.push_str(&format!("event: {kind}\ndata: {event}\n\n"));
    }
    stream
}

/// The same JSON with each `@said:WORDS` replaced by the id of what the request quotes so.
fn found(json: &Value, request: &Value) -> Value {
    match json {
        Value::String(text) => match text.strip_prefix("@said:") {
            Some(words) => id_of(request, words).unwrap_or_else(|| json.clone()),
            None => json.clone(),
        },
        Value::Array(items) => items.iter().map(|item| found(item, request)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, member)| (name.clone(), found(member, request))).collect()
        }
        _ => json.clone(),
    }
}

/// The `id` of the object whose `text` holds the words, anywhere in the request, also in JSON that it
/// holds as text.
fn id_of(value: &Value, words: &str) -> Option<Value> {
    match value {
        Value::Object(members) => {
            let text = members.get("text").and_then(Value::as_str);
            if text.is_some_and(|text| text.contains(words))
                && let Some(id) = members.get("id")
            {
                return Some(id.clone());
            }
            members.values().find_map(|member| id_of(member, words))
        }
        Value::Array(items) => items.iter().find_map(|item| id_of(item, words)),
        Value::String(text) if text.starts_with('{') => id_of(&serde_json::from_str(text).ok()?, words),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_found_in_json_that_stands_as_text() {
        let quoted = json!({"said": [{"id": "u1", "text": "no"}, {"id": "u2", "text": "call Ben"}]});
        let request = json!({"input": [{"role": "user", "content": quoted.to_string()}]});
        let plan = json!({"actions": [{"sources": ["@said:call Ben", "@said:nobody said this"]}]});
        let expected = json!({"actions": [{"sources": ["u2", "@said:nobody said this"]}]});
        assert_eq!(found(&plan, &request), expected);
    }
}
