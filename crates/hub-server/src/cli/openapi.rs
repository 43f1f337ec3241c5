//! `hub openapi`: the description of the REST interface, made from the code.

use super::exit::{Exit, Outcome};
use super::screen::Screen;

/// Prints the document.
pub(crate) fn run(screen: &Screen) -> Outcome<Exit> {
    screen.raw(hub_server::openapi::document_text().trim_end());
    Ok(Exit::Done)
}
