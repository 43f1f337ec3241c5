//! Settings of `serve` and `worker`: from a file, the environment and flags, the later before the
//! earlier.

use super::database::DatabaseUrl;
use super::exit::{Failure, Outcome};
use super::home::Home;
use hub_core::Settings;
use hub_server::telemetry::logs::LogFormat;
use serde::Deserialize;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Where the hub listens when nobody says otherwise.
pub(crate) const LISTEN: &str = "127.0.0.1:8377";
/// Name of the file of settings in a data folder.
const FILE: &str = "hub.toml";

/// The file of settings. What stands nowhere has its default; unknown keys are refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// Address and port. Default [`LISTEN`].
    pub(crate) listen: Option<String>,
    /// `sqlite:…` or `postgres://…`. Default the one in the data folder.
    pub(crate) database_url: Option<DatabaseUrl>,
    /// The same PostgreSQL database as the role that owns it. Default the same URL.
    pub(crate) database_admin_url: Option<DatabaseUrl>,
    /// The certificate's file; with it the server speaks TLS. Default none.
    pub(crate) tls_cert: Option<PathBuf>,
    /// The file of its key. Default none.
    pub(crate) tls_key: Option<PathBuf>,
    /// Folder of artifacts, which hubs on one database share. Default `artifacts` in the data folder.
    pub(crate) artifacts: Option<PathBuf>,
    /// How the log is written. Default `human`.
    pub(crate) log: Option<LogFormat>,
    /// Section `[server]`: bounds of the server.
    pub(crate) server: hub_server::server::Settings,
    /// Section `[http_request]`: what agents may ask for on the web.
    pub(crate) http_request: hub_http::Settings,
    /// Section `[hub]`: the hub itself.
    pub(crate) hub: Settings,
    /// Section `[openai]`: the planner that asks a model. The key stands in no file: `OPENAI_API_KEY`.
    pub(crate) openai: hub_openai::Settings,
}

/// Reads the settings: the file that was named, else `hub.toml` in the data folder, else none.
pub(crate) fn load(named: Option<&Path>, home: &Home) -> Outcome<Config> {
    let file = named.map_or_else(|| home.file(FILE), Path::to_path_buf);
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(cause) if cause.kind() == ErrorKind::NotFound && named.is_none() => String::new(),
        Err(cause) => {
            let message = format!("the settings file {} cannot be read: {cause}", file.display());
            return Err(Failure::usage("settings_file", message));
        }
    };
    parse(&text, system_time_zone()).map_err(|cause| {
        let message = format!("the settings file {} is wrong: {}", file.display(), cause.trim());
        Failure::usage("settings_file", message).next("docs/CLI.md lists the settings")
    })
}

/// People mean the time of the place where the hub stands, unless a setting says otherwise.
fn parse(text: &str, time_zone: Option<String>) -> Result<Config, String> {
    let mut config: Config = toml::from_str(text).map_err(|cause| told(text, &cause))?;
    let given: toml::Table = toml::from_str(text).map_err(|cause| told(text, &cause))?;
    let says = given.get("hub").and_then(|hub| hub.get("time_zone")).is_some();
    if let Some(zone) = time_zone.filter(|_| !says) {
        config.hub.time_zone = zone;
    }
    Ok(config)
}

/// What is wrong, and where. The line itself is not shown: it may hold a password.
fn told(text: &str, cause: &toml::de::Error) -> String {
    match cause.span().and_then(|span| text.get(..span.start)) {
        Some(before) => format!("line {}: {}", before.matches('\n').count() + 1, cause.message()),
        None => cause.message().to_owned(),
    }
}

fn system_time_zone() -> Option<String> {
    jiff::tz::TimeZone::try_system().ok()?.iana_name().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn unknown_keys_are_refused_by_name() {
        for (text, key) in [
            ("listen = \"[::1]:1\"\nport = 3", "port"),
            ("[hub]\nwindow_pause = 3", "window_pause"),
            ("[server]\nbody = 3", "body"),
            ("[http_request]\nhosts = 3", "hosts"),
            ("[huub]\n", "huub"),
        ] {
            assert!(parse(text, None).unwrap_err().contains(&format!("unknown field `{key}`")));
        }
    }

    #[test]
    fn a_line_that_cannot_be_read_is_not_shown() {
        for text in [
            "\n[hub]\ndatabase_url = \"postgres://u:hunter2@h/d",
            "\n\ndatabase_url = [\"postgres://u:hunter2@h/d\"]",
            "\n\ndatabase_url = postgres://u:hunter2@h/d",
        ] {
            let told = parse(text, None).unwrap_err();
            assert!(told.starts_with("line 3: ") && !told.contains("hunter2"), "{told}");
        }
        let config = parse("database_url = \"postgres://u:hunter2@h/d\"", None).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn rules_for_requests_stand_by_their_agent() {
        let text = "[[http_request.agents.0192f0c1-2345-7000-8000-000000000001.allow]]\n\
                    url = \"https://api.example.org/v1/\"\nmethods = [\"GET\"]\nsecrets = [\"CALENDAR\"]";
        let rules = parse(text, None).unwrap().http_request.agents.into_values().next().unwrap().allow;
        assert_eq!((rules[0].url.as_str(), rules[0].private), ("https://api.example.org/v1/", false));
    }

    #[test]
    fn the_machine_s_time_zone_counts_unless_the_file_names_one() {
        let zone = |text| parse(text, Some("Europe/Berlin".to_owned())).unwrap().hub.time_zone;
        assert_eq!(zone("[hub]\npoll_ms = 100"), "Europe/Berlin");
        assert_eq!(zone("[hub]\ntime_zone = \"Asia/Tokyo\""), "Asia/Tokyo");
    }
}
