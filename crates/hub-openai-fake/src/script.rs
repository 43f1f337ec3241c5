//! What is answered to which request.
//!
//! ```
//! use hub_openai_fake::Script;
//!
//! let script = Script::parse(r#"{"answers": [
//!     {"when": ["ferry"], "json": {"memories": [], "actions": []}},
//!     {"status": 429, "headers": {"retry-after": "2"}, "error": "too many requests"},
//!     {"text": "hello", "delay_ms": 20, "times": 3}
//! ]}"#)?;
//! assert_eq!(script.answers.len(), 3);
//! # Ok::<(), hub_openai_fake::script::Malformed>(())
//! ```

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A script: the first answer that is not used up and fits the request is given.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Script {
    /// The key that requests must carry; without one any is taken, and none too.
    pub api_key: Option<String>,
    /// The models that there are; by default `fake-model`.
    pub models: Vec<String>,
    /// The answers, in the order in which they are looked at.
    pub answers: Vec<Answer>,
    /// What is answered when none fits; without it 500.
    pub otherwise: Option<Answer>,
}

/// One answer.
#[derive(Debug, Clone, Deserialize)]
pub struct Answer {
    /// Words that must all stand in the request; none means that any request fits.
    #[serde(default)]
    pub when: Vec<String>,
    /// How often it is given; 0 means without end. Default 1.
    #[serde(default = "once")]
    pub times: u32,
    /// Milliseconds before the answer begins.
    #[serde(default)]
    pub delay_ms: u64,
    /// Headers beside the usual ones, such as `retry-after`.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Status instead of 200.
    #[serde(default)]
    pub status: Option<u16>,
    /// Tokens that the answer claims to have cost, input and output. Default 100 and 20.
    #[serde(default)]
    pub usage: Option<(i64, i64)>,
    /// Bytes of the body after which the connection is closed.
    #[serde(default)]
    pub cut_after_bytes: Option<usize>,
    /// What is said.
    #[serde(flatten)]
    pub reply: Reply,
}

fn once() -> u32 {
    1
}

/// What an answer says; named by its one member.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// A message of this text.
    Text(String),
    /// A message whose text is this JSON. A string `@said:WORDS` in it becomes the `id` of the object in
    /// the request's input whose `text` holds the words.
    Json(Value),
    /// A refusal in these words.
    Refusal(String),
    /// A message that was cut off: the text so far. The reason is `max_output_tokens`.
    Incomplete(String),
    /// A message that a filter stopped: the text so far. The reason is `content_filter`.
    Filtered(String),
    /// An error of this message, in the shape in which the API tells errors.
    Error(String),
    /// A body as it stands: JSON.
    Body(Value),
    /// A body as it stands: text, of the type `text/event-stream` where it begins with `event:`.
    Raw(String),
    /// A message of this many bytes.
    Huge(usize),
    /// A body that never ends.
    Endless(Endless),
}

/// How an endless body comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endless {
    /// As fast as it is read.
    Flood,
    /// A space each tenth of a second.
    Drip,
}

/// Why a script cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the script is wrong: {0}")]
pub struct Malformed(pub(crate) String);

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// [`Malformed`], naming line and column.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        serde_json::from_str(text).map_err(|cause| Malformed(cause.to_string()))
    }

    /// A script of these answers.
    #[must_use]
    pub fn of(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: answers.into_iter().collect(), ..Self::default() }
    }

    /// The same, with an answer for every request that none of the others fits.
    #[must_use]
    pub fn otherwise(mut self, answer: Answer) -> Self {
        self.otherwise = Some(answer);
        self
    }

    /// The answer to a request, which uses it up. `text` is everything that the request says.
    pub(crate) fn answer(&mut self, text: &str) -> Option<Answer> {
        let fits = |answer: &Answer| answer.when.iter().all(|words| text.contains(words.as_str()));
        let Some(place) = self.answers.iter().position(fits) else { return self.otherwise.clone() };
        let answer = self.answers.get_mut(place)?;
        match answer.times {
            0 => Some(answer.clone()),
            1 => Some(self.answers.remove(place)),
            _ => {
                answer.times -= 1;
                Some(answer.clone())
            }
        }
    }
}

impl Answer {
    /// A reply to any request, once.
    #[must_use]
    pub fn of(reply: Reply) -> Self {
        Self {
            when: Vec::new(),
            times: 1,
            delay_ms: 0,
            headers: BTreeMap::new(),
            status: None,
            usage: None,
            cut_after_bytes: None,
            reply,
        }
    }

    /// An error of this status.
    #[must_use]
    pub fn error(status: u16, message: &str) -> Self {
        Self { status: Some(status), ..Self::of(Reply::Error(message.to_owned())) }
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    /// After this many milliseconds.
    #[must_use]
    pub fn after_ms(mut self, delay_ms: u64) -> Self {
        self.delay_ms = delay_ms;
        self
    }

    /// Without end.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.times = 0;
        self
    }

    /// Only to requests that hold these words.
    #[must_use]
    pub fn when(mut self, words: &str) -> Self {
        self.when.push(words.to_owned());
        self
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn text(answer: Option<Answer>) -> String {
        match answer.unwrap().reply {
            Reply::Text(text) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn answers_are_given_in_order_to_what_they_fit_and_used_up() {
        let mut script = Script::parse(
            r#"{"answers": [{"when": ["tea", "milk"], "text": "a"}, {"text": "b", "times": 2}],
                "otherwise": {"text": "c"}}"#,
        )
        .unwrap();
        assert_eq!(text(script.answer("milk")), "b");
        assert_eq!(text(script.answer("tea with milk")), "a");
        assert_eq!(text(script.answer("tea with milk")), "b");
        assert_eq!(text(script.answer("tea with milk")), "c");
    }

    #[test]
    fn what_a_script_may_not_say_is_named() {
        assert!(Script::parse(r#"{"answer": []}"#).unwrap_err().to_string().contains("answer"));
        assert!(Script::parse(r#"{"answers": [{"tekst": "a"}]}"#).is_err());
    }
}
