//! `hub doctor`: finds out what is wrong, and says how to mend it.

mod artifacts;
mod certificate;
mod check;
mod clock;
#[cfg(feature = "otlp")]
mod collector;
mod database;
mod folder;
mod keys;
mod network;
#[cfg(feature = "postgres")]
mod server;

use super::Common;
use super::config;
use super::database::DatabaseArgs;
use super::exit::{Exit, Outcome};
use super::home::Home;
use super::screen::Screen;
use super::serve::ArtifactsArgs;
use super::tls::TlsArgs;
use check::{Check, State};
use clap::Args;
use serde_json::json;

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    artifacts: ArtifactsArgs,
    /// Where `hub serve` is to listen [default: 127.0.0.1:8377]
    #[arg(long, env = "HUB_LISTEN", value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    #[command(flatten)]
    tls: TlsArgs,
}

impl Doctor {
    pub(crate) async fn run(&self, common: &Common, screen: &Screen) -> Outcome<Exit> {
        let home = Home::of(common)?;
        let (config, settings) = match config::load(self.database.config.as_deref(), &home) {
            Ok(config) => (config, Check::good("settings", "readable")),
            Err(failure) => (config::Config::default(), Check::failed("settings", &failure)),
        };
        let running = network::running(&home).await;
        let named = self.database.named(&config);
        let listen = self.listen.as_deref().or(config.listen.as_deref()).unwrap_or(config::LISTEN);
        let mut checks = vec![settings];
        checks.extend(folder::checks(&home));
        checks.push(folder::lock(&home, &running));
        checks.extend(database::checks(&home, &named, &running).await);
        checks.push(artifacts::check(&home, &named, self.artifacts.folder(&config)).await);
        checks.push(clock::check(&running));
        checks.extend(keys::checks(&home, &running).await);
        checks.push(certificate::check(self.tls.files(&config), listen));
        checks.push(network::port(&home, listen, &running));
        #[cfg(feature = "otlp")]
        checks.extend(collector::checks().await);
        show(&home, &checks, screen);
        let wrong = checks.iter().any(|check| check.state == State::Wrong);
        Ok(if wrong { Exit::Wrong } else { Exit::Done })
    }
}

fn show(home: &Home, checks: &[Check], screen: &Screen) {
    let wrong = checks.iter().filter(|check| check.state == State::Wrong).count();
    screen.value(&json!({"data": home.path(), "well": wrong == 0, "checks": checks}));
    let width = checks.iter().map(|check| check.name.len()).max().unwrap_or(0);
    for check in checks {
        let mark = match check.state {
            State::Good => screen.good("ok   "),
            State::Doubtful => screen.doubtful("note "),
            State::Wrong => screen.bad("WRONG"),
        };
        screen.line(format_args!("{mark}  {:<width$}  {}", check.name, check.found));
        if let Some(mend) = &check.mend {
            screen.line(format_args!("       {:<width$}  mend: {mend}", ""));
        }
    }
    match wrong {
        0 => screen.line(screen.good("All is well.")),
        1 => screen.line(screen.bad("One thing is wrong.")),
        many => screen.line(screen.bad(format_args!("{many} things are wrong."))),
    }
}
