//! The data folder: there, private, with room, and held by at most one process.

use super::check::Check;
use super::network::Running;
use crate::cli::home::Home;
use std::fs::{File, TryLockError};
use std::path::Path;

/// Free bytes below which a hub soon refuses to write.
const SCARCE_BYTES: u64 = 100 << 20;
/// Free bytes below which somebody should look.
const LITTLE_BYTES: u64 = 1 << 30;

/// Folder and disk.
pub(super) fn checks(home: &Home) -> Vec<Check> {
    let path = home.path();
    let named = path.display();
    match std::fs::metadata(path) {
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
            let mend = "start `hub serve`, which makes it; or name the right folder with --data or HUB_DATA";
            vec![Check::wrong("data folder", format!("{named} is not there"), mend)]
        }
        Err(cause) => {
            let mend = "run as the user whose hub it is, or correct its permissions";
            vec![Check::wrong("data folder", format!("{named} cannot be looked at: {cause}"), mend)]
        }
        Ok(about) if !about.is_dir() => {
            vec![Check::wrong("data folder", format!("{named} is no folder"), "name another with --data")]
        }
        Ok(about) => {
            let folder = match open_to_others(&about) {
                Some(mode) => Check::wrong(
                    "data folder",
                    format!("{named} can be entered by others (mode {mode:o})"),
                    format!("chmod 700 {named}"),
                ),
                None => writable(path),
            };
            vec![folder, disk(path)]
        }
    }
}

fn writable(path: &Path) -> Check {
    let named = path.display();
    match probe(path) {
        Ok(()) => Check::good("data folder", format!("{named} is there, private and writable")),
        Err(cause) => Check::wrong(
            "data folder",
            format!("{named} cannot be written to: {cause}"),
            "run as the user whose hub it is, correct its permissions, or make room on the disk",
        ),
    }
}

fn probe(path: &Path) -> std::io::Result<()> {
    let file = path.join(format!("doctor-{}", std::process::id()));
    std::fs::write(&file, b"probe")?;
    std::fs::remove_file(&file)
}

fn disk(path: &Path) -> Check {
    match fs4::available_space(path) {
        Ok(free) => room(free),
        Err(cause) => Check::doubtful("disk", format!("free space is not known: {cause}"), "look with df"),
    }
}

fn room(free: u64) -> Check {
    let found = format!("{} MiB free", free >> 20);
    let mend = "make room, or move the data folder to a larger disk while the hub is stopped";
    match free {
        ..SCARCE_BYTES => Check::wrong("disk", found, mend),
        SCARCE_BYTES..LITTLE_BYTES => Check::doubtful("disk", found, mend),
        LITTLE_BYTES.. => Check::good("disk", found),
    }
}

/// Who holds the folder.
pub(super) fn lock(home: &Home, running: &Running) -> Check {
    let holder = home.read("lock").ok().flatten().map(|text| text.trim().to_owned()).unwrap_or_default();
    let held = match File::open(home.file("lock")) {
        Ok(file) => matches!(file.try_lock(), Err(TryLockError::WouldBlock)),
        Err(_) => return Check::good("lock", "never taken"),
    };
    match (held, running) {
        (true, Running::Yes { .. }) => Check::good("lock", format!("held by {holder}")),
        (true, _) => Check::doubtful(
            "lock",
            format!("held by {holder}, which does not answer as a hub"),
            "wait if it just starts or runs workers alone; else stop that process",
        ),
        (false, _) if holder.is_empty() => Check::good("lock", "free"),
        (false, _) => Check::good("lock", format!("free; {holder} ended without being stopped")),
    }
}

/// The permission bits, when others than the owner have any.
#[cfg(unix)]
pub(super) fn open_to_others(about: &std::fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = about.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

/// Other systems keep a user's own folders private by themselves.
#[cfg(not(unix))]
pub(super) fn open_to_others(_about: &std::fs::Metadata) -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use super::super::check::State;
    use super::*;

    #[test]
    fn a_full_disk_is_wrong_and_a_nearly_full_one_is_worth_a_note() {
        assert_eq!(room(10 << 20).state, State::Wrong);
        assert_eq!(room(500 << 20).state, State::Doubtful);
        assert_eq!(room(5 << 30).state, State::Good);
    }
}
