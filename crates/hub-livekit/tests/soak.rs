//! Rooms of one worker that gives back what it hears: a tone is sent into each and its echo is heard, so that
//! sound passes our receiver and our sender twice. What was seen is printed each minute.
//!
//! Two rooms for 15 s; ten for as long as `HUB_SOAK_MINUTES` says (`cargo xtask soak rooms`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

#[path = "../examples/echoing/mod.rs"]
mod echoing;
mod support;

use hub_livekit::net::Tls;
use hub_livekit::room::{AudioStream, PublishOptions, PublishedTrack};
use hub_livekit::worker::{Event, Job, Options, Worker};
use hub_livekit::{Room, RoomEvent, RoomOptions};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use support::{Live, live, unique};

const RATE: u32 = 48_000;
const FREQUENCY: f64 = 440.0;
const LOUDEST: f64 = 8_000.0;
/// Samples pushed at once: 20 ms.
const PIECE: usize = 960;
/// Until then connections are made, caches fill and delays are found.
const WARM: Duration = Duration::from_secs(10);
/// The steepest that the tone itself is, between two samples.
const STEEPEST: f64 = LOUDEST * std::f64::consts::TAU * FREQUENCY / RATE as f64;
/// A jump that an ear takes for a click is many times that; two codecs in a row overshoot a little.
const MOST_JUMP: f64 = 4.0;
/// Longer than that, the echo would fall behind.
const MOST_DELAY: Duration = Duration::from_millis(300);
/// By so much the process may be larger at the end than after the first tenth: allocators keep what they had.
const MOST_GROWTH: f64 = 8e6;

/// What was heard in a room since it was looked at last.
#[derive(Debug, Default, Clone, Copy)]
struct Heard {
    samples: u64,
    /// The largest step between two samples.
    jump: i32,
    delay: Duration,
    concealed: Duration,
    drift_ppm: f64,
}

/// Somebody who sends a tone and hears its echo; both end with the value.
struct Speaker {
    _room: Room,
    heard: Arc<Mutex<Heard>>,
    tasks: [tokio::task::JoinHandle<()>; 2],
}

impl Speaker {
    async fn join(live: &Live, name: &str) -> Self {
        let token = live.token(name, "tone");
        let (room, mut events) = Room::connect(&live.url, &token, RoomOptions::new().unwrap()).await.unwrap();
        let track = room.publish(PublishOptions::new("tone", RATE, 1).unwrap()).await.unwrap();
        let audio = loop {
            match events.next().await.expect("a room") {
                RoomEvent::TrackSubscribed { audio, .. } => break audio,
                RoomEvent::Closed(cause) => panic!("the room ended: {cause:?}"),
                _ => {}
            }
        };
        let heard = Arc::<Mutex<Heard>>::default();
        let told = tokio::spawn(async move { while events.next().await.is_some() {} });
        tokio::spawn(listen(audio, Arc::clone(&heard)));
        Self { _room: room, heard, tasks: [tokio::spawn(speak(track)), told] }
    }

    /// What was heard since this was asked before.
    fn take(&self) -> Heard {
        std::mem::take(&mut self.heard.lock().unwrap())
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        self.tasks.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

async fn speak(track: PublishedTrack) {
    let mut tick = tokio::time::interval(Duration::from_millis(20));
    let angle = std::f64::consts::TAU * FREQUENCY / f64::from(RATE);
    let mut at = 0_u64;
    loop {
        tick.tick().await;
        let samples = (at..at + PIECE as u64).map(|at| (LOUDEST * (angle * at as f64).sin()) as i16);
        track.push(&samples.collect::<Vec<_>>()).unwrap();
        at += PIECE as u64;
    }
}

async fn listen(mut audio: AudioStream, heard: Arc<Mutex<Heard>>) {
    let (mut last, mut told) = (0_i16, Duration::ZERO);
    while let Some(frame) = audio.next().await {
        let statistics = audio.statistics();
        let mut heard = heard.lock().unwrap();
        for sample in frame.samples {
            heard.jump = heard.jump.max((i32::from(sample) - i32::from(last)).abs());
            heard.samples += 1;
            last = sample;
        }
        heard.delay = heard.delay.max(statistics.delay);
        heard.concealed += statistics.concealed.saturating_sub(told);
        told = statistics.concealed;
        heard.drift_ppm = statistics.drift_ppm;
    }
}

async fn echo(job: Job) -> Result<(), String> {
    let options = RoomOptions::new().map_err(|cause| cause.to_string())?;
    let joined = Room::connect(&job.url, &job.token, options).await;
    let (room, mut events) = joined.map_err(|cause| cause.to_string())?;
    let echoed = tokio::select! {
        echoed = echoing::echo(&room, &mut events) => echoed,
        () = job.terminated() => Ok(()),
    };
    room.leave().await;
    echoed.map_err(|cause| cause.to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rooms_of_a_worker_stay_as_they_are() {
    let Some(live) = live() else { return };
    let minutes = std::env::var("HUB_SOAK_MINUTES").ok().map(|minutes| minutes.parse::<u64>().unwrap());
    let (rooms, during) =
        minutes.map_or((2, Duration::from_secs(15)), |minutes| (10, Duration::from_secs(60 * minutes)));
    let agent = unique("soak");
    let options = Options::new(&live.url, live.keys(), Tls::public().unwrap()).agent_name(&agent);
    let worker = Worker::start(options, echo).unwrap();
    // Nobody is called for a room that is made before a worker is there.
    let mut events = worker.events();
    while !matches!(events.recv().await.unwrap(), Event::Registered { .. }) {}
    let mut speakers = Vec::new();
    for _ in 0..rooms {
        let room = unique("soak");
        live.server().dispatches().create(&room, &agent, "").await.unwrap();
        let joining = Speaker::join(&live, &room);
        speakers.push(tokio::time::timeout(Duration::from_secs(30), joining).await.expect("an echo"));
    }
    tokio::time::sleep(WARM).await;
    for speaker in &speakers {
        speaker.take();
    }
    let (began, mut sizes) = (Instant::now(), Vec::new());
    while began.elapsed() < during {
        let rest = during.saturating_sub(began.elapsed()).min(Duration::from_secs(60));
        let looked = Instant::now();
        tokio::time::sleep(rest).await;
        sizes.push(resident());
        look(began, looked.elapsed(), &speakers, resident());
    }
    let early = sizes[sizes.len() / 10];
    let grown = sizes.last().unwrap() - early;
    println!("after a tenth {:.1} MB, at the end {:+.1} MB", early / 1e6, grown / 1e6);
    assert!(grown < MOST_GROWTH, "the process grew by {grown} bytes: {sizes:?}");
    drop(speakers);
    worker.shutdown().await.unwrap();
}

/// Prints what was heard since the last look, and holds it against what may be.
fn look(began: Instant, during: Duration, speakers: &[Speaker], resident: f64) {
    let heard: Vec<Heard> = speakers.iter().map(Speaker::take).collect();
    let jump = heard.iter().map(|heard| f64::from(heard.jump) / STEEPEST).fold(0.0, f64::max);
    let delay = heard.iter().map(|heard| heard.delay).max().unwrap();
    let concealed: Duration = heard.iter().map(|heard| heard.concealed).sum();
    let drift = heard.iter().map(|heard| heard.drift_ppm.abs()).fold(0.0, f64::max);
    println!(
        "{:>5.1} min: {:.1} MB; largest jump {jump:.2} of the tone's own; delay {delay:.0?} at most; concealed \
         {concealed:.0?} of {:.0?}; drift {drift:.0} ppm",
        began.elapsed().as_secs_f64() / 60.0,
        resident / 1e6,
        during * speakers.len() as u32
    );
    for heard in &heard {
        let lacking = during.as_secs_f64() - heard.samples as f64 / f64::from(RATE);
        assert!(lacking < 1.0, "{lacking} s of the tone were not heard");
    }
    assert!(delay < MOST_DELAY, "the sound is late by {delay:?}");
    assert!(jump < MOST_JUMP, "a click: {jump} of the tone's own steepness");
}

/// Bytes of this process in memory.
fn resident() -> f64 {
    let told = std::fs::read_to_string("/proc/self/statm").unwrap();
    told.split(' ').nth(1).unwrap().parse::<f64>().unwrap() * 4_096.0
}
