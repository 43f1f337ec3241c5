//! The time that this thread had on a processor.

use std::time::{Duration, Instant};

/// What a piece of work took.
pub fn of(work: impl FnOnce()) -> Duration {
    let (before, begun) = (thread(), Instant::now());
    work();
    match (before, thread()) {
        (Some(before), Some(after)) => after - before,
        _ => begun.elapsed(),
    }
}

fn thread() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
