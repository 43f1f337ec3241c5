//! Whether a rule covers a request. Pure.

use crate::settings::{AgentRules, RuleSettings, Settings};
use hub_core::{Error, Result};
use std::collections::BTreeMap;
use url::Url;
use uuid::Uuid;

/// Methods that may be allowed.
pub(crate) const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// A rule that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    url: Url,
    methods: Vec<String>,
    pub(crate) private: bool,
    pub(crate) secrets: Vec<String>,
}

/// Rules by agent, each checked.
pub(crate) fn rules(settings: &Settings) -> Result<BTreeMap<Uuid, Vec<Rule>>> {
    let of_agent = |(agent, rules): (&Uuid, &AgentRules)| {
        Ok((*agent, rules.allow.iter().map(Rule::new).collect::<Result<_>>()?))
    };
    settings.agents.iter().map(of_agent).collect()
}

/// A URL of a request: of the web, without credentials in it, and with nothing in its path that a server
/// may read in another way than the rule does.
pub(crate) fn target(text: &str) -> Result<Url> {
    let refused = |message: &str| Error::invalid("malformed_url", message).field("arguments.url");
    let url = Url::parse(text).map_err(|_| refused("not a URL such as https://api.example.org/v1/things"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(refused("only http and https are spoken"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("a URL holds no user and no password; secrets are named in headers"));
    }
    let path = url.path().to_ascii_lowercase();
    if ["%2f", "%5c", "%00", "%2e"].iter().any(|hidden| path.contains(hidden)) {
        return Err(refused("the path holds an encoded slash, backslash, dot or NUL"));
    }
    Ok(url)
}

impl Rule {
    fn new(settings: &RuleSettings) -> Result<Self> {
        let wrong = |message: String| Error::invalid("malformed_rule", message).field("url");
        let url = target(&settings.url).map_err(|error| wrong(format!("{}: {error}", settings.url)))?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong(format!("{}: a rule has no query and no fragment", settings.url)));
        }
        let methods = settings.methods.clone();
        if methods.is_empty() || methods.iter().any(|method| !METHODS.contains(&method.as_str())) {
            let message = format!("the methods of a rule are of {}", METHODS.join(" "));
            return Err(Error::invalid("malformed_rule", message).field("methods"));
        }
        Ok(Self { url, methods, private: settings.private, secrets: settings.secrets.clone() })
    }

    /// Whether it covers this request. Both URLs are in the standard's form: case, ports, dots and the
    /// spellings of addresses are settled.
    pub(crate) fn covers(&self, method: &str, url: &Url) -> bool {
        let same_place = self.url.scheme() == url.scheme()
            && self.url.host() == url.host()
            && self.url.port_or_known_default() == url.port_or_known_default();
        let path = self.url.path();
        let below = if path.ends_with('/') { url.path().starts_with(path) } else { url.path() == path };
        same_place && below && self.methods.iter().any(|allowed| allowed == method)
    }
}

/// The rule that covers a request, if one does.
pub(crate) fn covering<'r>(rules: &'r [Rule], method: &str, url: &Url) -> Option<&'r Rule> {
    rules.iter().find(|rule| rule.covers(method, url))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(url: &str) -> Rule {
        Rule::new(&RuleSettings {
            url: url.to_owned(),
            methods: vec!["GET".to_owned()],
            private: false,
            secrets: vec![],
        })
        .unwrap()
    }

    #[test]
    fn a_rule_covers_its_place_and_what_lies_below() {
        let below = rule("https://api.example.org/v1/");
        for (url, covered) in [
            ("https://api.example.org/v1/", true),
            ("https://API.example.ORG:443/v1/things?x=1", true),
            ("https://api.example.org/v1/a/../b", true),
            ("https://api.example.org/v1/../v2/", false),
            ("https://api.example.org/v1", false),
            ("https://api.example.org/v10/", false),
            ("http://api.example.org/v1/", false),
            ("https://api.example.org:8443/v1/", false),
            ("https://api.example.org.evil.net/v1/", false),
            ("https://api.example.org./v1/", false),
            ("https://evil.net/?https://api.example.org/v1/", false),
            ("https://evil.net/#@api.example.org/v1/", false),
            ("https://api.example.org\\@evil.net/v1/", false),
        ] {
            let url = target(url).unwrap();
            assert_eq!(below.covers("GET", &url), covered, "{url}");
        }
        assert!(!below.covers("POST", &target("https://api.example.org/v1/").unwrap()));
        let alone = rule("https://api.example.org/v1/me");
        assert!(alone.covers("GET", &target("https://api.example.org/v1/me?full").unwrap()));
        assert!(!alone.covers("GET", &target("https://api.example.org/v1/me/secrets").unwrap()));
    }

    #[test]
    fn what_a_server_may_read_otherwise_is_refused() {
        for url in [
            "https://user:pass@api.example.org/",
            "https://api.example.org@evil.net/",
            "https://api.example.org/v1/%2e%2e%2fadmin",
            "https://api.example.org/v1/..%2Fadmin",
            "https://api.example.org/v1/..%5cadmin",
            "ftp://api.example.org/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "not a url",
            "https://",
        ] {
            assert_eq!(target(url).unwrap_err().code(), "malformed_url", "{url}");
        }
    }

    #[test]
    fn every_spelling_of_an_address_is_that_address() {
        let local = rule("http://127.0.0.1/");
        for url in [
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0x7f.1/",
            "http://017700000001/",
            "http://0177.0.0.01/",
            "http://127.1/",
            "http://127.0.0.1:80/",
            "http://%31%32%37.0.0.1/",
            "http://１２７.0.0.1/",
        ] {
            assert!(local.covers("GET", &target(url).unwrap()), "{url}");
        }
    }

    #[test]
    fn rules_that_mean_nothing_are_refused() {
        let settings = |url: &str, methods: &[&str]| RuleSettings {
            url: url.to_owned(),
            methods: methods.iter().map(|method| (*method).to_owned()).collect(),
            private: false,
            secrets: vec![],
        };
        for (url, methods) in [
            ("https://api.example.org/?a=1", &["GET"][..]),
            ("api.example.org", &["GET"]),
            ("https://api.example.org/", &["get"]),
            ("https://api.example.org/", &["CONNECT"]),
            ("https://api.example.org/", &[]),
        ] {
            assert_eq!(Rule::new(&settings(url, methods)).unwrap_err().code(), "malformed_rule", "{url}");
        }
    }
}
