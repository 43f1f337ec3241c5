//! `hub serve`: runs the hub until it is told to stop.

mod model;
mod open;
mod stop;
mod telemetry;

pub(crate) use open::{ArtifactsArgs, OpenArgs, Opened, say_stop};
pub(crate) use stop::{stop_signal, timed};
#[cfg(feature = "otlp")]
pub(crate) use telemetry::{settings as collector_settings, source_of};

use super::exit::{Exit, Failure, Outcome};
use super::first_start::First;
use super::home::{ADMIN_TOKEN, CLIENT, ClientFile, Home, HomeIds, OWNER_TOKEN};
use super::screen::Screen;
use super::tls::{self, TlsArgs};
use super::{Common, admin, config, first_start, table};
use clap::Args;
use hub_core::Hub;
use hub_core::hub::WorkerRole;
use hub_server::server::{AppState, Listener};
use hub_server::telemetry::Metrics;
use hub_server::tls::Tls;
use serde_json::json;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

/// What a port beyond this machine without TLS means.
const EXPOSED: &str = "tokens and words travel in plain text beyond this machine: name a certificate with --tls-cert \
                       and --tls-key, or let a proxy on this machine end TLS and listen at 127.0.0.1";

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address and port to listen at [default: 127.0.0.1:8377]; port 0 takes a free one
    #[arg(long, env = "HUB_LISTEN", value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Make no agent, space and owner on an empty database
    #[arg(long)]
    bare: bool,
    /// Run no workers: `hub worker` runs them
    #[arg(long)]
    no_workers: bool,
    #[command(flatten)]
    tls: TlsArgs,
    #[command(flatten)]
    open: OpenArgs,
}

impl Serve {
    pub(crate) fn run(&self, common: &Common, screen: &Screen) -> Outcome<Exit> {
        let home = Home::of(common)?;
        self.open.runtime()?.block_on(self.serve(&home, screen))
    }

    async fn serve(&self, home: &Home, screen: &Screen) -> Outcome<Exit> {
        let (stop, stopped_at) = timed(stop_signal()?);
        let metrics = Metrics::new();
        let roles = if self.no_workers { vec![] } else { WorkerRole::ALL.to_vec() };
        let opened = self.open.open(home, "hub serve", roles, &metrics).await?;
        let hub = opened.hub.clone();
        match self.prepare(home, &hub, &opened).await {
            Ok(ready) => {
                self.announce(home, &opened, &ready, screen);
                opened.telemetry.watch(&hub);
                let settings = opened.config.server.clone();
                let within = Duration::from_secs(settings.stop_seconds.max(1));
                let state = AppState::new(hub, ready.admin_token.clone(), settings, metrics);
                let stopped = hub_server::server::serve(ready.listener(), state, stop).await;
                let took = stopped_at.get().map(Instant::elapsed).unwrap_or_default();
                opened.telemetry.shutdown(within.saturating_sub(took)).await;
                screen.line(say_stop(stopped.hub_closed));
                Ok(if stopped.hub_closed { Exit::Done } else { Exit::Wrong })
            }
            Err(failure) => {
                hub.shutdown().await;
                Err(failure)
            }
        }
    }

    /// What must be there before the first request: tokens, the first agent, a port.
    async fn prepare(&self, home: &Home, hub: &Hub, opened: &Opened) -> Outcome<Ready> {
        let admin_token = admin::token(home)?;
        let first = first_start::prepare(hub, home, &opened.database, self.bare).await?;
        let wanted =
            self.listen.clone().or_else(|| opened.config.listen.clone()).unwrap_or(config::LISTEN.to_owned());
        let tls = self.tls.open(&opened.config, home)?;
        let (listener, address) = bind(&wanted).await?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", reachable(address));
        let exposed = tls.is_none() && !address.ip().is_loopback();
        if exposed {
            tracing::warn!(%address, "{EXPOSED}");
        }
        let file = ClientFile { url: url.clone(), home: first.ids };
        let text = serde_json::to_string_pretty(&file)
            .map_err(|cause| Failure::unusable("client_file", cause.to_string()))?;
        home.write(CLIENT, &text)?;
        Ok(Ready { admin_token, listener, tls, exposed, url, first })
    }

    fn announce(&self, home: &Home, opened: &Opened, ready: &Ready, screen: &Screen) {
        let ids: Option<HomeIds> = ready.first.ids;
        let owner = home.file(OWNER_TOKEN).exists().then(|| home.file(OWNER_TOKEN));
        let admin = matches!(admin::from_environment(), Ok(None)).then(|| home.file(ADMIN_TOKEN));
        screen.value(&json!({
            "url": ready.url, "data": home.path(), "database": opened.database.url(),
            "admin_token_file": admin, "owner_token_file": owner,
            "agent_id": ids.map(|ids| ids.agent_id), "space_id": ids.map(|ids| ids.space_id),
            "person_id": ids.map(|ids| ids.person_id), "made": ready.first.made,
            "strangers": ready.first.strangers,
            "tls": ready.tls.as_ref().map(|tls| json!({
                "names": tls.certificate().names(), "ends": tls::date(&tls.certificate()),
            })),
            "exposed": ready.exposed,
        }));
        let version = env!("CARGO_PKG_VERSION");
        screen.line(format_args!(
            "{} {version} listens at {}",
            screen.strong("hub"),
            screen.strong(&ready.url)
        ));
        if ready.exposed {
            screen.line(screen.doubtful(format_args!("  warning: {EXPOSED}")));
        }
        let mut rows =
            vec![("  data", home.path().display().to_string()), ("  database", opened.database.shown())];
        rows.push(match admin {
            Some(file) => ("  admin token", format!("{}  (makes agents, people and tokens)", file.display())),
            None => ("  admin token", "from HUB_ADMIN_TOKEN".to_owned()),
        });
        if let Some(file) = owner {
            rows.push(("  owner token", format!("{}  (yours: talks, reads, approves)", file.display())));
        }
        if let Some(ids) = ids {
            let new = if ready.first.made { ", made now" } else { "" };
            rows.push(("  agent", format!("{}{new}", ids.agent_id)));
            rows.push(("  space", ids.space_id.to_string()));
        }
        if ready.first.strangers {
            let said = "the database has some, and this folder holds no token of theirs: name one with --token or HUB_TOKEN";
            rows.push(("  agents", said.to_owned()));
        }
        if let Some(tls) = &ready.tls {
            rows.push(("  certificate", tls::shown(&tls.certificate())));
        }
        if self.no_workers {
            rows.push(("  workers", "none here; `hub worker` runs them".to_owned()));
        }
        let rows: Vec<Vec<String>> =
            rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
        for line in table::columns(&rows) {
            screen.line(line);
        }
        screen.line("Try next, in another terminal:");
        let next: &[&str] = match ids {
            Some(_) => &["say \"remind me to water the plants tomorrow at 9\"", "actions", "audit verify"],
            None => &["doctor", "audit verify"],
        };
        for arguments in next {
            screen.line(format_args!("  {}", home.command(arguments)));
        }
        screen.line(screen.faint("Ctrl-C stops it."));
    }
}

struct Ready {
    admin_token: hub_server::auth::AdminToken,
    listener: TcpListener,
    tls: Option<Tls>,
    /// Whether others than this machine's programs may reach the port, in plain text.
    exposed: bool,
    url: String,
    first: First,
}

impl Ready {
    fn listener(self) -> Listener {
        match self.tls {
            Some(tls) => Listener::with_tls(self.listener, tls),
            None => self.listener.into(),
        }
    }
}

async fn bind(wanted: &str) -> Outcome<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(wanted).await.map_err(|cause| {
        let message = format!("cannot listen at {wanted}: {cause}");
        let choose = "choose another with --listen or HUB_LISTEN, such as --listen 127.0.0.1:8378, or 127.0.0.1:0 for a free one";
        match cause.kind() {
            ErrorKind::AddrInUse => Failure::unusable("port_taken", message)
                .next(format!("another program has that port (`hub doctor` says whether it is a hub); {choose}")),
            ErrorKind::InvalidInput => Failure::usage("listen", message).next(choose),
            _ => Failure::unusable("listen", message).next(choose),
        }
    })?;
    let address = listener.local_addr().map_err(|cause| Failure::machine("the port is not known", &cause))?;
    Ok((listener, address))
}

/// An address at which this machine reaches a listener; nobody connects to "any address".
fn reachable(address: SocketAddr) -> SocketAddr {
    let mut reachable = address;
    if address.ip().is_unspecified() {
        reachable.set_ip(match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    reachable
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn clients_are_told_an_address_that_they_can_reach() {
        for (listening, told) in
            [("0.0.0.0:80", "127.0.0.1:80"), ("[::]:80", "[::1]:80"), ("192.0.2.1:80", "192.0.2.1:80")]
        {
            assert_eq!(reachable(listening.parse().unwrap()), told.parse().unwrap());
        }
    }
}
