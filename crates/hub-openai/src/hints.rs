//! How long a server asks to be left alone: pure functions of its headers.

use std::time::Duration;

/// Reads a header by its name.
pub(crate) trait Headers {
    /// Its value, where it is there and text.
    fn value(&self, name: &str) -> Option<&str>;
}

/// The rest that a refusal asks for: `retry-after-ms`, `retry-after` in seconds, or the time until what is
/// used up is there again.
pub(crate) fn rest(headers: &impl Headers) -> Option<Duration> {
    let millis = headers.value("retry-after-ms").and_then(|text| text.trim().parse().ok());
    let millis = millis.map(Duration::from_millis);
    let seconds = headers.value("retry-after").and_then(|text| text.trim().parse::<f64>().ok());
    let seconds = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    millis.or(seconds).or_else(|| used_up(headers))
}

/// The time until what is used up is there again, of `x-ratelimit-remaining-*` and `x-ratelimit-reset-*`.
pub(crate) fn used_up(headers: &impl Headers) -> Option<Duration> {
    let of = |what: &str| {
        let left = headers.value(&format!("x-ratelimit-remaining-{what}"))?;
        let reset = headers.value(&format!("x-ratelimit-reset-{what}"))?;
        (left.trim() == "0").then(|| duration(reset.trim())).flatten()
    };
    of("requests").max(of("tokens"))
}

/// A duration as the API writes it: `20ms`, `1s`, `6m0s`, `1h2m3.5s`.
fn duration(text: &str) -> Option<Duration> {
    let mut sum = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let (number, after) = rest.split_at_checked(digits)?;
        let letters = after.find(|letter: char| letter.is_ascii_digit()).unwrap_or(after.len());
        let (unit, next) = after.split_at_checked(letters)?;
        let seconds = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3_600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        let part = Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()?;
        sum = sum.checked_add(part)?;
        rest = next;
    }
    (!text.is_empty()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Given(Vec<(&'static str, &'static str)>);

    impl Headers for Given {
        fn value(&self, name: &str) -> Option<&str> {
            self.0.iter().find(|(given, _)| *given == name).map(|(_, value)| *value)
        }
    }

    #[test]
    fn hints_are_read_in_every_form() {
        let millis =
            |list: &[(&'static str, &'static str)]| rest(&Given(list.to_vec())).map(|rest| rest.as_millis());
        assert_eq!(millis(&[("retry-after", "2")]), Some(2_000));
        assert_eq!(millis(&[("retry-after", "0.25")]), Some(250));
        assert_eq!(millis(&[("retry-after-ms", "70"), ("retry-after", "2")]), Some(70));
        let requests = [("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "6m0s")];
        assert_eq!(millis(&requests), Some(360_000));
        let tokens = [("x-ratelimit-remaining-tokens", "10"), ("x-ratelimit-reset-tokens", "1h")];
        assert_eq!(millis(&tokens), None);
        assert_eq!(millis(&[("retry-after", "-1")]), None);
        assert_eq!(millis(&[("retry-after", "1e300")]), None);
        assert_eq!(duration("1h2m3.5s"), Some(Duration::from_millis(3_723_500)));
        assert_eq!(
            (duration("20ms"), duration("5"), duration("x")),
            (Some(Duration::from_millis(20)), None, None)
        );
    }

    proptest! {
        #[test]
        fn any_text_is_a_duration_or_none(text in ".{0,30}") {
            let _ = duration(&text);
        }
    }
}
