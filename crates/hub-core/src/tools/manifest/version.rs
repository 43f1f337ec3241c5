//! Versions of tools: `MAJOR.MINOR.PATCH` and, where wanted, `-PRERELEASE` (Semantic Versioning
//! 2.0.0 without build metadata, which would give one version several names).

use crate::{Error, Result};
use std::cmp::Ordering;
use std::str::FromStr;

const VERSION_CHARS: usize = 64;

/// A version, ordered as section 11 of Semantic Versioning says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    numbers: [u64; 3],
    prerelease: Vec<Part>,
}

/// Numbers come before words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Number(u64),
    Word(String),
}

impl FromStr for Version {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        read(text).ok_or_else(|| {
            let problem =
                Error::invalid("malformed_tool", "a tool's version is MAJOR.MINOR.PATCH, such as 1.0.0");
            problem.field("version").at_limit(format!("{VERSION_CHARS} characters"))
        })
    }
}

fn read(text: &str) -> Option<Version> {
    if text.len() > VERSION_CHARS {
        return None;
    }
    let (numbers, prerelease) = match text.split_once('-') {
        Some((numbers, prerelease)) => (numbers, prerelease.split('.').map(part).collect::<Option<_>>()?),
        None => (text, Vec::new()),
    };
    let numbers: Vec<u64> = numbers.split('.').map(number).collect::<Option<_>>()?;
    Some(Version { numbers: numbers.try_into().ok()?, prerelease })
}

fn number(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}

fn part(text: &str) -> Option<Part> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        None
    } else if text.bytes().all(|byte| byte.is_ascii_digit()) {
        number(text).map(Part::Number)
    } else {
        Some(Part::Word(text.to_owned()))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let prerelease = match (self.prerelease.is_empty(), other.prerelease.is_empty()) {
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            _ => self.prerelease.cmp(&other.prerelease),
        };
        self.numbers.cmp(&other.numbers).then(prerelease)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
