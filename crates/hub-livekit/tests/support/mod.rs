//! What the tests against a real server share.
#![allow(dead_code, reason = "each test uses a part")]

pub(crate) mod hook;
pub(crate) mod namespace;
pub(crate) mod own;
pub(crate) mod peer;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hub_livekit::net::Tls;
use hub_livekit::server::{Join, Keys, Server};
use ring::hmac;
use serde_json::{Value, json};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The server that the environment names.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    pub(crate) url: String,
    pub(crate) key: String,
    pub(crate) secret: String,
}

/// The server, or `None` where there is none: that is said, and under CI a failure.
pub(crate) fn live() -> Option<Live> {
    let (url, key, secret) =
        (given("HUB_TEST_LIVEKIT_URL")?, given("HUB_TEST_LIVEKIT_KEY")?, given("HUB_TEST_LIVEKIT_SECRET")?);
    Some(Live { url, key, secret })
}

/// A variable that names a part of the tests' surroundings.
pub(crate) fn given(name: &str) -> Option<String> {
    let value = std::env::var(name).ok().filter(|value| !value.is_empty());
    if value.is_none() {
        let ci = std::env::var("CI").is_ok_and(|ci| !["", "0", "false"].contains(&ci.as_str()));
        assert!(!ci, "{name} is not set");
        let test = std::thread::current().name().unwrap_or("a test").to_owned();
        println!("{test}: not run, {name} is not set; `cargo xtask services livekit` tells it");
    }
    value
}

/// Has a test that fails show what happened beneath it: `HUB_TEST_LOG` chooses what, in the syntax of `RUST_LOG`.
pub(crate) fn log() {
    let asked = std::env::var("HUB_TEST_LOG");
    let filter = asked.as_deref().unwrap_or("hub_livekit=debug,is=debug");
    let logging = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_test_writer();
    // Another test of the same program did.
    let _already = logging.try_init();
}

impl Live {
    pub(crate) fn keys(&self) -> Keys {
        Keys::new(&self.key, &self.secret).unwrap()
    }

    pub(crate) fn server(&self) -> Server {
        Server::new(&self.url, self.keys(), &Tls::public().unwrap()).unwrap()
    }

    /// A token of the server's key that says what no token of ours would: good from so many seconds from now until
    /// so many.
    pub(crate) fn signed(&self, from: i64, until: i64, video: &Value) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
        let claims = json!({
            "iss": self.key, "sub": "somebody", "nbf": now + from, "exp": now + until, "video": video
        });
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let said = format!("{}.{}", part(json!({ "alg": "HS256", "typ": "JWT" })), part(claims));
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(hmac::sign(&key, said.as_bytes()));
        format!("{said}.{signature}")
    }

    /// The status with which the server answers whether it would take a token.
    pub(crate) async fn validate(&self, token: &str) -> u16 {
        let address = self.url.trim_start_matches("ws://");
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET /rtc/validate HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
             connection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// A token that allows everything a participant does.
    pub(crate) fn token(&self, room: &str, identity: &str) -> String {
        let join = Join::new(room, identity).microphone().camera().data().own_metadata();
        self.keys().join(&join).unwrap()
    }
}

/// A name that no other test, nor an earlier run, has.
pub(crate) fn unique(name: &str) -> String {
    let mut bytes = [0; 6];
    getrandom::fill(&mut bytes).unwrap();
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{name}-{digits}")
}

/// Asks until the answer is some; panics when it is not in time.
pub(crate) async fn until<T>(what: &str, within: Duration, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + within;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "not in {within:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The share of the energy that is at that frequency.
pub(crate) fn purity(samples: &[i16], frequency: f64) -> f64 {
    let (mut real, mut imaginary, mut energy) = (0.0, 0.0, 0.0);
    for (at, sample) in samples.iter().enumerate() {
        let (value, angle) = (f64::from(*sample), std::f64::consts::TAU * frequency * at as f64 / 48_000.0);
        real += value * angle.cos();
        imaginary += value * angle.sin();
        energy += value * value;
    }
    2.0 * (real * real + imaginary * imaginary) / (samples.len() as f64 * energy)
}
