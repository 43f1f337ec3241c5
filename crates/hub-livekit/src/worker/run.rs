//! The worker's one task: it keeps the connection, and starts and ends jobs.

use super::backoff::Backoff;
use super::socket::{self, Socket};
use super::table::Table;
use super::{Error, Event, Job, Offer, Options};
use livekit_protocol::{server_message, worker_message};
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, watch};
use tokio::task::{Id, JoinError, JoinHandle, JoinSet};
use tokio::time::Instant;

/// Events that wait for who watches slowly; then the oldest are lost to him.
const EVENTS: usize = 1_024;
/// How often deadlines and the load are looked at.
const TICK: Duration = Duration::from_millis(250);

type Outcome = Result<(), String>;
type Handler = Arc<dyn Fn(Job) -> Pin<Box<dyn Future<Output = Outcome> + Send>> + Send + Sync>;

/// What the owner wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wish {
    Work,
    Drain,
    Stop,
}

/// A worker that runs. Dropping it drops its handlers too; [`Worker::drain`] and [`Worker::shutdown`] let
/// them end.
pub struct Worker {
    wish: watch::Sender<Wish>,
    events: broadcast::Sender<Event>,
    jobs: watch::Receiver<usize>,
    task: JoinHandle<Result<(), Error>>,
}

impl Worker {
    /// Connects in the background, and goes on until it is stopped or the server refuses it for good.
    /// `handler` runs each job; its error is told to the server as the job's failure.
    ///
    /// # Errors
    /// [`Error::Invalid`] for options beyond their limits.
    pub fn start<F, O>(options: Options, handler: F) -> Result<Self, Error>
    where
        F: Fn(Job) -> O + Send + Sync + 'static,
        O: Future<Output = Outcome> + Send + 'static,
    {
        options.check()?;
        let (events, _) = broadcast::channel(EVENTS);
        let (wish, wished) = watch::channel(Wish::Work);
        let (count, jobs) = watch::channel(0);
        let handler: Handler = Arc::new(move |job| Box::pin(handler(job)));
        let table = Table::new(options.clone());
        let (tasks, ids) = (JoinSet::new(), HashMap::new());
        let run = Run { options, table, tasks, ids, handler, wish: wished, events: events.clone(), count };
        Ok(Self { wish, events, jobs, task: tokio::spawn(run.run()) })
    }

    /// What happens from now on.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// How many jobs run or are promised.
    #[must_use]
    pub fn jobs(&self) -> usize {
        *self.jobs.borrow()
    }

    /// Takes no more jobs, waits until those that run have ended, and closes the connection.
    ///
    /// # Errors
    /// What ended the worker before.
    pub async fn drain(mut self) -> Result<(), Error> {
        self.wish.send_replace(Wish::Drain);
        self.ended().await
    }

    /// Asks every job to end, waits for them as long as the options allow, and closes the connection.
    ///
    /// # Errors
    /// What ended the worker before.
    pub async fn shutdown(mut self) -> Result<(), Error> {
        self.wish.send_replace(Wish::Stop);
        self.ended().await
    }

    /// Waits until the worker ends by itself: the server refuses it for good.
    ///
    /// # Errors
    /// Why.
    pub async fn ended(&mut self) -> Result<(), Error> {
        match (&mut self.task).await {
            Ok(ended) => ended,
            Err(cause) => Err(Error::Protocol(format!("the worker broke off: {cause}"))),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Worker").field("jobs", &self.jobs()).finish_non_exhaustive()
    }
}

struct Run {
    options: Options,
    table: Table,
    /// Ends every handler when it goes.
    tasks: JoinSet<Outcome>,
    ids: HashMap<Id, String>,
    handler: Handler,
    wish: watch::Receiver<Wish>,
    events: broadcast::Sender<Event>,
    count: watch::Sender<usize>,
}

/// What woke a worker that waits beside its connection.
enum Woken {
    Ended,
    Wish,
    Tick,
}

impl Run {
    async fn run(mut self) -> Result<(), Error> {
        let mut backoff = Backoff::default();
        let mut known = false;
        loop {
            let begun = Instant::now();
            let Some(cause) = self.connection(&mut known).await else { return Ok(()) };
            // Who was taken once is taken again: a proxy before a server that restarts says odd things.
            if !known && !cause.is_transient() {
                return Err(cause);
            }
            let pause = backoff.after(begun.elapsed(), chance());
            tracing::debug!(%cause, ?pause, "the connection to the LiveKit server ended");
            self.tell(Event::Away { cause: Arc::new(cause), pause });
            if self.idle(pause).await {
                return Ok(());
            }
        }
    }

    /// One connection, from its beginning to why it ended; `None` when the worker is done.
    async fn connection(&mut self, known: &mut bool) -> Option<Error> {
        let options = self.options.clone();
        let opening = Socket::open(&options);
        tokio::pin!(opening);
        let (mut socket, registered) = loop {
            let opened = tokio::select! {
                opened = &mut opening => opened,
                woken = self.woken() => {
                    if self.wake(woken) { return None }
                    continue;
                }
            };
            match opened {
                Ok(opened) => break opened,
                Err(cause) => return Some(cause),
            }
        };
        *known = true;
        self.tell(Event::Registered { worker: registered.worker, server: registered.server });
        match self.serve(&mut socket).await {
            Ok(()) => {
                socket.close().await;
                None
            }
            Err(cause) => Some(cause),
        }
    }

    /// Answers the server until the worker is done.
    async fn serve(&mut self, socket: &mut Socket) -> Result<(), Error> {
        if let Some(running) = self.table.registered() {
            socket.send(running).await?;
        }
        let (mut told, mut heard, mut pinged) = (None, Instant::now(), Instant::now());
        loop {
            while let Some(result) = self.table.result() {
                socket.send(result).await?;
                self.table.told();
            }
            self.load(socket, &mut told).await?;
            if pinged.elapsed() >= self.options.ping {
                socket.send(socket::ping()).await?;
                pinged = Instant::now();
            }
            if heard.elapsed() >= self.options.ping.saturating_mul(3) {
                return Err(Error::Closed("the server is silent".to_owned()));
            }
            tokio::select! {
                received = socket.receive() => {
                    heard = Instant::now();
                    if let Some(answer) = self.received(received?)? {
                        socket.send(answer).await?;
                    }
                }
                woken = self.woken() => {
                    if self.wake(woken) {
                        return self.farewell(socket).await;
                    }
                }
            }
        }
    }

    /// What the last jobs came to is told before the connection closes.
    async fn farewell(&mut self, socket: &mut Socket) -> Result<(), Error> {
        while let Some(result) = self.table.result() {
            socket.send(result).await?;
            self.table.told();
        }
        Ok(())
    }

    /// Tells the load when it has changed.
    async fn load(&mut self, socket: &mut Socket, told: &mut Option<(usize, i32, u32)>) -> Result<(), Error> {
        let status = self.table.status();
        let worker_message::Message::UpdateWorker(update) = &status else { return Ok(()) };
        // In steps of a hundredth: a strain that trembles is no news.
        let now = (self.table.count(), update.status.unwrap_or_default(), (update.load * 100.0) as u32);
        if *told != Some(now) {
            socket.send(status).await?;
            *told = Some(now);
        }
        Ok(())
    }

    fn received(
        &mut self,
        message: Option<server_message::Message>,
    ) -> Result<Option<worker_message::Message>, Error> {
        use server_message::Message;
        match message {
            Some(Message::Availability(request)) => {
                let Some(job) = request.job else { return Ok(None) };
                let offer = Offer::read(&job, request.resuming);
                let (answer, event) = self.table.offered(offer, Instant::now());
                event.into_iter().for_each(|event| self.tell(event));
                self.counted();
                return Ok(Some(worker_message::Message::Availability(answer)));
            }
            Some(Message::Assignment(assignment)) => {
                if let Some((job, stop)) = self.table.assigned(assignment) {
                    self.begin(job, stop);
                }
            }
            Some(Message::Termination(termination)) => {
                if self.table.terminate(&termination.job_id, Instant::now()) {
                    self.tell(Event::Terminated { job: termination.job_id });
                }
            }
            Some(Message::GoAway(away)) => return Err(Error::Closed(away.reason)),
            Some(Message::Register(_) | Message::Pong(_)) => {}
            None => self.tell(Event::Unknown),
        }
        Ok(None)
    }

    fn begin(&mut self, job: Job, stop: watch::Sender<bool>) {
        let (id, room) = (job.offer.job.clone(), job.offer.room.clone());
        let task = self.tasks.spawn((self.handler)(job));
        self.ids.insert(task.id(), id.clone());
        self.table.started(&id, stop, task);
        self.counted();
        self.tell(Event::Started { job: id, room });
    }

    /// Waits for what does not come from the server. Cancelling it loses nothing.
    async fn woken(&mut self) -> Woken {
        tokio::select! {
            Some(ended) = self.tasks.join_next_with_id() => {
                self.end(ended);
                Woken::Ended
            }
            Ok(()) = self.wish.changed() => Woken::Wish,
            () = tokio::time::sleep(TICK) => Woken::Tick,
        }
    }

    /// Does what it woke for; answers whether the worker is done.
    fn wake(&mut self, woken: Woken) -> bool {
        let (now, wish) = (Instant::now(), *self.wish.borrow());
        if matches!(woken, Woken::Wish) && wish == Wish::Stop {
            self.table.terminate_all(now);
        }
        if wish >= Wish::Drain {
            self.table.drain();
        }
        self.table.sweep(now).into_iter().for_each(|event| self.tell(event));
        self.counted();
        wish >= Wish::Drain && self.table.is_idle()
    }

    fn end(&mut self, ended: Result<(Id, Outcome), JoinError>) {
        let (task, outcome) = match ended {
            Ok((task, outcome)) => (task, outcome),
            Err(cause) if cause.is_cancelled() => (cause.id(), Err("it did not end in time".to_owned())),
            Err(cause) => (cause.id(), Err("its handler panicked".to_owned())),
        };
        let Some(job) = self.ids.remove(&task) else { return };
        let error = outcome.err();
        self.table.ended(&job, error.as_deref());
        self.counted();
        self.tell(Event::Ended { job, error });
    }

    /// Waits before the next call; answers whether the worker is done meanwhile.
    async fn idle(&mut self, pause: Duration) -> bool {
        let deadline = Instant::now() + pause;
        while Instant::now() < deadline {
            let woken = tokio::time::timeout_at(deadline, self.woken()).await;
            if self.wake(woken.unwrap_or(Woken::Tick)) {
                return true;
            }
        }
        false
    }

    fn counted(&self) {
        let count = self.table.count();
        self.count.send_if_modified(|known| std::mem::replace(known, count) != count);
    }

    fn tell(&self, event: Event) {
        // Nobody has to watch.
        let _ = self.events.send(event);
    }
}

/// 0 to 1; where the system has no randomness, the pause is whole.
fn chance() -> f64 {
    let mut bytes = [0; 4];
    match getrandom::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_ne_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 1.0,
    }
}
