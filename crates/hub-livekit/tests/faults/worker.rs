//! A worker's process is killed while four people speak with it.

use crate::ear::{Moments, Mouth, join};
use crate::support::{Live, unique, until};
use crate::{Row, SOON, echoing, event, shown};
use hub_livekit::net::Tls;
use hub_livekit::worker::{Event, Job, Options, Rescue, Worker};
use hub_livekit::{Room, RoomEvent, RoomOptions};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::Command;

const ROOMS: usize = 4;
/// By this a process of this test knows that it is the worker, and its agent's name.
const AGENT: &str = "HUB_TEST_LIVEKIT_FAULTS_AGENT";

async fn start(live: &Live, agent: &str) -> Worker {
    let options =
        Options::new(&live.url, live.keys(), Tls::public().unwrap()).agent_name(agent).identity("echo");
    let worker = Worker::start(options, run).unwrap();
    let mut events = worker.events();
    let registered = async { while !matches!(events.recv().await, Ok(Event::Registered { .. })) {} };
    tokio::time::timeout(SOON, registered).await.unwrap();
    worker
}

async fn run(job: Job) -> Result<(), String> {
    let joined = Room::connect(&job.url, &job.token, RoomOptions::new().unwrap()).await;
    let (room, mut events) = joined.map_err(|cause| cause.to_string())?;
    tokio::select! {
        echoed = echoing::echo(&room, &mut events) => echoed.map_err(|cause| cause.to_string())?,
        () = job.terminated() => {}
    }
    room.leave().await;
    Ok(())
}

/// The worker's process; a run of all tests has nothing to do here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_worker_that_is_killed() {
    let Ok(agent) = std::env::var(AGENT) else { return };
    let _worker = start(&crate::support::live().unwrap(), &agent).await;
    std::future::pending::<()>().await;
}

pub(crate) async fn killed_with_four_rooms(live: &Live) -> Option<Row> {
    let agent = unique("doomed");
    let mut doomed = Command::new(std::env::current_exe().unwrap());
    doomed.args(["--exact", "of_worker::the_worker_that_is_killed", "--nocapture"]);
    doomed.env(AGENT, &agent).stdout(Stdio::null()).kill_on_drop(true);
    let mut doomed = doomed.spawn().unwrap();
    let mut people = Vec::new();
    for _ in 0..ROOMS {
        let name = unique("faults");
        let (room, mut events) = join(live, &live.url, &name, "person").await;
        let mouth = Mouth::open(&room).await;
        let moments = Moments::default();
        let ours = moments.clone();
        let hearing = tokio::spawn(async move {
            loop {
                let (audio, _) = event(&mut events, "an echo", |event| match event {
                    RoomEvent::TrackSubscribed { audio, .. } => Some(audio),
                    _ => None,
                })
                .await;
                ours.listen(audio).await;
            }
        });
        // The worker may not be registered yet, and then the server forgets that it was called.
        until("an echo", SOON, async || {
            let called = live.server().dispatches().create(&name, &agent, "").await.unwrap();
            let heard = tokio::time::timeout(Duration::from_secs(3), moments.after(Instant::now())).await;
            if heard.is_err() {
                live.server().dispatches().delete(&name, &called.id).await.unwrap();
            }
            heard.ok()
        })
        .await;
        people.push((room, mouth, moments, hearing));
    }
    doomed.kill().await.unwrap();
    let killed = Instant::now();
    let heir = start(live, &agent).await;
    let rescue = Rescue::new(live.server(), &agent, Duration::from_millis(500));
    let quiet = killed + Duration::from_secs(2);
    let hearing = async {
        let mut again = Vec::new();
        for (_, _, moments, _) in &people {
            again.push(moments.after(quiet).await.duration_since(killed));
        }
        again
    };
    let again = tokio::select! {
        never = look(rescue) => match never {},
        again = hearing => again,
    };
    for (room, mouth, _, hearing) in people {
        hearing.abort();
        drop(mouth);
        room.leave().await;
    }
    tokio::time::timeout(SOON, heir.shutdown()).await.unwrap().unwrap();
    let (first, last) = (again.iter().min().unwrap(), again.iter().max().unwrap());
    Some(Row {
        fault: "Worker killed with four rooms, another started at once",
        done: "called again by `worker::Rescue` once the server has noticed".to_owned(),
        heard: format!("each room hears its agent again after {} to {}", shown(*first), shown(*last)),
    })
}

/// Calls agents again, for as long as it is asked.
async fn look(mut rescue: Rescue) -> std::convert::Infallible {
    loop {
        if let Err(cause) = rescue.look().await {
            println!("looked in vain: {cause}");
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}
