//! A command beside a server of its own, in a network namespace where nobody else is.
//!
//! The namespace has 127.0.0.1 on `lo`, and 127.0.0.2 on a pair of virtual cables: WebRTC clients skip
//! `lo` when they look for their addresses. It ends with its last process.

use super::{LiveKit, Reach};
use crate::command::Run;
use crate::error::{Error, Result};
use std::ffi::OsString;

/// The argument by which this program, started again inside the namespace, knows what to do there.
pub(crate) const INSIDE: &str = "inside";

/// The variable by which tests know that addresses of this host are theirs to change.
const OWN: &str = "HUB_TEST_LIVEKIT_NAMESPACE";

/// How a namespace is made here: as root, or as a user who is root in it.
const WAYS: [&[&str]; 2] = [&["--net"], &["--user", "--map-root-user", "--net"]];

/// What makes the two addresses.
const CABLES: [&[&str]; 5] = [
    &["link", "set", "lo", "up"],
    &["link", "add", "hub0", "type", "veth", "peer", "name", "hub1"],
    &["address", "add", "127.0.0.2/32", "dev", "hub0"],
    &["link", "set", "hub0", "up"],
    &["link", "set", "hub1", "up"],
];

/// A command that runs `command` beside a server of its own: in a namespace where that can be, else here.
pub(crate) fn enter(command: &[OsString]) -> Result<Run> {
    let this = std::env::current_exe()
        .map_err(|source| Error::Start { command: "cargo xtask".to_owned(), source })?;
    let inside = |run: Run| run.arguments(["services", INSIDE, "--"]).arguments(command).for_cargo();
    Ok(match way() {
        Some(way) => inside(Run::new("unshare", way).arguments(["--"]).arguments([&this])),
        None => {
            println!(
                "LiveKit: no network namespace can be made here; the server listens on this machine's loopback"
            );
            inside(Run::new(&this, &[]))
        }
    })
}

fn way() -> Option<&'static [&'static str]> {
    let works = |way: &&'static [&'static str]| {
        let trial = Run::new("unshare", way).arguments(["--", "ip", "link", "set", "lo", "up"]);
        trial.capture().is_ok_and(|captured| captured.success)
    };
    WAYS.into_iter().find(works)
}

/// What `enter` starts: makes the addresses, where nothing is yet, starts the server and runs the command.
pub(crate) fn run(livekit: &LiveKit, command: &[OsString]) -> Result<()> {
    let [program, arguments @ ..] = command else {
        return Err(Error::Usage("there is no command to run".to_owned()));
    };
    let reach = if is_new()? { Reach::Namespace } else { Reach::Host };
    if reach == Reach::Namespace {
        CABLES.into_iter().try_for_each(|cable| Run::new("ip", cable).show())?;
    }
    let server = livekit.serve(reach)?;
    let run = livekit.variables(server.settings()).into_iter();
    let run = run.fold(Run::new(program, &[]), |run, (name, value)| run.env(name, value));
    let run = if reach == Reach::Namespace { run.env(OWN, "1") } else { run };
    run.arguments(arguments).show()
}

/// Whether this is a namespace in which nothing was made yet: its loopback is down.
fn is_new() -> Result<bool> {
    let Ok(captured) = Run::new("ip", &["-oneline", "link", "show", "up"]).capture() else {
        return Ok(false);
    };
    Ok(captured.success && captured.stdout.trim().is_empty())
}
