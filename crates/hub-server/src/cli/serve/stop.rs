//! When to stop: Ctrl-C, or a signal to terminate. A second one ends the process at once.

use crate::cli::exit::{Failure, Outcome};
use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// Exit code of a process that was told twice.
const AT_ONCE: i32 = 130;

/// Listens from now on; resolves when the process is told to stop.
#[cfg(unix)]
pub(crate) fn stop_signal() -> Outcome<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).map_err(|cause| Failure::machine("signals cannot be heard", &cause));
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            std::process::exit(AT_ONCE);
        });
    })
}

/// Resolves when the process is told to stop.
#[cfg(not(unix))]
pub(crate) fn stop_signal() -> Outcome<impl Future<Output = ()> + Send + 'static> {
    Ok(async move {
        if let Err(cause) = tokio::signal::ctrl_c().await {
            tracing::warn!(%cause, "Ctrl-C cannot be heard");
            std::future::pending::<()>().await;
        }
        tokio::spawn(async move {
            let _again = tokio::signal::ctrl_c().await;
            std::process::exit(AT_ONCE);
        });
    })
}

/// The same, and when it resolved.
pub(crate) fn timed(
    stop: impl Future<Output = ()> + Send + 'static,
) -> (impl Future<Output = ()> + Send + 'static, Arc<OnceLock<Instant>>) {
    let at = Arc::new(OnceLock::new());
    let told = at.clone();
    let stop = async move {
        stop.await;
        let _once = told.set(Instant::now());
    };
    (stop, at)
}
