//! The header `range`, of which one range of bytes is understood (RFC 9110, section 14.2); anything else
//! is as if it were not there.

use axum::http::HeaderMap;
use axum::http::header::{IF_RANGE, RANGE};
use hub_core::artifacts::ByteRange;

/// The range that is asked for, unless it is of an artifact other than this one.
pub(super) fn asked(headers: &HeaderMap, etag: &str) -> Option<ByteRange> {
    let mut ranges = headers.get_all(RANGE).into_iter();
    let range = ranges.next()?.to_str().ok()?;
    if ranges.next().is_some()
        || headers.get(IF_RANGE).is_some_and(|wanted| wanted.as_bytes() != etag.as_bytes())
    {
        return None;
    }
    let (unit, range) = range.split_once('=')?;
    if unit.trim().eq_ignore_ascii_case("bytes") { one(range.trim()) } else { None }
}

fn one(range: &str) -> Option<ByteRange> {
    let (first, last) = range.split_once('-')?;
    match (first, last) {
        ("", last) => Some(ByteRange::Last(number(last)?)),
        (first, "") => Some(ByteRange::From(number(first)?, None)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(ByteRange::From(first, Some(last)))
        }
    }
}

/// Digits, and nothing that a parser of numbers takes beside them.
fn number(digits: &str) -> Option<u64> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_of_bytes_is_understood() {
        for (text, wanted) in [
            ("bytes=0-499", Some(ByteRange::From(0, Some(499)))),
            ("Bytes=500-", Some(ByteRange::From(500, None))),
            ("bytes=-500", Some(ByteRange::Last(500))),
            ("bytes=0-99999999999999999999999", Some(ByteRange::From(0, Some(u64::MAX)))),
            ("bytes=5-4", None),
            ("bytes=0-1,3-4", None),
            ("bytes=", None),
            ("bytes=-", None),
            ("bytes=+1-2", None),
            ("items=0-1", None),
            ("0-1", None),
        ] {
            let headers = HeaderMap::from_iter([(RANGE, text.parse().unwrap())]);
            assert_eq!(asked(&headers, "\"e\""), wanted, "{text}");
        }
        let mut headers = HeaderMap::from_iter([(RANGE, "bytes=0-1".parse().unwrap())]);
        headers.insert(IF_RANGE, "\"e\"".parse().unwrap());
        assert!(asked(&headers, "\"e\"").is_some());
        assert!(asked(&headers, "\"other\"").is_none());
    }
}
