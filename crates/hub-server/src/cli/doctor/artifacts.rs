//! The folder of artifacts: writable, with locks, and the one in which the database's artifacts are.

use super::check::Check;
use crate::cli::database::{self, Database, Named};
use crate::cli::home::Home;
use hub_core::DataFolder;
use hub_core::artifacts::{FolderBlobs, homes};
use hub_core::store::{Executor, SqliteExecutor};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use uuid::Uuid;

const NAME: &str = "artifacts";

pub(super) async fn check(home: &Home, named: &Named, folder: Option<PathBuf>) -> Check {
    let folder = folder.unwrap_or_else(|| DataFolder::artifacts_in(home.path()));
    let store = FolderBlobs::new(&folder);
    let wanted = match database::choose(named, home) {
        Ok(chosen) => of_database(&chosen).await,
        Err(_) => None,
    };
    let name = match store.name() {
        Ok(name) => name,
        Err(error) => {
            return Check::wrong(NAME, error.to_string(), error.remedy().unwrap_or("look at the folder"));
        }
    };
    if (name.is_some() || folder.exists())
        && let Err(error) = store.try_out(Uuid::new_v4())
    {
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        return Check::wrong(
            NAME,
            format!("{} cannot be worked in: {cause}", folder.display()),
            "correct its owner and permissions, make room, mount it, or use a file system that has locks",
        );
    }
    judge(&folder.display().to_string(), name, wanted)
}

/// Pure: whether the folder is the one in which the database's artifacts are.
fn judge(folder: &str, name: Option<Uuid>, wanted: Option<BTreeSet<Uuid>>) -> Check {
    let shown = name.map_or_else(|| "it has no name yet".to_owned(), |name| format!("its name is {name}"));
    match wanted {
        None => Check::doubtful(
            NAME,
            format!("{folder}: {shown}; the database was not asked whether it is the right one"),
            "see the check of the database",
        ),
        Some(wanted) if wanted.is_empty() => Check::good(NAME, format!("{folder}; no agent has any yet")),
        Some(wanted) if wanted.len() == 1 && name.is_some_and(|name| wanted.contains(&name)) => {
            Check::good(NAME, format!("{folder}, in which every agent's are; {shown}"))
        }
        Some(wanted) => {
            let names: Vec<String> = wanted.iter().map(Uuid::to_string).collect();
            Check::wrong(
                NAME,
                format!(
                    "agents have theirs in a folder with the name {}; {folder}: {shown}",
                    names.join(" or ")
                ),
                "give all hubs on this database that folder with --artifacts or HUB_ARTIFACTS: the name stands in \
                 its file `home`",
            )
        }
    }
}

/// In which folders the agents of a database have theirs; `None` when it cannot be asked.
async fn of_database(chosen: &Database) -> Option<BTreeSet<Uuid>> {
    let executor: Arc<dyn Executor> = match chosen.file() {
        Some(file) if !file.exists() => return Some(BTreeSet::new()),
        Some(file) => Arc::new(SqliteExecutor::open_existing(file).await.ok()?),
        None => chosen.open().await.ok()??,
    };
    let found = homes(executor.as_ref()).await.ok();
    executor.shutdown().await;
    found
}

#[cfg(test)]
mod tests {
    use super::super::check::State;
    use super::*;

    #[test]
    fn the_folder_must_be_the_one_that_the_agents_have_theirs_in() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        for (name, wanted, state) in [
            (None, Some(vec![]), State::Good),
            (Some(one), Some(vec![]), State::Good),
            (Some(one), Some(vec![one]), State::Good),
            (Some(one), Some(vec![other]), State::Wrong),
            (Some(one), Some(vec![one, other]), State::Wrong),
            (None, Some(vec![one]), State::Wrong),
            (Some(one), None, State::Doubtful),
        ] {
            let wanted = wanted.map(BTreeSet::from_iter);
            assert_eq!(judge("here", name, wanted.clone()).state, state, "{name:?} {wanted:?}");
        }
    }
}
