//! The jobs of a worker: which are promised, which run, and what is still to be told to the server.

use super::{Event, Job, Offer, Options, Refusal};
use livekit_protocol as proto;
use proto::{JobStatus, worker_message::Message};
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// How long after it was accepted a job can still be assigned: the server itself waits 10 seconds.
const PROMISE: Duration = Duration::from_secs(15);
/// The most results that wait for the server to come back; the oldest go first.
const MOST_RESULTS: usize = 1_000;

/// The jobs of a worker.
pub(super) struct Table {
    options: Options,
    promised: HashMap<String, (Offer, Instant)>,
    running: HashMap<String, Running>,
    draining: bool,
    sequence: u64,
    /// What the server has not been told yet.
    results: Vec<proto::UpdateJobStatus>,
}

struct Running {
    stop: watch::Sender<bool>,
    task: AbortHandle,
    /// When the handler is dropped, once it was asked to end.
    deadline: Option<Instant>,
}

impl Table {
    pub(super) fn new(options: Options) -> Self {
        let (promised, running) = (HashMap::new(), HashMap::new());
        Self { options, promised, running, draining: false, sequence: 0, results: Vec::new() }
    }

    /// Answers an offer.
    pub(super) fn offered(
        &mut self,
        offer: Offer,
        now: Instant,
    ) -> (proto::AvailabilityResponse, Option<Event>) {
        let (job, room) = (offer.job.clone(), offer.room.clone());
        let mut answer = proto::AvailabilityResponse { job_id: job.clone(), ..Default::default() };
        if let Some(why) = self.refuses(&offer) {
            return (answer, Some(Event::Refused { job, room, why }));
        }
        answer.available = true;
        answer.participant_identity = self.identity(&job);
        answer.participant_name.clone_from(&self.options.name);
        self.promised.insert(job, (offer, now + PROMISE));
        (answer, None)
    }

    fn refuses(&self, offer: &Offer) -> Option<Refusal> {
        if self.draining {
            return Some(Refusal::Draining);
        }
        if self.running.contains_key(&offer.job) || self.promised.contains_key(&offer.job) {
            return Some(Refusal::Running);
        }
        if self.count() >= self.options.most_jobs || (self.options.strain)() >= 1.0 {
            return Some(Refusal::Full);
        }
        (self.options.wanted)(offer).err().map(Refusal::Unwanted)
    }

    fn identity(&self, job: &str) -> String {
        format!("{}-{job}", self.options.identity)
    }

    /// A job that was promised and is now assigned; `None` for one that nobody promised.
    pub(super) fn assigned(
        &mut self,
        assignment: proto::JobAssignment,
    ) -> Option<(Job, watch::Sender<bool>)> {
        let id = assignment.job.map(|job| job.id)?;
        let (offer, _) = self.promised.remove(&id)?;
        let (stop, stopped) = watch::channel(false);
        let url = assignment.url.filter(|url| !url.is_empty());
        let url = url.unwrap_or_else(|| self.options.url.clone());
        let identity = self.identity(&id);
        Some((Job { offer, url, token: assignment.token, identity, stop: stopped }, stop))
    }

    pub(super) fn started(&mut self, job: &str, stop: watch::Sender<bool>, task: AbortHandle) {
        self.running.insert(job.to_owned(), Running { stop, task, deadline: None });
        self.tell(job, JobStatus::JsRunning, String::new());
    }

    /// A handler ended; it is the server's to know as soon as it can.
    pub(super) fn ended(&mut self, job: &str, error: Option<&str>) {
        self.running.remove(job);
        let status = if error.is_some() { JobStatus::JsFailed } else { JobStatus::JsSuccess };
        self.tell(job, status, error.unwrap_or_default().to_owned());
    }

    fn tell(&mut self, job: &str, status: JobStatus, error: String) {
        if self.results.len() >= MOST_RESULTS {
            self.results.remove(0);
        }
        let status = status.into();
        self.results.push(proto::UpdateJobStatus { job_id: job.to_owned(), status, error });
    }

    /// Asks a job to end; answers whether it runs.
    pub(super) fn terminate(&mut self, job: &str, now: Instant) -> bool {
        let Some(running) = self.running.get_mut(job) else { return false };
        running.stop.send_replace(true);
        running.deadline.get_or_insert(now + self.options.grace);
        true
    }

    /// Asks every job to end.
    pub(super) fn terminate_all(&mut self, now: Instant) {
        for id in self.running.keys().cloned().collect::<Vec<_>>() {
            self.terminate(&id, now);
        }
    }

    pub(super) fn drain(&mut self) {
        self.draining = true;
    }

    pub(super) fn is_idle(&self) -> bool {
        self.running.is_empty() && self.promised.is_empty()
    }

    pub(super) fn count(&self) -> usize {
        self.running.len() + self.promised.len()
    }

    /// Drops handlers whose time is over, and promises that the server forgot.
    pub(super) fn sweep(&mut self, now: Instant) -> Vec<Event> {
        for running in self.running.values() {
            if running.deadline.is_some_and(|deadline| deadline <= now) {
                running.task.abort();
            }
        }
        let late = self.promised.iter().filter(|(_, (_, deadline))| *deadline <= now);
        let late: Vec<String> = late.map(|(job, _)| job.clone()).collect();
        late.iter().for_each(|job| drop(self.promised.remove(job)));
        late.into_iter().map(|job| Event::Unassigned { job }).collect()
    }

    /// The server is new to us: what it promised is void, and it does not know what runs.
    pub(super) fn registered(&mut self) -> Option<Message> {
        self.promised.clear();
        let job_ids: Vec<String> = self.running.keys().cloned().collect();
        (!job_ids.is_empty()).then_some(Message::MigrateJob(proto::MigrateJobRequest { job_ids }))
    }

    /// How much can still be carried.
    pub(super) fn status(&mut self) -> Message {
        self.sequence += 1;
        let strain = (self.options.strain)();
        let (jobs, most) = (self.count(), self.options.most_jobs);
        Message::UpdateWorker(super::load::status(jobs, most, strain, self.draining, self.sequence))
    }

    /// The oldest result that is to be told; it stays until [`Table::told`].
    pub(super) fn result(&self) -> Option<Message> {
        self.results.first().cloned().map(Message::UpdateJob)
    }

    pub(super) fn told(&mut self) {
        if !self.results.is_empty() {
            self.results.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Tls;
    use crate::server::Keys;

    fn table(most: usize) -> Table {
        let keys = Keys::new("key", &"x".repeat(32)).unwrap();
        let options = Options::new("ws://127.0.0.1:1", keys, Tls::public().unwrap()).most_jobs(most);
        Table::new(options.wanted(|offer| if offer.room == "no" { Err("no".to_owned()) } else { Ok(()) }))
    }

    fn offer(job: &str, room: &str) -> Offer {
        let room = Some(proto::Room { name: room.to_owned(), ..Default::default() });
        Offer::read(&proto::Job { id: job.to_owned(), room, ..Default::default() }, false)
    }

    fn why(table: &mut Table, job: &str, room: &str) -> Option<Refusal> {
        let (answer, event) = table.offered(offer(job, room), Instant::now());
        assert_eq!(answer.available, event.is_none());
        match event? {
            Event::Refused { why, .. } => Some(why),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn every_refusal_has_a_reason_and_a_promise_takes_a_place() {
        let mut table = table(2);
        assert_eq!(why(&mut table, "a", "no"), Some(Refusal::Unwanted("no".to_owned())));
        assert_eq!(why(&mut table, "a", "yes"), None);
        assert_eq!(why(&mut table, "a", "yes"), Some(Refusal::Running));
        assert_eq!(why(&mut table, "b", "yes"), None);
        assert_eq!(why(&mut table, "c", "yes"), Some(Refusal::Full));
        assert!(matches!(table.sweep(Instant::now() + PROMISE).len(), 2) && table.is_idle());
        table.drain();
        assert_eq!(why(&mut table, "d", "yes"), Some(Refusal::Draining));
    }

    #[tokio::test]
    async fn what_nobody_promised_is_not_run() {
        let mut table = table(1);
        let job = proto::Job { id: "stranger".to_owned(), ..Default::default() };
        let assignment = proto::JobAssignment { job: Some(job), ..Default::default() };
        assert!(table.assigned(assignment).is_none() && table.assigned(Default::default()).is_none());
    }

    #[tokio::test]
    async fn results_wait_for_the_server_and_do_not_grow_without_end() {
        let mut table = table(1);
        (0..MOST_RESULTS + 5).for_each(|number| table.ended(&number.to_string(), None));
        let Some(Message::UpdateJob(first)) = table.result() else { panic!() };
        assert_eq!(first.job_id, "5");
        (0..MOST_RESULTS).for_each(|_| table.told());
        assert!(table.result().is_none());
    }
}
