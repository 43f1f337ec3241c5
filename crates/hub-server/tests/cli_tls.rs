//! TLS as an operator and a client see it: a certificate of a private root, a new one in place of it, and
//! files that cannot be used.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cli_support;

use cli_support::{Folder, PATIENCE, Served};
use hub_server::tls::{Files, Trust};
use reqwest::{Client, StatusCode};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A certificate of the tests and its key: `first`, `second` or `expired`.
fn of_tests(name: &str) -> (PathBuf, PathBuf) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates");
    (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key.pem")))
}

/// The files that a hub is told of, whose content a test changes.
struct InUse {
    folder: Folder,
    certificate: PathBuf,
    key: PathBuf,
}

impl InUse {
    fn with(name: &str) -> Self {
        let folder = Folder::new();
        let (certificate, key) = (folder.beside("server.pem", ""), folder.beside("server.key.pem", ""));
        private(&key);
        let files = Self { folder, certificate, key };
        files.put(name);
        files
    }

    /// Puts another certificate into the place of the one before, the key last, as tools do.
    fn put(&self, name: &str) {
        let (certificate, key) = of_tests(name);
        std::fs::write(&self.certificate, std::fs::read(certificate).unwrap()).unwrap();
        std::fs::write(&self.key, std::fs::read(key).unwrap()).unwrap();
    }

    fn flags(&self) -> [&str; 4] {
        ["--tls-cert", self.certificate.to_str().unwrap(), "--tls-key", self.key.to_str().unwrap()]
    }

    fn serve(&self) -> Served {
        self.folder.serve(&self.flags())
    }

    fn doctor(&self) -> Value {
        let ended = self.folder.run(&[&["doctor", "--json"], self.flags().as_slice()].concat());
        check(&ended.value(), "certificate").clone()
    }
}

#[cfg(unix)]
fn private(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn private(_file: &Path) {}

fn check<'a>(said: &'a Value, name: &str) -> &'a Value {
    said["checks"].as_array().unwrap().iter().find(|check| check["name"] == name).unwrap()
}

fn client(trust: &Trust) -> Client {
    trust.http().unwrap().no_proxy().timeout(PATIENCE).build().unwrap()
}

/// A client that believes only the certificate of this name.
fn believing(name: &str) -> Client {
    let (certificate, key) = of_tests(name);
    let certificate = Files { certificate, key }.read().unwrap();
    client(&Trust::exactly(Trust::digest(&certificate)))
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

async fn healthy(client: &Client, hub: &str) -> Result<StatusCode, reqwest::Error> {
    client.get(format!("{hub}/healthz")).send().await.map(|answer| answer.status())
}

#[test]
fn who_believes_the_root_is_served_by_name_and_others_go_away() {
    let files = InUse::with("first");
    let hub = files.serve();
    let by_address = hub.url();
    assert!(by_address.starts_with("https://127.0.0.1:"), "{by_address}");
    assert_eq!(hub.said["exposed"], false);
    assert_eq!(hub.said["tls"]["names"], serde_json::json!(["localhost", "hub.test", "127.0.0.1"]));
    let by_name = by_address.replace("127.0.0.1", "localhost");
    let root = of_tests("first").0.with_file_name("root.pem");
    runtime().block_on(async {
        let believer = client(&Trust::roots(Some(&root)).unwrap());
        assert_eq!(healthy(&believer, &by_name).await.unwrap(), StatusCode::OK);
        assert_eq!(healthy(&believer, by_address).await.unwrap(), StatusCode::OK);
        let stranger = client(&Trust::roots(None).unwrap());
        assert!(healthy(&stranger, &by_name).await.is_err());
        assert!(healthy(&believing("second"), &by_name).await.is_err());
        let plain = by_address.replace("https:", "http:");
        assert!(healthy(&client(&Trust::default()), &plain).await.is_err());
    });
    // The programs of the folder reach the hub by an address, and need be told nothing.
    assert!(files.folder.json(&["status"])["audit"]["size"].as_u64().unwrap() > 0);
    let root = root.to_str().unwrap();
    let token = std::fs::read_to_string(files.folder.path().join("owner.token")).unwrap();
    let far = Folder::new();
    let named = ["status", "--url", &by_name, "--token", token.trim()];
    assert_eq!(far.run(&named).code, 3);
    assert_eq!(far.run(&[named.as_slice(), &["--tls-root", root]].concat()).code, 0);
}

#[test]
fn a_new_certificate_is_shown_without_a_restart_and_open_connections_go_on() {
    let files = InUse::with("first");
    let hub = files.serve();
    let url = hub.url().to_owned();
    let open = believing("first");
    runtime().block_on(async {
        assert_eq!(healthy(&open, &url).await.unwrap(), StatusCode::OK);
        files.put("second");
        let deadline = Instant::now() + PATIENCE;
        // A client for each look: one that failed has no connection to go on with.
        while healthy(&believing("second"), &url).await.is_err() {
            assert!(Instant::now() < deadline, "the new certificate is not shown");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        // Nobody can connect anew who believes the first alone, so this is the connection from before.
        assert!(healthy(&believing("first"), &url).await.is_err());
        assert_eq!(healthy(&open, &url).await.unwrap(), StatusCode::OK);
    });
    files.folder.json(&["status"]);
    assert_eq!(check(&files.folder.run(&["doctor", "--json"]).value(), "port")["state"], "good");
}

#[test]
fn files_that_cannot_be_used_are_told_and_the_certificate_before_stays() {
    let files = InUse::with("first");
    let log = files.folder.path().with_extension("log");
    let mut command = files.folder.command(&["serve", "--listen", "127.0.0.1:0", "--json"]);
    command.args(files.flags());
    let hub = Served::logging_to(&mut command, std::fs::File::create(&log).unwrap());
    let url = hub.url().to_owned();
    let logged = |words: &str| {
        let deadline = Instant::now() + PATIENCE;
        while !std::fs::read_to_string(&log).unwrap().contains(words) {
            assert!(Instant::now() < deadline, "the log does not say {words:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    let still_shown = || runtime().block_on(healthy(&believing("first"), &url)).unwrap();
    std::fs::write(&files.certificate, "half of a cert").unwrap();
    logged("holds no certificate in PEM form");
    assert_eq!(still_shown(), StatusCode::OK);
    std::fs::write(&files.certificate, std::fs::read(of_tests("second").0).unwrap()).unwrap();
    logged("is not the key of the certificate");
    assert_eq!(still_shown(), StatusCode::OK);
    files.put("expired");
    logged("the new certificate is not valid now");
    assert_eq!(still_shown(), StatusCode::OK);
    let told = files.doctor();
    assert_eq!(told["state"], "wrong");
    assert!(told["found"].as_str().unwrap().contains("expired on 2021-01-01"), "{told}");
}

/// A name, what spoils the files, and what is said then.
type Case = (&'static str, fn(&InUse), &'static str);

#[test]
fn a_hub_does_not_start_on_wrong_files_and_doctor_says_the_same() {
    let cases: [Case; 4] = [
        (
            "none there",
            |files| std::fs::remove_file(&files.certificate).unwrap(),
            "server.pem cannot be read",
        ),
        ("no key", |files| std::fs::write(&files.key, "").unwrap(), "holds no private key"),
        (
            "a key of another",
            |files| std::fs::write(&files.key, std::fs::read(of_tests("second").1).unwrap()).unwrap(),
            "is not the key of the certificate",
        ),
        (
            "no certificate between the lines",
            |files| {
                let text = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
                std::fs::write(&files.certificate, text).unwrap();
            },
            "holds a certificate that cannot be read",
        ),
    ];
    for (name, spoil, told) in cases {
        let files = InUse::with("first");
        spoil(&files);
        let ended =
            files.folder.run(&[&["serve", "--listen", "127.0.0.1:0"], files.flags().as_slice()].concat());
        assert_eq!(ended.code, 2, "{name}: {ended:?}");
        assert!(ended.err.contains(told), "{name}: {ended:?}");
        let doctor = files.doctor();
        assert_eq!(doctor["state"], "wrong", "{name}");
        assert!(doctor["found"].as_str().unwrap().contains(told), "{name}: {doctor}");
    }
    let alone = InUse::with("first");
    let ended = alone.folder.run(&["serve", "--tls-cert", alone.certificate.to_str().unwrap()]);
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("HUB_TLS_KEY"), "{ended:?}");
}

#[test]
fn a_port_beyond_this_machine_without_tls_is_warned_of() {
    let folder = Folder::new();
    let log = folder.beside("log", "");
    let mut command = folder.command(&["serve", "--listen", "0.0.0.0:0", "--json"]);
    let hub = Served::logging_to(&mut command, std::fs::File::create(&log).unwrap());
    assert_eq!(hub.said["exposed"], true);
    assert!(std::fs::read_to_string(&log).unwrap().contains("travel in plain text"));
    let doctor = folder.run(&["doctor", "--json", "--listen", "0.0.0.0:0"]).value();
    assert_eq!(check(&doctor, "certificate")["state"], "doubtful");
    drop(hub);
    let files = InUse::with("first");
    let by_tls = Served::start(files.folder.command(
        &[["serve", "--listen", "0.0.0.0:0", "--json"].as_slice(), files.flags().as_slice()].concat(),
    ));
    assert_eq!(by_tls.said["exposed"], false);
}

#[test]
fn a_client_beyond_the_bound_is_told_so_by_tls_too() {
    let files = InUse::with("first");
    let settings = files.folder.beside("hub.toml", "[server]\nconnections = 1\n");
    let mut flags = vec!["--config", settings.to_str().unwrap()];
    flags.extend(files.flags());
    let hub = files.folder.serve(&flags);
    runtime().block_on(async {
        let holder = believing("first");
        assert_eq!(healthy(&holder, hub.url()).await.unwrap(), StatusCode::OK);
        let refused = healthy(&believing("first"), hub.url()).await.unwrap();
        assert_eq!(refused, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(healthy(&holder, hub.url()).await.unwrap(), StatusCode::OK);
    });
}
