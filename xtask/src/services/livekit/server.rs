//! The server's process: its settings, its start and its end.

use crate::command::Run;
use crate::error::{Error, Naming, Result};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a server may take to answer its first request, or to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// Who can reach the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Everybody on this machine. ICE over TCP is off, since the server would offer it on every address.
    Host,
    /// Who is in the same network namespace.
    Namespace,
}

/// What a server was started with.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Settings {
    process: u32,
    port: u16,
    media: u16,
    /// None where it is off.
    pub(super) media_tcp: Option<u16>,
    turn: u16,
    webhook: u16,
    pub(super) key: String,
    pub(super) secret: String,
}

/// A server that is stopped when the value goes.
#[derive(Debug)]
pub(super) struct Server {
    child: Option<Child>,
    settings: Settings,
    folder: PathBuf,
}

impl Settings {
    fn choose(reach: Reach) -> Result<Self> {
        let unusable = |cause| Error::Unreadable(format!("no port of 127.0.0.1 is free: {cause}"));
        let tcp = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(unusable);
        let udp = || UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).map_err(unusable);
        // All are held until each is known, so that they differ.
        let (port, media_tcp, webhook, media, turn) = (tcp()?, tcp()?, tcp()?, udp()?, udp()?);
        let number = |address: std::io::Result<SocketAddr>| Ok(address.map_err(unusable)?.port());
        Ok(Self {
            process: 0,
            port: number(port.local_addr())?,
            media: number(media.local_addr())?,
            media_tcp: match reach {
                Reach::Host => None,
                Reach::Namespace => Some(number(media_tcp.local_addr())?),
            },
            turn: number(turn.local_addr())?,
            webhook: number(webhook.local_addr())?,
            key: format!("API{}", random(1)),
            secret: random(3),
        })
    }

    pub(super) fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port)
    }

    pub(super) fn webhook(&self) -> String {
        format!("127.0.0.1:{}", self.webhook)
    }

    /// The server's own format. A room ends soon after its last participant, so that the next test of
    /// the same name meets a new one.
    fn document(&self) -> serde_json::Value {
        serde_json::json!({
            "port": self.port,
            "bind_addresses": ["127.0.0.1"],
            "rtc": {
                "udp_port": self.media,
                "tcp_port": self.media_tcp.unwrap_or(0),
                "node_ip": "127.0.0.1",
                "use_external_ip": false,
                "enable_loopback_candidate": true,
                "interfaces": { "includes": ["lo"] },
            },
            "turn": {
                "enabled": true,
                "udp_port": self.turn,
                "bind_addresses": ["127.0.0.1"],
                "allow_restricted_peer_cidrs": ["127.0.0.0/8"],
            },
            "room": { "departure_timeout": 2 },
            "webhook": { "api_key": self.key, "urls": [format!("http://{}/webhook", self.webhook())] },
            "keys": { self.key.clone(): self.secret },
            "logging": { "level": "info", "json": false },
        })
    }

    /// The settings of the server that was left running with these files, if it still runs.
    pub(super) fn read(folder: &Path) -> Result<Option<Self>> {
        let note = folder.join("settings.json");
        let text = match fs::read(&note) {
            Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(None),
            read => read.naming("read", &note)?,
        };
        let settings: Self = serde_json::from_slice(&text)
            .map_err(|cause| Error::Unreadable(format!("{}: {cause}", note.display())))?;
        Ok(settings.runs(folder).then_some(settings))
    }

    /// Whether the process is this server still: a number of a process is given again.
    fn runs(&self, folder: &Path) -> bool {
        let line = Run::new("ps", &["-o", "args=", "-p", &self.process.to_string()]).capture();
        let file = folder.join("server.yaml").display().to_string();
        line.is_ok_and(|line| line.stdout.contains(&file))
    }
}

impl Server {
    pub(super) fn start(program: &Path, folder: &Path, reach: Reach) -> Result<Self> {
        remove(folder)?;
        fs::create_dir_all(folder).naming("make", folder)?;
        // The files hold the secret.
        Run::new("chmod", &["700"]).arguments([folder]).show()?;
        let settings = Settings::choose(reach)?;
        let (file, log) = (folder.join("server.yaml"), folder.join("log"));
        // JSON is YAML.
        fs::write(&file, settings.document().to_string()).naming("write", &file)?;
        let output = File::create(&log).naming("make", &log)?;
        let errors = output.try_clone().naming("open", &log)?;
        let mut command = Command::new(program);
        command.arg("--config").arg(&file).stdin(Stdio::null()).stdout(output).stderr(errors);
        // In a namespace it ends with the command that it was started for, by whatever signal that ends.
        if reach == Reach::Host {
            in_a_group_of_its_own(&mut command);
        }
        let line = program.display().to_string();
        let child = command.spawn().map_err(|source| Error::Start { command: line, source })?;
        let settings = Settings { process: child.id(), ..settings };
        let mut server = Self { child: Some(child), settings, folder: folder.to_path_buf() };
        server.wait_until_it_answers()?;
        Ok(server)
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    fn wait_until_it_answers(&mut self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !answers(self.settings.port) {
            let ended = self.child.as_mut().is_some_and(|child| !matches!(child.try_wait(), Ok(None)));
            if ended || Instant::now() > deadline {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                return Err(Error::Unreadable(format!("the LiveKit server does not answer: {}", log.trim())));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Lets the server go on after this program.
    pub(super) fn leave(mut self) -> Result<()> {
        let note = self.folder.join("settings.json");
        let text = serde_json::to_string(&self.settings)
            .map_err(|cause| Error::Unreadable(format!("the settings of the LiveKit server: {cause}")))?;
        fs::write(&note, text).naming("write", &note)?;
        self.child = None;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Both fail only when it has ended already.
            let _ = child.kill();
            let _ = child.wait();
            let _ = remove(&self.folder);
        }
    }
}

/// Stops the server that was left running with these files; answers whether it ran.
pub(super) fn stop(folder: &Path) -> Result<bool> {
    let Some(settings) = Settings::read(folder)? else {
        remove(folder)?;
        return Ok(false);
    };
    let process = settings.process.to_string();
    Run::new("kill", &["-TERM", &process]).show()?;
    let deadline = Instant::now() + PATIENCE;
    // Participants that are still in rooms hold it up.
    let mut patient = Instant::now() + Duration::from_secs(3);
    while settings.runs(folder) {
        if Instant::now() > deadline {
            return Err(Error::Unreadable(format!("the LiveKit server {process} does not end")));
        }
        if Instant::now() > patient {
            Run::new("kill", &["-KILL", &process]).capture()?;
            patient = deadline;
        }
        thread::sleep(Duration::from_millis(50));
    }
    remove(folder)?;
    Ok(true)
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => Err(cause).naming("remove", folder),
        _ => Ok(()),
    }
}

/// Whether something that speaks HTTP is there.
fn answers(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
        let mut start = [0; 12];
        stream.read_exact(&mut start)?;
        Ok(start.ends_with(b"200"))
    };
    ask().unwrap_or(false)
}

/// A key that interrupts this program does not reach the server.
#[cfg(unix)]
fn in_a_group_of_its_own(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

#[cfg(not(unix))]
fn in_a_group_of_its_own(_command: &mut Command) {}

/// Hexadecimal digits, 16 for each word.
fn random(words: usize) -> String {
    (0..words).map(|_| format!("{:016x}", RandomState::new().build_hasher().finish())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_differ_and_secrets_are_long_enough_for_the_server() {
        let settings = Settings::choose(Reach::Namespace).unwrap();
        let tcp = [settings.port, settings.webhook, settings.media_tcp.unwrap()];
        assert!(tcp[0] != tcp[1] && tcp[1] != tcp[2] && tcp[0] != tcp[2] && settings.media != settings.turn);
        assert!(
            settings.secret.len() >= 32 && settings.secret != Settings::choose(Reach::Host).unwrap().secret
        );
    }

    #[test]
    fn on_the_host_nothing_listens_beyond_loopback() {
        let document = Settings::choose(Reach::Host).unwrap().document();
        assert_eq!(document["rtc"]["tcp_port"], 0);
        assert_eq!(document["turn"]["bind_addresses"], serde_json::json!(["127.0.0.1"]));
        assert_eq!(document["bind_addresses"], serde_json::json!(["127.0.0.1"]));
    }
}
