//! What the tests against a real server share.
#![allow(dead_code, reason = "each test uses a part")]

pub(crate) mod hook;
pub(crate) mod own;
pub(crate) mod peer;

use hub_livekit::net::Tls;
use hub_livekit::server::{Join, Keys, Server};
use std::time::{Duration, Instant};

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

impl Live {
    pub(crate) fn keys(&self) -> Keys {
        Keys::new(&self.key, &self.secret).unwrap()
    }

    pub(crate) fn server(&self) -> Server {
        Server::new(&self.url, self.keys(), &Tls::public().unwrap()).unwrap()
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
