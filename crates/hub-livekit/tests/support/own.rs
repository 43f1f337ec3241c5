//! A server of a test's own, which it can stop and start again.

use super::{Live, given, unique, until};
use std::net::{TcpListener, UdpSocket};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server on loopback; it is killed when the value goes.
pub(crate) struct Own {
    pub(crate) live: Live,
    program: String,
    folder: PathBuf,
    address: String,
    child: Option<Child>,
}

impl Own {
    /// Starts one; `None` where there is no program of a server.
    pub(crate) async fn start() -> Option<Self> {
        let program = given("HUB_TEST_LIVEKIT_PROGRAM")?;
        let (port, media) =
            (TcpListener::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
        let (port, media) = (port.local_addr().unwrap().port(), media.local_addr().unwrap().port());
        let live = Live {
            url: format!("ws://127.0.0.1:{port}"),
            key: "APIown".to_owned(),
            secret: unique("a secret of this test alone"),
        };
        let settings = serde_json::json!({
            "port": port,
            "bind_addresses": ["127.0.0.1"],
            "rtc": {
                "udp_port": media,
                // Else it takes the port of a fixed number, which another server may have.
                "tcp_port": 0,
                "node_ip": "127.0.0.1",
                "enable_loopback_candidate": true,
                "interfaces": { "includes": ["lo"] },
            },
            "keys": { live.key.clone(): live.secret },
        });
        let folder = std::env::temp_dir().join(unique("hub-livekit-own"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("server.yaml"), settings.to_string()).unwrap();
        let mut own = Self { live, program, folder, address: format!("127.0.0.1:{port}"), child: None };
        own.again().await;
        Some(own)
    }

    /// Starts it with the same settings and without anything that it knew.
    pub(crate) async fn again(&mut self) {
        let mut command = Command::new(&self.program);
        command.arg("--config").arg(self.folder.join("server.yaml")).kill_on_drop(true);
        let log = std::fs::File::create(self.folder.join("log")).unwrap();
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        self.child = Some(command.spawn().unwrap());
        until("the server answers", PATIENCE, async || {
            tokio::net::TcpStream::connect(&self.address).await.ok()
        })
        .await;
    }

    /// Kills it.
    pub(crate) async fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().await.unwrap();
        }
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.folder);
    }
}
