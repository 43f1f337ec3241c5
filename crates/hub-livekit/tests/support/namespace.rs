//! A network namespace of the tests' own, in which addresses of this host come and go.

/// `None` where this is none.
pub(crate) fn of_our_own() -> Option<()> {
    let own = std::env::var("HUB_TEST_LIVEKIT_NAMESPACE").is_ok_and(|own| own == "1");
    if !own {
        println!("addresses stay as they are: this is no network namespace of the tests' own");
    }
    own.then_some(())
}

/// An address of a server, and two from which it is reached, one after the other.
pub(crate) struct Host {
    net: &'static str,
}

impl Host {
    /// In a net (`10.77.0`) that no other test has. The server is reached from the first address.
    pub(crate) async fn new(net: &'static str) -> Self {
        let host = Self { net };
        for last in 1..=3 {
            ip(&format!("address add {net}.{last}/32 dev lo")).await;
        }
        host.reach_from(2).await;
        host
    }

    pub(crate) fn server(&self) -> String {
        format!("{}.1", self.net)
    }

    /// The first address goes, and the server is reached from the second.
    pub(crate) async fn moves(&self) {
        self.reach_from(3).await;
        ip(&format!("address del {}.2/32 dev lo", self.net)).await;
    }

    async fn reach_from(&self, last: u8) {
        let (server, from) = (self.server(), format!("{}.{last}", self.net));
        let route = format!("local {server} dev lo proto kernel scope host src {from}");
        ip(&format!("route replace table local {route}")).await;
    }
}

impl Drop for Host {
    /// A server that starts afterwards would else be reached there too, or not, as it chooses among its addresses.
    fn drop(&mut self) {
        for last in 1..=3 {
            let address = format!("{}.{last}/32", self.net);
            let _gone =
                std::process::Command::new("ip").args(["address", "del", &address, "dev", "lo"]).output();
        }
    }
}

async fn ip(arguments: &str) {
    let done = tokio::process::Command::new("ip").args(arguments.split(' ')).output().await.unwrap();
    assert!(done.status.success(), "ip {arguments}: {}", String::from_utf8_lossy(&done.stderr));
}
