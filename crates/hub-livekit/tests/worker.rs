//! Workers against the real server. Each has an agent name of its own, so that rooms of other tests are
//! not offered to it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod network;
mod support;

use hub_livekit::net::Tls;
use hub_livekit::worker::{Event, Job, Options, Refusal, Rescue, Worker};
use network::Relay;
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use support::peer::Peer;
use support::{Live, live, unique, until};
use tokio::net::TcpListener;
use tokio::sync::broadcast::Receiver;

const SOON: Duration = Duration::from_secs(15);

fn options(live: &Live, url: &str, agent: &str) -> Options {
    Options::new(url, live.keys(), Tls::public().unwrap()).agent_name(agent)
}

/// Jobs that were handed out, and go on until they are terminated.
#[derive(Clone, Default)]
struct Jobs(Arc<Mutex<Vec<Job>>>);

impl Jobs {
    fn start(&self, options: Options) -> Worker {
        let jobs = self.clone();
        Worker::start(options, move |job: Job| {
            let jobs = jobs.clone();
            async move {
                jobs.0.lock().unwrap().push(job.clone());
                job.terminated().await;
                Ok(())
            }
        })
        .unwrap()
    }

    async fn of(&self, room: &str) -> Job {
        let of = async || self.0.lock().unwrap().iter().find(|job| job.offer.room == room).cloned();
        until(&format!("a job in {room}"), SOON, of).await
    }
}

async fn event<T>(events: &mut Receiver<Event>, what: &str, mut fits: impl FnMut(&Event) -> Option<T>) -> T {
    let waiting = async {
        loop {
            if let Some(found) = fits(&events.recv().await.unwrap()) {
                return found;
            }
        }
    };
    tokio::time::timeout(SOON, waiting).await.unwrap_or_else(|_| panic!("no event: {what}"))
}

async fn registered(events: &mut Receiver<Event>) {
    event(events, "registered", |event| matches!(event, Event::Registered { .. }).then_some(())).await;
}

/// Ends a job as its owner does: by its dispatch.
async fn end(live: &Live, job: &Job) {
    live.server().dispatches().delete(&job.offer.room, &job.offer.dispatch).await.unwrap();
}

#[tokio::test]
async fn a_job_comes_with_what_joins_its_room_and_ends_with_it() {
    let Some(live) = live() else { return };
    let Some(peer) = Peer::python() else { return };
    let (agent, room, jobs) = (unique("agent"), unique("room"), Jobs::default());
    let worker = jobs.start(options(&live, &live.url, &agent).identity("helper"));
    let mut events = worker.events();
    registered(&mut events).await;
    live.server().dispatches().create(&room, &agent, "for you").await.unwrap();
    let job = jobs.of(&room).await;
    assert_eq!((job.offer.metadata.as_str(), job.url.as_str()), ("for you", live.url.as_str()));
    assert!(!job.is_terminated() && worker.jobs() == 1);

    let joined = peer.order("join", json!({ "url": job.url, "token": job.token })).await;
    assert_eq!(joined["identity"], job.identity);
    assert!(job.identity.starts_with("helper-"));
    let seen = live.server().rooms().participant(&room, &job.identity).await.unwrap();
    assert_eq!(seen.kind(), hub_livekit::server::protocol::participant_info::Kind::Agent);

    end(&live, &job).await;
    event(&mut events, "terminated", |event| matches!(event, Event::Terminated { .. }).then_some(())).await;
    let error = event(&mut events, "ended", |event| match event {
        Event::Ended { error, .. } => Some(error.clone()),
        _ => None,
    });
    assert_eq!(error.await, None);
    assert_eq!(worker.jobs(), 0);
    worker.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_failed_or_panicking_handler_is_told_to_the_server() {
    let Some(live) = live() else { return };
    let agent = unique("fails");
    let worker = Worker::start(options(&live, &live.url, &agent), async |job: Job| {
        assert!(job.offer.metadata != "panic", "as asked for");
        Err("no voice".to_owned())
    })
    .unwrap();
    let mut events = worker.events();
    registered(&mut events).await;
    for (metadata, expected) in [("fail", "no voice"), ("panic", "its handler panicked")] {
        let room = unique(metadata);
        let dispatch = live.server().dispatches().create(&room, &agent, metadata).await.unwrap();
        let error = event(&mut events, "ended", |event| match event {
            Event::Ended { error, .. } => error.clone(),
            _ => None,
        });
        assert_eq!(error.await, expected);
        let told = until("the failure is known", SOON, async || {
            let all = live.server().dispatches().list(&room).await.ok()?;
            let ours = all.into_iter().find(|one| one.id == dispatch.id)?;
            let jobs = ours.state?.jobs;
            jobs.into_iter().find_map(|job| job.state)
        });
        println!("{metadata}: {:?}", told.await);
        live.server().rooms().delete(&room).await.unwrap();
    }
    worker.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_full_worker_gets_nothing_and_what_was_missed_is_rescued() {
    let Some(live) = live() else { return };
    let Some(peer) = Peer::python() else { return };
    let (agent, jobs) = (unique("full"), Jobs::default());
    let worker = jobs.start(options(&live, &live.url, &agent).most_jobs(2));
    let mut events = worker.events();
    registered(&mut events).await;
    let rooms: Vec<String> = (0..3).map(|number| unique(&format!("full{number}"))).collect();
    for room in &rooms[..2] {
        live.server().dispatches().create(room, &agent, "").await.unwrap();
        jobs.of(room).await;
    }
    // The third waits: somebody is in its room, and no agent comes.
    peer.join(&live, &live.url, &rooms[2], "waiting").await;
    live.server().dispatches().create(&rooms[2], &agent, "kept").await.unwrap();
    let mut rescue = Rescue::new(live.server(), &agent, Duration::from_millis(500));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(jobs.0.lock().unwrap().len(), 2, "a full worker was given a job");

    end(&live, &jobs.of(&rooms[0]).await).await;
    until("a place is free", SOON, async || (worker.jobs() == 1).then_some(())).await;
    let rescued = until("rescued", SOON, async || {
        let rescued = rescue.look().await.unwrap();
        rescued.into_iter().find(|rescued| rescued.room == rooms[2])
    });
    let rescued = rescued.await;
    let job = jobs.of(&rooms[2]).await;
    assert_eq!((&job.offer.dispatch, job.offer.metadata.as_str()), (&rescued.dispatch, "kept"));
    for room in &rooms[1..] {
        live.server().rooms().delete(room).await.unwrap();
    }
    worker.shutdown().await.unwrap();
}

#[tokio::test]
async fn jobs_of_a_killed_worker_go_to_another_and_an_agent_that_is_there_is_left_alone() {
    let Some(live) = live() else { return };
    let peers: Vec<Peer> = (0..5).map_while(|_| Peer::python()).collect();
    let [person, other, first_agent, ..] = peers.as_slice() else { return };
    let (agent, dead, alive) = (unique("killed"), Jobs::default(), Jobs::default());
    let doomed = dead.start(options(&live, &live.url, &agent));
    registered(&mut doomed.events()).await;
    let (abandoned, served) = (unique("abandoned"), unique("served"));
    for room in [&abandoned, &served] {
        live.server().dispatches().create(room, &agent, "").await.unwrap();
        dead.of(room).await;
    }
    person.join(&live, &live.url, &abandoned, "person").await;
    other.join(&live, &live.url, &served, "person").await;
    // In one room the agent joined, by whatever hands, and outlives the worker's socket.
    let job = dead.of(&served).await;
    first_agent.order("join", json!({ "url": job.url, "token": job.token })).await;
    drop(doomed);

    let heir = alive.start(options(&live, &live.url, &agent));
    registered(&mut heir.events()).await;
    let mut rescue = Rescue::new(live.server(), &agent, Duration::from_millis(500));
    let begun = Instant::now();
    let mut rescued = Vec::new();
    // A call that still went to the dead worker is made again.
    until("the heir has the job", SOON, async || {
        rescued.extend(rescue.look().await.unwrap());
        alive.0.lock().unwrap().iter().any(|job| job.offer.room == abandoned).then_some(())
    })
    .await;
    println!("dispatched again after {:?}", begun.elapsed());
    assert!(!rescued.is_empty() && rescued.iter().all(|one| one.room == abandoned), "{rescued:?}");
    for room in [&abandoned, &served] {
        live.server().rooms().delete(room).await.unwrap();
    }
    heir.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_cut_connection_is_made_again_and_jobs_go_on() {
    let Some(live) = live() else { return };
    let (agent, room, jobs) = (unique("cut"), unique("cut-room"), Jobs::default());
    let relay = Relay::start(&live.url, 4).await;
    let worker = jobs.start(options(&live, relay.url(), &agent));
    let mut events = worker.events();
    registered(&mut events).await;
    live.server().dispatches().create(&room, &agent, "").await.unwrap();
    let job = jobs.of(&room).await;
    relay.cut();
    event(&mut events, "away", |event| matches!(event, Event::Away { .. }).then_some(())).await;
    registered(&mut events).await;
    assert!(!job.is_terminated() && worker.jobs() == 1);
    // It is offered new ones again.
    let next = unique("after");
    live.server().dispatches().create(&next, &agent, "").await.unwrap();
    jobs.of(&next).await;
    for room in [&room, &next] {
        live.server().rooms().delete(room).await.unwrap();
    }
    worker.shutdown().await.unwrap();
    assert!(job.is_terminated());
}

#[tokio::test]
async fn a_draining_worker_takes_nothing_and_ends_with_its_last_job() {
    let Some(live) = live() else { return };
    let (agent, room, late, jobs) = (unique("drain"), unique("last"), unique("late"), Jobs::default());
    let worker = jobs.start(options(&live, &live.url, &agent));
    let mut events = worker.events();
    registered(&mut events).await;
    live.server().dispatches().create(&room, &agent, "").await.unwrap();
    let last = jobs.of(&room).await;
    let draining = tokio::spawn(worker.drain());
    tokio::time::sleep(Duration::from_millis(500)).await;
    live.server().dispatches().create(&late, &agent, "").await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!draining.is_finished() && jobs.0.lock().unwrap().len() == 1);
    end(&live, &last).await;
    tokio::time::timeout(SOON, draining).await.unwrap().unwrap().unwrap();
    live.server().rooms().delete(&late).await.unwrap();
}

#[tokio::test]
async fn an_unwanted_job_is_refused_aloud() {
    let Some(live) = live() else { return };
    let (agent, room, jobs) = (unique("choosy"), unique("unwanted"), Jobs::default());
    let choosy = options(&live, &live.url, &agent).wanted(|_| Err("not today".to_owned()));
    let worker = jobs.start(choosy);
    let mut events = worker.events();
    registered(&mut events).await;
    live.server().dispatches().create(&room, &agent, "").await.unwrap();
    let why = event(&mut events, "refused", |event| match event {
        Event::Refused { why, .. } => Some(why.clone()),
        _ => None,
    });
    assert_eq!(why.await, Refusal::Unwanted("not today".to_owned()));
    live.server().rooms().delete(&room).await.unwrap();
    worker.shutdown().await.unwrap();
}

#[tokio::test]
async fn wrong_keys_end_a_worker_and_say_why() {
    let Some(live) = live() else { return };
    let stranger = hub_livekit::server::Keys::new(&live.key, &"z".repeat(32)).unwrap();
    let options = Options::new(&live.url, stranger, Tls::public().unwrap());
    let mut worker = Jobs::default().start(options);
    let ended = tokio::time::timeout(SOON, worker.ended()).await.unwrap().unwrap_err();
    let text = format!("{ended:?}");
    assert!(!ended.is_transient() && text.contains("401"), "{text}");
}

#[tokio::test]
async fn four_jobs_at_once_all_run_in_one_process() {
    let Some(live) = live() else { return };
    let (agent, jobs) = (unique("four"), Jobs::default());
    let worker = jobs.start(options(&live, &live.url, &agent).most_jobs(4));
    registered(&mut worker.events()).await;
    let rooms: Vec<String> = (0..4).map(|number| unique(&format!("four{number}"))).collect();
    let server = live.server();
    let dispatches = server.dispatches();
    let calls = rooms.iter().map(|room| dispatches.create(room, &agent, ""));
    for called in futures_util::future::join_all(calls).await {
        called.unwrap();
    }
    for room in &rooms {
        jobs.of(room).await;
    }
    assert_eq!(worker.jobs(), 4);
    for room in &rooms {
        server.rooms().delete(room).await.unwrap();
    }
    worker.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_server_that_closes_at_once_is_not_called_in_a_storm() {
    let Some(live) = live() else { return };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    let worker = Jobs::default().start(options(&live, &url, "any"));
    tokio::time::sleep(Duration::from_secs(4)).await;
    let calls = calls.load(Ordering::Relaxed);
    assert!((2..=8).contains(&calls), "{calls} calls in 4 s");
    worker.shutdown().await.unwrap();
}
