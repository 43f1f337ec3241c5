//! What the program keeps in a data folder beside the database: tokens, and where the hub is.

use super::Common;
use super::exit::{Failure, Outcome};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// The admin's token.
pub(crate) const ADMIN_TOKEN: &str = "admin.token";
/// The token of the owner whom the first start made.
pub(crate) const OWNER_TOKEN: &str = "owner.token";
/// The token of the device through which this program passes on what others said.
pub(crate) const FEEDER_TOKEN: &str = "feeder.token";
/// Where the hub is, and what the first start made.
pub(crate) const CLIENT: &str = "client.json";

/// SHA-256 of the certificate that the hub shows, for the programs of this folder.
pub(crate) const CERTIFICATE: &str = "certificate.sha256";

/// A data folder, as the program sees it.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    path: PathBuf,
    /// Whether somebody named the folder; else it is the default one.
    named: bool,
}

/// What client commands need to know of a hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClientFile {
    /// Where the hub listened when it last started.
    pub(crate) url: String,
    /// What the first start made; absent after `--bare`.
    #[serde(flatten)]
    pub(crate) home: Option<HomeIds>,
}

/// The agent, space and owner that the first start made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HomeIds {
    pub(crate) agent_id: Uuid,
    pub(crate) space_id: Uuid,
    pub(crate) person_id: Uuid,
}

impl Home {
    /// The folder that was named, or `hub` in the user's data directory.
    pub(crate) fn of(common: &Common) -> Outcome<Self> {
        if let Some(path) = &common.data {
            let path = std::path::absolute(path)
                .map_err(|cause| Failure::machine("the data folder has no path", &cause))?;
            return Ok(Self { path, named: true });
        }
        let variable =
            |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        match default_folder(variable) {
            Some(path) => Ok(Self { path, named: false }),
            None => Err(Failure::usage("no_data_folder", "there is no place for a data folder by default")
                .next("name one with --data DIR or HUB_DATA")),
        }
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A file in the folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// A command to be shown, with the folder when it is not the default one.
    pub(crate) fn command(&self, arguments: &str) -> String {
        if self.named {
            let path = self.path.display().to_string();
            let quoted = if path.contains([' ', '\'', '"', '$']) { format!("{path:?}") } else { path };
            format!("hub --data {quoted} {arguments}")
        } else {
            format!("hub {arguments}")
        }
    }

    /// Where the hub was when it last started here.
    pub(crate) fn client(&self) -> Outcome<Option<ClientFile>> {
        let Some(text) = self.read(CLIENT)? else { return Ok(None) };
        serde_json::from_str(&text).map(Some).map_err(|cause| {
            let message = format!("{} is not what `hub serve` writes: {cause}", self.file(CLIENT).display());
            Failure::unusable("malformed_client_file", message)
                .next("remove the file and start `hub serve` again: it writes a new one")
        })
    }

    /// A token of the folder.
    pub(crate) fn token(&self, name: &str) -> Outcome<Option<String>> {
        Ok(self.read(name)?.map(|text| text.trim().to_owned()).filter(|token| !token.is_empty()))
    }

    /// A small file of the folder, unless there is none.
    pub(crate) fn read(&self, name: &str) -> Outcome<Option<String>> {
        let file = self.file(name);
        match std::fs::read_to_string(&file) {
            Ok(text) => Ok(Some(text)),
            Err(cause) if matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            Err(cause) => Err(Failure::machine(format!("{} cannot be read", file.display()), &cause)),
        }
    }

    /// Writes a file that only its owner can read: whole, or not at all.
    pub(crate) fn write(&self, name: &str, text: &str) -> Outcome<()> {
        let (fresh, file) = (self.file(&format!("{name}.new")), self.file(name));
        write_private(&fresh, text)
            .and_then(|()| std::fs::rename(&fresh, &file))
            .and_then(|()| File::open(&self.path).and_then(|folder| folder.sync_all()))
            .map_err(|cause| Failure::machine(format!("{} cannot be written", file.display()), &cause))
    }
}

fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    match std::fs::remove_file(file) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => return Err(cause),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut open = options.open(file)?;
    open.write_all(text.as_bytes())?;
    open.sync_all()
}

/// The XDG base directory specification's place for data on Unix, macOS's and Windows's own.
fn default_folder(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    if cfg!(windows) {
        return variable("LOCALAPPDATA").map(|base| base.join("hub"));
    }
    let xdg = variable("XDG_DATA_HOME").filter(|path| path.is_absolute());
    let base = xdg.or_else(|| {
        let inside = if cfg!(target_os = "macos") { "Library/Application Support" } else { ".local/share" };
        variable("HOME").map(|home| home.join(inside))
    })?;
    Some(base.join("hub"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    #[cfg(all(unix, not(target_os = "macos")))]
    fn the_default_folder_follows_the_platform() {
        let folder = |xdg: Option<&str>, home: Option<&str>| {
            default_folder(|name| match name {
                "XDG_DATA_HOME" => xdg.map(PathBuf::from),
                "HOME" => home.map(PathBuf::from),
                _ => None,
            })
        };
        assert_eq!(folder(Some("/x"), Some("/h")), Some("/x/hub".into()));
        assert_eq!(folder(Some("relative"), Some("/h")), Some("/h/.local/share/hub".into()));
        assert_eq!(folder(None, None), None);
    }

    #[test]
    #[cfg(unix)]
    fn what_is_written_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let home = Home { path: folder.path().to_path_buf(), named: true };
        for text in ["one", "two"] {
            home.write(OWNER_TOKEN, text).unwrap();
            assert_eq!(home.token(OWNER_TOKEN).unwrap().as_deref(), Some(text));
            let mode = std::fs::metadata(home.file(OWNER_TOKEN)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_client_file_without_a_home_reads_back() {
        let ids = HomeIds { agent_id: Uuid::nil(), space_id: Uuid::nil(), person_id: Uuid::nil() };
        for home in [None, Some(ids)] {
            let file = ClientFile { url: "http://127.0.0.1:1".to_owned(), home };
            let text = serde_json::to_string(&file).unwrap();
            assert_eq!(serde_json::from_str::<ClientFile>(&text).unwrap(), file);
        }
    }
}
