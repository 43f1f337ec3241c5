//! Names to addresses, and secrets by their names.

use async_trait::async_trait;
use std::fmt;
use std::net::IpAddr;

/// Who knows the addresses behind a name.
#[async_trait]
pub trait Resolver: Send + Sync + fmt::Debug {
    /// The addresses of a host, at most a few.
    ///
    /// # Errors
    /// When there are none, or nobody can say.
    async fn resolve(&self, host: &str) -> std::io::Result<Vec<IpAddr>>;
}

/// The machine's own resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// Who knows secrets. What it answers goes into a header of a request, and nowhere else.
pub trait Secrets: Send + Sync + fmt::Debug {
    /// The secret of this name.
    fn secret(&self, name: &str) -> Option<String>;
}

/// There are none.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSecrets;

impl Secrets for NoSecrets {
    fn secret(&self, _name: &str) -> Option<String> {
        None
    }
}
