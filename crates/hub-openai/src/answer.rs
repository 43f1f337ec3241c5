//! A response as what it is. Around the plan everything is read with tolerance: what is not known is
//! passed over, and what is missing is taken as absent.

use serde_json::Value;

/// What a response says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// The text of the message.
    Text(String),
    /// The model refused, in these words.
    Refused(String),
    /// The message was cut off, for this reason.
    Cut(String),
    /// The server says that it failed, in these words.
    Failed(String),
    /// There is no message.
    Nothing,
}

/// A response that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) said: Said,
    /// Tokens of input and output, where the server counts them.
    pub(crate) tokens: (Option<u64>, Option<u64>),
}

/// Reads a response; `None` when it is no JSON object.
pub(crate) fn read(body: &[u8]) -> Option<Answer> {
    let response: Value = serde_json::from_slice(body).ok()?;
    response.as_object()?;
    let tokens = |name: &str| response.pointer(name).and_then(Value::as_u64);
    let tokens = (tokens("/usage/input_tokens"), tokens("/usage/output_tokens"));
    Some(Answer { said: said(&response), tokens })
}

fn said(response: &Value) -> Said {
    let words = |pointer: &str| response.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    if let Some(failure) = words("/error/message") {
        return Said::Failed(failure);
    }
    match response.get("status").and_then(Value::as_str) {
        Some("incomplete") => {
            let reason = words("/incomplete_details/reason");
            return Said::Cut(reason.unwrap_or_else(|| "no reason was given".to_owned()));
        }
        Some("failed" | "cancelled") => return Said::Failed("no reason was given".to_owned()),
        _ => {}
    }
    let (mut text, mut refusal) = (None::<String>, None::<String>);
    for part in parts(response) {
        let words = |name: &str| part.get(name).and_then(Value::as_str).unwrap_or_default();
        match part.get("type").and_then(Value::as_str) {
            Some("output_text") => text.get_or_insert_default().push_str(words("text")),
            Some("refusal") => refusal.get_or_insert_default().push_str(words("refusal")),
            _ => {}
        }
    }
    match (refusal, text) {
        (Some(words), _) => Said::Refused(words),
        (None, Some(text)) => Said::Text(text),
        (None, None) => Said::Nothing,
    }
}

/// The parts of all messages, in their order.
fn parts(response: &Value) -> impl Iterator<Item = &Value> {
    let output = response.get("output").and_then(Value::as_array);
    let messages =
        output.into_iter().flatten().filter(|item| item.get("type") == Some(&Value::from("message")));
    messages.filter_map(|message| message.get("content").and_then(Value::as_array)).flatten()
}

/// The message of an error's body, where it has one.
pub(crate) fn problem(body: &[u8]) -> (Option<String>, Option<String>) {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let words = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    (words("/error/code"), words("/error/message"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn said_by(response: &Value) -> Said {
        read(response.to_string().as_bytes()).unwrap().said
    }

    #[test]
    fn text_is_found_between_what_nobody_knows() {
        let response = json!({"output": [
            {"type": "reasoning", "summary": 3}, {"type": "hologram"}, 7,
            {"type": "message", "content": [{"type": "output_text", "text": "a"}, {"type": "smell"}, {"type": "output_text", "text": "b"}]},
        ], "usage": {"input_tokens": 12, "output_tokens": -3}});
        let answer = read(response.to_string().as_bytes()).unwrap();
        assert_eq!(answer, Answer { said: Said::Text("ab".to_owned()), tokens: (Some(12), None) });
    }

    #[test]
    fn a_refusal_and_a_cut_are_no_text() {
        let content = json!([{"type": "output_text", "text": "{}"}, {"type": "refusal", "refusal": "no"}]);
        let message = json!([{"type": "message", "content": content}]);
        assert_eq!(said_by(&json!({"output": message})), Said::Refused("no".to_owned()));
        let cut = json!({"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}, "output": message});
        assert_eq!(said_by(&cut), Said::Cut("max_output_tokens".to_owned()));
        assert_eq!(said_by(&json!({"output": []})), Said::Nothing);
        assert_eq!(said_by(&json!({"error": {"message": "down"}})), Said::Failed("down".to_owned()));
        assert!(read(b"[1]").is_none() && read(b"<html>").is_none());
    }
}
