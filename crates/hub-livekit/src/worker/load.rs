//! What the server is told of how much this process can still carry.

use livekit_protocol::{UpdateWorkerStatus, WorkerStatus};

/// A server sends nothing to a worker whose load is 0.7 or more (its setting `target_load`), without a
/// word. While there is room the load stays under it.
const BELOW_TARGET: f32 = 0.69;

/// The status for so many jobs of so many; `strain`, 0 to 1, is what the process itself says of its state.
pub(super) fn status(
    jobs: usize,
    most: usize,
    strain: f32,
    draining: bool,
    sequence: u64,
) -> UpdateWorkerStatus {
    let share = if most == 0 { 1.0 } else { jobs as f32 / most as f32 };
    let share = if strain.is_nan() { share } else { share.max(strain) };
    let full = draining || share >= 1.0;
    let status = if full { WorkerStatus::WsFull } else { WorkerStatus::WsAvailable };
    UpdateWorkerStatus {
        status: Some(status.into()),
        load: if full { 1.0 } else { share.max(0.0) * BELOW_TARGET },
        job_count: u32::try_from(jobs).unwrap_or(u32::MAX),
        draining,
        seq: sequence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_room_left_the_server_goes_on_sending() {
        for jobs in 0..50 {
            let status = status(jobs, 50, 0.0, false, 1);
            assert!(status.load < 0.7 && status.status == Some(WorkerStatus::WsAvailable.into()), "{jobs}");
        }
        assert!(status(3, 4, 0.0, false, 1).load > status(2, 4, 0.0, false, 1).load);
    }

    #[test]
    fn full_strained_or_draining_it_sends_nothing() {
        let all = [status(4, 4, 0.0, false, 1), status(0, 4, 1.0, false, 1), status(0, 4, 0.0, true, 1)];
        assert!(all.iter().all(|one| one.status == Some(WorkerStatus::WsFull.into()) && one.load >= 0.7));
        assert_eq!(status(1, 4, f32::NAN, false, 1).status, Some(WorkerStatus::WsAvailable.into()));
    }
}
