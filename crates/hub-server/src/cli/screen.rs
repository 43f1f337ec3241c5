//! What a command prints: text for people, with colour on a terminal only, or JSON for programs.

use super::exit::{Exit, Failure};
use serde::Serialize;
use serde_json::json;
use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _};

/// Standard output and error.
#[derive(Debug)]
pub(crate) struct Screen {
    json: bool,
    colour: bool,
}

impl Screen {
    /// Colour needs a terminal, and that `NO_COLOR` is not set (no-color.org).
    pub(crate) fn new(json: bool) -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { json, colour: !json && !refused && std::io::stdout().is_terminal() }
    }

    /// Whether programs read this.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Prints a line for people. Nothing can be said about a standard output that is closed.
    pub(crate) fn line(&self, text: impl Display) {
        if !self.json {
            let _closed = writeln!(std::io::stdout().lock(), "{text}");
        }
    }

    /// Prints a line for programs.
    pub(crate) fn value(&self, value: &impl Serialize) {
        if self.json
            && let Ok(text) = serde_json::to_string(value)
        {
            self.raw(&text);
        }
    }

    /// Prints a line in either case.
    pub(crate) fn raw(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        let _closed = writeln!(out, "{text}").and_then(|()| out.flush());
    }

    /// Prints a remark beside the results.
    pub(crate) fn remark(&self, text: impl Display) {
        let _closed = writeln!(std::io::stderr().lock(), "{text}");
    }

    /// Prints why the command ended early.
    pub(crate) fn failure(&self, failure: &Failure) {
        if self.json {
            let exit = failure.exit as u8;
            self.value(&json!({"error": {
                "code": failure.code, "detail": failure.message, "next": failure.next,
                "retryable": failure.retryable, "exit": exit,
            }}));
            return;
        }
        let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let (red, plain) = if colour { ("\u{1b}[31;1m", "\u{1b}[0m") } else { ("", "") };
        self.remark(format_args!("{red}error:{plain} {}", failure.message));
        if let Some(next) = &failure.next {
            self.remark(format_args!("  next: {next}"));
        }
        if failure.exit == Exit::Usage {
            self.remark("  see `hub --help`");
        }
    }

    /// A heading.
    pub(crate) fn strong(&self, text: impl Display) -> String {
        self.paint("1", text)
    }

    /// Something of less weight.
    pub(crate) fn faint(&self, text: impl Display) -> String {
        self.paint("2", text)
    }

    /// Something good.
    pub(crate) fn good(&self, text: impl Display) -> String {
        self.paint("32", text)
    }

    /// Something that deserves a look.
    pub(crate) fn doubtful(&self, text: impl Display) -> String {
        self.paint("33", text)
    }

    /// Something bad.
    pub(crate) fn bad(&self, text: impl Display) -> String {
        self.paint("31;1", text)
    }

    fn paint(&self, code: &str, text: impl Display) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() }
    }
}
