//! A Python tool and a Node tool, each in a process of its own, on one PostgreSQL database.

use super::{node, python};
use crate::command::Run;
use crate::error::{Naming, Result};
use crate::profile::Profile;
use crate::services::ForTests;
use crate::steps::Ending;
use crate::workspace::Workspace;
use std::fs;

/// What makes the database.
const CLIENT: &str = "psycopg[binary]>=3.2,<4";

/// Installs both packages, and lets both sides run.
pub(crate) fn check(workspace: &Workspace, services: &mut ForTests) -> Result<Ending> {
    if let Ending::Skipped(why) = services.start(workspace)? {
        return Ok(Ending::Skipped(why));
    }
    let Some(server) = services.postgres() else {
        return Ok(Ending::Failed("PostgreSQL runs, and has no URL".to_owned()));
    };
    let python = python::installed(workspace, Profile::Dev)?;
    python::install(&python, &[CLIENT])?;
    let project = node::installed(workspace, Profile::Dev)?;
    let programs = workspace.root.join("bindings/together");
    let (from, to) = (programs.join("side.mjs"), project.join("side.mjs"));
    fs::copy(&from, to).naming("copy", &from)?;
    let play = Run::new(&python, &[]).arguments([programs.join("together.py")]);
    play.arguments([server]).arguments([&project]).folder(&project).show()?;
    Ok(Ending::Passed)
}
