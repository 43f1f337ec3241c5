//! The port of the hub: a window goes out, a plan or a reason comes back.

use crate::answer::{self, Answer, Said};
use crate::http::{Answered, Failure, Http};
use crate::settings::Settings;
use crate::{hints, plan, prompt};
use hub_core::planner::{Meter, Plan, Planner, Window};
use hub_core::trace::{self, TARGET, Traces, Untraced};
use hub_core::vocabulary::ErrorKind;
use hub_core::{Error, Result, Secret};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

/// Rest after a failure that does not say how long it will last.
const REST: Duration = Duration::from_secs(2);
/// Rest while somebody has to mend the settings or the account.
const REST_UNTIL_MENDED: Duration = Duration::from_secs(300);
/// Characters of a server's or a model's words that an error repeats.
const REPEATED_CHARS: usize = 200;
/// Bytes of text that are taken for a token where the server does not count.
const BYTES_A_TOKEN: u64 = 4;

/// Plans by a model behind the Responses API.
#[derive(Debug)]
pub struct OpenAiPlanner {
    http: Http,
    settings: Settings,
    version: String,
    /// Until when the server asked to be left alone: for every window alike.
    closed_until: Mutex<Option<Instant>>,
    traces: Arc<dyn Traces>,
}

impl OpenAiPlanner {
    /// A planner. Without a key none is sent, as servers of one's own take it.
    ///
    /// # Errors
    /// `invalid`, code `model_settings`, when the base URL is none.
    pub fn new(settings: Settings, key: Option<Secret>) -> Result<Self> {
        let http = Http::new(&settings, key).map_err(|cause| {
            Error::invalid("model_settings", "the base URL of the model is not one").because(cause)
        })?;
        let version = format!("{}/{}", prompt::VERSION, settings.model);
        Ok(Self { http, settings, version, closed_until: Mutex::new(None), traces: Arc::new(Untraced) })
    }

    /// Tells the server of the model, by the header `traceparent`, which trace a request is a part of.
    #[must_use]
    pub fn traces(mut self, traces: Arc<dyn Traces>) -> Self {
        self.traces = traces;
        self
    }

    /// A request to the model, by OpenTelemetry's names for one.
    fn request(&self) -> Span {
        let (host, port) = self.http.server();
        tracing::info_span!(
            target: TARGET, "chat", otel.name = format!("chat {}", self.settings.model), otel.kind = "client",
            "gen_ai.operation.name" = "chat", "gen_ai.provider.name" = "openai",
            "gen_ai.request.model" = self.settings.model, server.address = host, server.port = i64::from(port),
            http.response.status_code = Empty, "gen_ai.usage.input_tokens" = Empty,
            "gen_ai.usage.output_tokens" = Empty, "error.type" = Empty, otel.status_code = Empty
        )
    }

    /// How much longer the server wants to be left alone.
    fn closed(&self) -> Option<Duration> {
        let closed = self.closed_until.lock().unwrap_or_else(PoisonError::into_inner);
        closed.and_then(|until| until.checked_duration_since(Instant::now())).filter(|rest| !rest.is_zero())
    }

    fn close(&self, rest: Duration) {
        let mut closed = self.closed_until.lock().unwrap_or_else(PoisonError::into_inner);
        let until = Instant::now().checked_add(rest);
        *closed = (*closed).max(until);
    }

    /// What an answer that is no success asks for.
    fn refused(&self, answered: &Answered) -> Error {
        let (code, message) = answer::problem(&answered.body);
        let words = self.repeated(message.as_deref().unwrap_or("it gave no reason"));
        let hint = hints::rest(&answered.headers);
        match answered.status {
            // The words of this one hold a part of the key.
            401 | 403 => Error::unavailable("model_key_refused", "the server of the model refuses the key")
                .after(REST_UNTIL_MENDED),
            404 => {
                Error::unavailable("model_unknown", format!("the server does not know the model: {words}"))
                    .after(REST_UNTIL_MENDED)
            }
            429 if code.as_deref() == Some("insufficient_quota") => {
                Error::unavailable("model_credit", format!("the account has nothing left: {words}"))
                    .after(REST_UNTIL_MENDED)
            }
            429 => {
                let rest = hint.unwrap_or(REST);
                self.close(rest);
                Error::unavailable("model_busy", "the server of the model asks to come back later")
                    .after(rest)
            }
            408 | 409 | 500..=599 => {
                let message = format!("the server of the model failed with status {}", answered.status);
                Error::unavailable("model_down", message).after(hint.unwrap_or(REST))
            }
            status => Error::invalid(
                "model_request_refused",
                format!("the server of the model refuses the request with status {status}: {words}"),
            ),
        }
    }

    /// Words from outside, short and with everything invisible shown.
    fn repeated(&self, words: &str) -> String {
        let short: String = words.chars().take(REPEATED_CHARS).collect();
        format!("{:?}", self.http.without_key(&short))
    }

    fn plan_of(&self, said: Said, window: &Window) -> Result<Plan> {
        match said {
            Said::Text(text) => plan::read(&text, window),
            Said::Refused(words) => {
                let message = format!("the model refused to plan this talk: {}", self.repeated(&words));
                Err(Error::denied("model_refused", message))
            }
            Said::Cut(reason) if reason == "max_output_tokens" => Err(Error::limit(
                "model_cut",
                "the model's plan was cut off; what there was of it is not used",
                format!("{} tokens", self.settings.max_output_tokens),
            )),
            Said::Cut(reason) => {
                let message = format!("the model's plan was stopped: {}", self.repeated(&reason));
                Err(Error::denied("model_stopped", message))
            }
            Said::Failed(words) => {
                let message = format!("the server of the model failed: {}", self.repeated(&words));
                Err(Error::unavailable("model_down", message).after(REST))
            }
            Said::Nothing => Err(Error::invalid("invalid_plan", "the answer holds no text")),
        }
    }
}

/// An answer that did not come.
fn missed(failure: Failure, settings: &Settings) -> Error {
    let error = match &failure {
        Failure::Timeout => Error::unavailable("model_timeout", "the model did not answer in time")
            .at_limit(format!("{} seconds", settings.timeout_seconds)),
        Failure::TooLong => Error::limit(
            "model_answer_too_long",
            "the model's answer is longer than is read",
            format!("{} bytes", settings.max_answer_bytes),
        ),
        Failure::Connection(_) | Failure::Client(_) => {
            Error::unavailable("model_down", "the server of the model cannot be reached, or hung up")
                .after(REST)
        }
    };
    error.because(failure)
}

/// Tokens of a text, where nobody counts them.
fn about(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX).div_ceil(BYTES_A_TOKEN)
}

#[async_trait::async_trait]
impl Planner for OpenAiPlanner {
    fn name(&self) -> &str {
        "openai"
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn is_model(&self) -> bool {
        true
    }

    async fn plan(&self, window: Window, meter: &Meter) -> Result<Plan> {
        if let Some(rest) = self.closed() {
            let message = "the server of the model asked to come back later";
            return Err(Error::unavailable("model_busy", message).after(rest));
        }
        let span = self.request();
        let planned = self.ask(&window, meter, &span).instrument(span.clone()).await;
        trace::ended(&span, &planned);
        planned
    }
}

impl OpenAiPlanner {
    async fn ask(&self, window: &Window, meter: &Meter, span: &Span) -> Result<Plan> {
        let body = prompt::body(window, &self.settings);
        let thought = about(body.to_string().len());
        meter.asked(thought);
        let answered = match self.http.post(&body, self.traces.context(span)).await {
            Ok(answered) => answered,
            Err(failure) => return Err(missed(failure, &self.settings)),
        };
        span.record("http.response.status_code", i64::from(answered.status));
        if !(200..300).contains(&answered.status) {
            meter.answered(0, 0);
            return Err(self.refused(&answered));
        }
        if let Some(rest) = hints::used_up(&answered.headers) {
            self.close(rest);
        }
        let Some(Answer { said, tokens: (input, output) }) = answer::read(&answered.body) else {
            meter.answered(thought, about(answered.body.len()));
            return Err(Error::new(ErrorKind::Invalid, "invalid_plan", "the server's answer is no response"));
        };
        // A server that does not count, or counts nothing, costs what its words weigh.
        let counted = |count: Option<u64>, bytes: u64| count.filter(|count| *count > 0).unwrap_or(bytes);
        let (input, output) = (counted(input, thought), counted(output, about(answered.body.len())));
        for (name, tokens) in [("gen_ai.usage.input_tokens", input), ("gen_ai.usage.output_tokens", output)] {
            span.record(name, i64::try_from(tokens).unwrap_or(i64::MAX));
        }
        meter.answered(input, output);
        self.plan_of(said, window)
    }
}
