//! Sending events over several connections, and counting what becomes of them.

use crate::cli::client::Client;
use crate::cli::exit::{Failure, Outcome};
use hub_protocol::events::{EventsAnswer, EventsRequest, NewEvent};
use hub_protocol::vocabulary::EventStatus;
use indicatif::ProgressBar;
use jiff::Timestamp;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How often a request is repeated that found no hub or a busy one; ids make that safe.
const ATTEMPTS: u32 = 8;
/// Rest before the first repetition; it doubles.
const REST: Duration = Duration::from_millis(100);
/// Refusals that are kept with their reason.
const REFUSALS_KEPT: usize = 10;

/// How fast to feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// As fast as the hub takes it.
    Full,
    /// Each event when its time, counted from the first one's, has passed.
    Real,
}

/// How to feed.
pub(super) struct Feed {
    pub(super) client: Client,
    pub(super) connections: usize,
    pub(super) batch: usize,
    pub(super) pace: Pace,
    pub(super) bar: ProgressBar,
}

/// What became of the events.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) stored: u64,
    pub(super) duplicate: u64,
    pub(super) private: u64,
    pub(super) refused: u64,
    /// The first refusals, with their reasons.
    pub(super) refusals: Vec<String>,
    /// How long each request took, repetitions included.
    pub(super) latencies: Vec<Duration>,
}

/// What waits to be sent: each event with the time, from the beginning, at which it is due.
type Line = Arc<Mutex<VecDeque<(Duration, NewEvent)>>>;

impl Feed {
    /// Sends everything.
    pub(super) async fn run(self, events: Vec<NewEvent>) -> Outcome<Tally> {
        let line: Line = Arc::new(Mutex::new(due(events, self.pace)?));
        let (begun, mut senders) = (Instant::now(), JoinSet::new());
        for _ in 0..self.connections {
            let sender = Sender { client: self.client.clone(), batch: self.batch, bar: self.bar.clone() };
            senders.spawn(sender.run(line.clone(), begun));
        }
        let mut total = Tally::default();
        while let Some(ended) = senders.join_next().await {
            let tally = ended.map_err(|cause| Failure::unusable("sender", cause.to_string()))??;
            total.add(tally);
        }
        Ok(total)
    }
}

struct Sender {
    client: Client,
    batch: usize,
    bar: ProgressBar,
}

impl Sender {
    async fn run(self, line: Line, begun: Instant) -> Outcome<Tally> {
        let mut tally = Tally::default();
        loop {
            match take(&line, begun.elapsed(), self.batch) {
                Next::Send(events) => self.send(events, &mut tally).await?,
                Next::Wait(rest) => tokio::time::sleep(rest).await,
                Next::End => return Ok(tally),
            }
        }
    }

    async fn send(&self, events: Vec<NewEvent>, tally: &mut Tally) -> Outcome<()> {
        let count = u64::try_from(events.len()).unwrap_or(u64::MAX);
        let request = EventsRequest::batch(events, None);
        let begun = Instant::now();
        let answer = self.post(&request).await?;
        tally.latencies.push(begun.elapsed());
        tally.count(answer);
        self.bar.inc(count);
        Ok(())
    }

    async fn post(&self, request: &EventsRequest) -> Outcome<EventsAnswer> {
        let mut rest = REST;
        for _ in 1..ATTEMPTS {
            match self.client.post("/v1/events", request).await {
                Err(failure) if failure.retryable => {}
                ended => return ended,
            }
            tokio::time::sleep(rest).await;
            rest *= 2;
        }
        self.client.post("/v1/events", request).await
    }
}

enum Next {
    Send(Vec<NewEvent>),
    Wait(Duration),
    End,
}

/// The next events in line that are due, at most a batch.
fn take(line: &Line, passed: Duration, most: usize) -> Next {
    let mut line = line.lock().unwrap_or_else(PoisonError::into_inner);
    let mut events = Vec::new();
    while events.len() < most {
        match line.front() {
            Some((due, _)) if *due <= passed => events.extend(line.pop_front().map(|(_, event)| event)),
            Some((due, _)) if events.is_empty() => return Next::Wait(due.saturating_sub(passed)),
            _ => break,
        }
    }
    if events.is_empty() { Next::End } else { Next::Send(events) }
}

/// When each event is due. Order stays as in the file, so an event is never due before the one
/// in front of it.
fn due(events: Vec<NewEvent>, pace: Pace) -> Outcome<VecDeque<(Duration, NewEvent)>> {
    if pace == Pace::Full {
        return Ok(events.into_iter().map(|event| (Duration::ZERO, event)).collect());
    }
    let mut first: Option<Timestamp> = None;
    let mut latest = Duration::ZERO;
    let mut line = VecDeque::with_capacity(events.len());
    for event in events {
        let time: Timestamp = event.occurred_at.parse().map_err(|_| {
            let message =
                format!("{:?} is not a time of RFC 3339, so real time has no pace", event.occurred_at);
            Failure::usage("transcript", message)
        })?;
        let passed = time.duration_since(*first.get_or_insert(time));
        latest = latest.max(Duration::try_from(passed).unwrap_or(Duration::ZERO));
        line.push_back((latest, event));
    }
    Ok(line)
}

impl Tally {
    fn count(&mut self, answer: EventsAnswer) {
        for result in answer.results {
            match result.status {
                EventStatus::Stored => self.stored += 1,
                EventStatus::Duplicate => self.duplicate += 1,
                EventStatus::Private => self.private += 1,
                EventStatus::Refused => {
                    self.refused += 1;
                    if self.refusals.len() < REFUSALS_KEPT {
                        let id = result.event_id.map(|id| id.to_string()).unwrap_or_default();
                        let why = result.problem.map(|it| format!("{} ({})", it.detail, it.code));
                        self.refusals.push(format!("{id}: {}", why.unwrap_or_default()));
                    }
                }
            }
        }
    }

    fn add(&mut self, other: Self) {
        self.stored += other.stored;
        self.duplicate += other.duplicate;
        self.private += other.private;
        self.refused += other.refused;
        self.refusals.extend(other.refusals);
        self.refusals.truncate(REFUSALS_KEPT);
        self.latencies.extend(other.latencies);
    }

    /// All events that have an outcome.
    pub(super) fn events(&self) -> u64 {
        self.stored + self.duplicate + self.private + self.refused
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use uuid::Uuid;

    fn at(second: u8) -> NewEvent {
        NewEvent {
            event_id: Uuid::from_u128(second.into()),
            space_id: Uuid::nil(),
            event_type: "chat_message".to_owned(),
            occurred_at: format!("2026-01-01T00:00:{second:02}Z"),
            person_id: None,
            payload: serde_json::Map::new(),
        }
    }

    #[test]
    fn in_real_time_events_wait_for_their_time_and_keep_their_order() {
        let line = Arc::new(Mutex::new(due(vec![at(10), at(13), at(12), at(20)], Pace::Real).unwrap()));
        let seconds = Duration::from_secs;
        assert!(matches!(take(&line, seconds(0), 9), Next::Send(events) if events == [at(10)]));
        assert!(matches!(take(&line, seconds(1), 9), Next::Wait(rest) if rest == seconds(2)));
        assert!(matches!(take(&line, seconds(3), 9), Next::Send(events) if events == [at(13), at(12)]));
        assert!(matches!(take(&line, seconds(10), 9), Next::Send(events) if events == [at(20)]));
        assert!(matches!(take(&line, seconds(10), 9), Next::End));
    }

    #[test]
    fn at_full_speed_batches_are_full() {
        let line = Arc::new(Mutex::new(due(vec![at(1), at(2), at(3)], Pace::Full).unwrap()));
        assert!(matches!(take(&line, Duration::ZERO, 2), Next::Send(events) if events.len() == 2));
        assert!(matches!(take(&line, Duration::ZERO, 2), Next::Send(events) if events.len() == 1));
    }
}
