//! Heads noted beside the database, and the verification of a data folder.
//!
//! A note does not protect against somebody who can write to the folder; it finds a database that
//! was cut, emptied or swapped for an older one.

use super::digest::Digest;
use super::stored;
use super::verify::{Pin, Report};
use crate::folder::DataFolder;
use crate::ids::AgentId;
use crate::store::{Executor, SqliteExecutor};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Name of the file of notes.
const NOTES: &str = "audit-heads.json";

#[derive(Serialize, Deserialize)]
struct Note {
    agent_id: AgentId,
    size: u64,
    head: String,
}

/// Verifies the log of a data folder, while a hub runs on it or not, against what was noted beside
/// the database.
///
/// # Errors
/// `not_found` when the folder holds no database; `unavailable` when it cannot be read. What is
/// wrong with the log is in the report.
pub async fn verify_folder(folder: &Path) -> Result<Report> {
    verify_database(folder, &DataFolder::database_in(folder)).await
}

/// Verifies the log of a data folder whose SQLite database is elsewhere.
///
/// # Errors
/// As [`verify_folder`].
pub async fn verify_database(folder: &Path, database: &Path) -> Result<Report> {
    if !database.is_file() {
        let message = format!("there is no database {}", database.display());
        return Err(Error::not_found("no_database", message));
    }
    let executor = SqliteExecutor::open_existing(database).await?;
    let report = verify_with(folder, &executor).await;
    executor.shutdown().await;
    report
}

/// Verifies the log of a database against what was noted in a data folder. Each hub on a database
/// notes in its own folder how far the logs had come; the others only make them longer.
///
/// # Errors
/// `unavailable` when the database or the notes cannot be read, `conflict` when the notes were
/// changed. What is wrong with the log is in the report.
pub async fn verify_with(folder: &Path, executor: &dyn Executor) -> Result<Report> {
    // Notes first: what is committed after they were read only makes the log longer.
    let pins = read_notes(folder)?;
    stored::verify(executor, pins).await
}

/// Notes heads beside the database, all or nothing.
pub(crate) fn write_notes(folder: &Path, pins: &[Pin]) -> Result<()> {
    let notes: Vec<Note> = pins
        .iter()
        .map(|pin| Note { agent_id: pin.agent_id, size: pin.size, head: Digest(pin.hash).to_string() })
        .collect();
    let text = serde_json::to_vec_pretty(&notes).map_err(Error::internal)?;
    let unwritten =
        |cause| Error::unavailable("folder_unusable", "the heads could not be noted").because(cause);
    let fresh = folder.join(format!("{NOTES}.new"));
    std::fs::write(&fresh, text).map_err(unwritten)?;
    std::fs::rename(&fresh, folder.join(NOTES)).map_err(unwritten)
}

fn read_notes(folder: &Path) -> Result<Vec<Pin>> {
    let text = match std::fs::read(folder.join(NOTES)) {
        Ok(text) => text,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => {
            return Err(
                Error::unavailable("folder_unusable", "the noted heads cannot be read").because(cause)
            );
        }
    };
    let malformed =
        || Error::conflict("malformed_notes", format!("{NOTES} was changed: it is not what the hub writes"));
    let notes: Vec<Note> = serde_json::from_slice(&text).map_err(|_| malformed())?;
    notes
        .into_iter()
        .map(|note| {
            let hash = note.head.parse::<Digest>().map_err(|_| malformed())?.0;
            Ok(Pin { agent_id: note.agent_id, size: note.size, hash })
        })
        .collect()
}
