//! A LiveKit server of our own, built once from its source, with the peers that tests drive.
//!
//! What is built or installed is kept outside the checkout, in the user's cache. Tests that may not meet
//! others' rooms run in a network namespace of their own: see [`namespace`].

pub(crate) mod namespace;
mod peers;
mod server;

use super::go_tool::go;
use crate::command::Run;
use crate::error::{Error, Naming, Result};
use crate::workspace::Workspace;
pub(crate) use server::Reach;
use server::{Server, Settings};
use std::env;
use std::fs;
use std::path::PathBuf;

/// The version stands here so that a new release changes nothing by surprise.
const VERSION: &str = "1.13.5";
const SOURCE: &str = "github.com/livekit/livekit-server/cmd/server";

/// The variables by which tests find the server.
const URL: &str = "HUB_TEST_LIVEKIT_URL";
const KEY: &str = "HUB_TEST_LIVEKIT_KEY";
const SECRET: &str = "HUB_TEST_LIVEKIT_SECRET";
/// Its port of ICE over TCP, where it has one.
const TCP: &str = "HUB_TEST_LIVEKIT_TCP";
/// The address that the server's webhooks go to; a test listens there.
const WEBHOOK: &str = "HUB_TEST_LIVEKIT_WEBHOOK";
/// The server's program, for tests that stop a server and start it again.
const PROGRAM: &str = "HUB_TEST_LIVEKIT_PROGRAM";

/// The server, installed and running or not.
#[derive(Debug)]
pub(crate) struct LiveKit {
    /// What was built or installed, for every checkout.
    cache: PathBuf,
    /// The running server's files.
    private: PathBuf,
}

/// Variables and their values, for who uses the server.
pub(crate) type Variables = Vec<(&'static str, String)>;

impl LiveKit {
    /// Finds out where things belong.
    pub(crate) fn find(workspace: &Workspace) -> Result<Self> {
        let given = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let cache = given("XDG_CACHE_HOME").or_else(|| given("HOME").map(|home| home.join(".cache")));
        let cache = cache.unwrap_or_else(|| workspace.target.clone()).join("hub-services");
        Ok(Self { cache, private: workspace.target.join("services").join(format!("livekit-{VERSION}")) })
    }

    fn program(&self) -> PathBuf {
        self.cache.join(format!("livekit-{VERSION}")).join("server")
    }

    pub(crate) fn is_installed(&self) -> bool {
        self.program().is_file()
    }

    /// Builds the server if it is not there, and installs the peers that this machine can have.
    pub(crate) fn install(&self, workspace: &Workspace) -> Result<()> {
        if !self.is_installed() {
            println!("LiveKit {VERSION}: building");
            self.build()?;
        }
        peers::install(&self.cache, workspace.ci)
    }

    /// Builds beside the place where it belongs, so that a build that was broken off is not taken for it.
    fn build(&self) -> Result<()> {
        let (program, unfinished) = (self.program(), self.cache.join("building"));
        fs::create_dir_all(&unfinished).naming("make", &unfinished)?;
        let versioned = format!("{SOURCE}@v{VERSION}");
        let go = Run::new(go(), &["install", &versioned]);
        // In a folder that is no module; the module's own go.mod says what it is built from.
        go.env("GOBIN", &unfinished).folder(&unfinished).aside()?;
        let folder = program.parent().unwrap_or(&self.cache);
        fs::create_dir_all(folder).naming("make", folder)?;
        fs::rename(unfinished.join("server"), &program).naming("move", &program)?;
        fs::remove_dir_all(&unfinished).naming("remove", &unfinished)
    }

    /// The variables of the server that runs for this checkout.
    pub(crate) fn running(&self) -> Result<Option<Variables>> {
        Ok(Settings::read(&self.private)?.map(|settings| self.variables(&settings)))
    }

    /// Starts it on loopback and free ports, unless it runs; it goes on when this program ends.
    pub(crate) fn start(&self) -> Result<Variables> {
        if let Some(variables) = self.running()? {
            return Ok(variables);
        }
        let server = self.serve(Reach::Host)?;
        let variables = self.variables(server.settings());
        server.leave()?;
        Ok(variables)
    }

    /// A server that ends with its value.
    fn serve(&self, reach: Reach) -> Result<Server> {
        if !self.is_installed() {
            return Err(Error::Usage("the LiveKit server is not installed".to_owned()));
        }
        Server::start(&self.program(), &self.folder(reach), reach)
    }

    /// Servers in namespaces may run at the same time, each with its own files.
    fn folder(&self, reach: Reach) -> PathBuf {
        match reach {
            Reach::Host => self.private.clone(),
            Reach::Namespace => self.private.with_extension(std::process::id().to_string()),
        }
    }

    /// Stops the server of this checkout; answers whether it ran.
    pub(crate) fn stop(&self) -> Result<bool> {
        server::stop(&self.private)
    }

    fn variables(&self, settings: &Settings) -> Variables {
        let mut variables = vec![
            (URL, settings.url()),
            (KEY, settings.key.clone()),
            (SECRET, settings.secret.clone()),
            (WEBHOOK, settings.webhook()),
            (PROGRAM, self.program().display().to_string()),
        ];
        variables.extend(settings.media_tcp.map(|port| (TCP, port.to_string())));
        variables.extend(peers::variables(&self.cache));
        variables
    }
}
