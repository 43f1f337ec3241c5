//! Artifacts, on both databases: what is kept, what never reaches a disk, and what is forgotten.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::disallowed_methods, reason = "a test waits for the machine")]

/// Each test on SQLite and, where a server is named, on PostgreSQL.
macro_rules! on_both {
    ($($name:ident)+) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name(crate::world::World::on_sqlite().await).await;
            })+
        }

        #[cfg(feature = "postgres")]
        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                if let Some(world) = crate::world::World::on_postgres().await {
                    super::$name(world).await;
                }
            })+
        }
    };
}

mod consented;
mod forgotten;
#[cfg(feature = "postgres")]
#[path = "../postgres/fresh.rs"]
mod fresh;
mod kept;
mod orphans;
mod private;
mod world;
