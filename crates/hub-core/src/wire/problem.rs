//! Errors inside answers, and what of a parser's words may be repeated.

use crate::Error;
use hub_protocol::decode::DecodeError;
use hub_protocol::limits;
use hub_protocol::problem::PartProblem;

/// An error inside an answer that otherwise succeeded.
#[must_use]
pub fn part(error: &Error) -> PartProblem {
    PartProblem {
        code: error.code().to_owned(),
        detail: error.to_string(),
        retryable: error.is_retryable(),
        field: error.field_name().map(str::to_owned),
        limit: error.limit_text().map(str::to_owned),
    }
}

/// A body, or an event of one, that could not be read.
#[must_use]
pub fn undecodable(problem: DecodeError) -> Error {
    let detail = without_content(&problem.detail);
    let mut error = if detail.starts_with("recursion limit") {
        Error::invalid("json_depth", "the JSON nests too deeply")
            .at_limit(format_args!("{} levels", limits::JSON_DEPTH))
    } else if detail.starts_with("number out of range") {
        Error::invalid(problem.code, detail).at_limit("64-bit numbers")
    } else {
        Error::invalid(problem.code, detail)
    };
    if let Some(field) = problem.field {
        error = error.field(field);
    }
    if let Some(limit) = problem.limit {
        error = error.at_limit(limit);
    }
    error
}

/// A parser's message without the value that it found: that may be what somebody said.
fn without_content(message: &str) -> String {
    // A message that was cut may have lost its own end, and then the end of the value stands there.
    let end_of = |mark: &str| {
        let is_whole = !message.ends_with('…');
        message.rfind(mark).filter(|_| is_whole).and_then(|at| message.get(at..)).unwrap_or_default()
    };
    for start in ["invalid type: ", "invalid value: "] {
        let Some(found) = message.strip_prefix(start) else { continue };
        let kind = found.split(['"', '`', ',']).next().unwrap_or_default().trim_end();
        return format!("{start}{kind}{}", end_of(", expected "));
    }
    if message.starts_with("unknown variant ") {
        return format!("unknown variant{}", end_of(", expected "));
    }
    if message.starts_with("unknown field ") {
        return format!("unknown field{}", end_of(", expected "));
    }
    message.to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use hub_protocol::agents::CreateAgent;
    use hub_protocol::consents::GrantConsent;
    use hub_protocol::decode::decode;

    const SECRET: &str = "the gold, expected in the shed, is `mine`, ok";

    #[test]
    fn what_a_parser_found_is_not_repeated() {
        let sentence = serde_json::to_string(SECRET).unwrap();
        for body in [
            format!("{{\"name\":{{}},\"language\":{sentence}}}"),
            sentence.clone(),
            format!("[[{sentence}]]"),
        ] {
            let error = undecodable(decode::<CreateAgent>(body.as_bytes()).unwrap_err());
            assert!(!error.to_string().contains("shed"), "{error}");
        }
        let body = format!("{{\"kind\":{sentence}}}");
        let error = undecodable(decode::<GrantConsent>(body.as_bytes()).unwrap_err());
        assert!(!error.to_string().contains("shed"), "{error}");
        assert!(error.to_string().starts_with("unknown variant"), "{error}");
    }

    #[test]
    fn what_was_expected_and_where_stays() {
        let error = undecodable(decode::<CreateAgent>(b"{\"name\":\"a\",\n\"language\":7}").unwrap_err());
        assert_eq!(error.field_name(), Some("language"));
        assert!(error.to_string().contains("expected a string at line 2"), "{error}");
        let error = undecodable(decode::<GrantConsent>(b"{\"kind\":\"smell\"}").unwrap_err());
        assert!(error.to_string().contains("voice") && error.to_string().contains("face"), "{error}");
    }
}
