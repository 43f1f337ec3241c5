//! A room that stands, and a server that goes mad.

use super::script::{Script, update};
use super::{SOON, end, event, join};
use hub_livekit::room::{Closed, PublishOptions, TokenSource, Tokens};
use hub_livekit::server::{Join, Keys};
use hub_livekit::{Error, Room, RoomEvent, RoomOptions};
use livekit_protocol as proto;
use proto::request_response::{self, Reason};
use proto::signal_request::Message as Request;
use proto::signal_response::Message;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// More than any room has; each told by a message of its own, and all told on to who reads them.
#[tokio::test]
async fn ten_thousand_who_join_are_all_told() {
    const MANY: usize = 10_000;
    let script = Script::joined().await;
    let (room, mut events) = join(&script).await;
    let began = Instant::now();
    for index in 0..MANY {
        script.message(update(std::iter::once(format!("guest-{index}"))));
    }
    let mut joined = 0;
    event(&mut events, "everybody", |event| {
        joined += usize::from(matches!(event, RoomEvent::ParticipantJoined(_)));
        (joined == MANY).then_some(())
    })
    .await;
    println!("{MANY} joined in {:?}", began.elapsed());
    assert_eq!(room.participants().len(), MANY);
    room.leave().await;
}

#[tokio::test]
async fn ten_thousand_who_were_there_wait_for_their_reader_and_twice_as_many_end_the_room() {
    let script = Script::joined().await;
    let (room, mut events) = join(&script).await;
    script.message(update((0..10_000).map(|index| format!("guest-{index}"))));
    let first = tokio::time::timeout(SOON, events.next()).await.unwrap();
    assert!(matches!(first, Some(RoomEvent::ParticipantJoined(_))), "{first:?}");
    script.message(update((10_000..30_000).map(|index| format!("guest-{index}"))));
    // Nobody reads: what is kept is bounded, and the end is told after it.
    super::script::ended(&room).await;
    let mut told = 0;
    while let Some(event) = events.next().await {
        told += 1;
        assert!(matches!(event, RoomEvent::ParticipantJoined(_) | RoomEvent::Closed(Closed::Unread)));
    }
    assert!((16_000..17_000).contains(&told), "{told}");
    room.leave().await;
}

fn offer(sdp: String, id: u32) -> Message {
    Message::Offer(proto::SessionDescription { r#type: "offer".to_owned(), sdp, id, ..Default::default() })
}

fn description() -> String {
    include_str!("offer.sdp").replace("\r\n", "\n").replace('\n', "\r\n")
}

#[tokio::test]
async fn a_description_of_a_thousand_lines_is_read() {
    let script = Script::joined().await;
    let (room, mut events) = join(&script).await;
    let unknown: String = (0..1_000).map(|index| format!("a=unknown-{index}:value\r\n")).collect();
    script.message(offer(description() + &unknown, 1));
    script.message(update(std::iter::once("after".to_owned())));
    event(&mut events, "what comes after", |event| match event {
        RoomEvent::ParticipantJoined(_) => Some(()),
        RoomEvent::Reconnecting | RoomEvent::Closed(_) => panic!("{event:?}"),
        _ => None,
    })
    .await;
    room.leave().await;
}

/// What cannot be understood costs the connection, not the program; this server takes nobody back.
#[tokio::test]
async fn descriptions_that_are_none_end_in_the_way_back_or_a_cause() {
    let garbage = "a=garbage\r\n".repeat(1_000);
    let cut = description().chars().take(700).collect();
    for sdp in [garbage, "v=0\r\n".to_owned(), String::new(), cut, description().replace("mid:1", "mid:0")] {
        let script = Script::joined().await;
        let (room, mut events) = join(&script).await;
        script.message(offer(sdp.clone(), 1));
        script.message(update(std::iter::once("after".to_owned())));
        let lost = event(&mut events, "an answer", |event| match event {
            RoomEvent::ParticipantJoined(_) => Some(false),
            RoomEvent::Reconnecting => Some(true),
            _ => None,
        })
        .await;
        println!("{:?}: lost {lost}", sdp.get(..20.min(sdp.len())));
        if lost {
            let cause = end(&mut events).await;
            assert!(matches!(cause, Closed::Refused(_)), "{cause:?}");
        }
        room.leave().await;
    }
}

/// A server that says nothing of permissions, and refuses.
#[tokio::test]
async fn a_track_that_the_server_refuses_is_told_so() {
    let mut script = Script::joined().await;
    let (room, _events) = join(&script).await;
    for (reason, allowed) in [(Reason::NotAllowed, false), (Reason::UnsupportedType, true)] {
        let publishing = room.publish(PublishOptions::new("voice", 48_000, 1).unwrap());
        let refusing = async {
            let asked = script.request(|request| match request {
                Request::AddTrack(asked) => Some(asked),
                _ => None,
            });
            let request = Some(request_response::Request::AddTrack(asked.await));
            let response = proto::RequestResponse { reason: reason.into(), request, ..Default::default() };
            script.message(Message::RequestResponse(response));
        };
        let (published, ()) = tokio::join!(publishing, refusing);
        let error = published.expect_err("a refusal");
        println!("{error:?}");
        match error {
            Error::NotAllowed { .. } => assert!(!allowed),
            Error::Protocol(_) => assert!(allowed),
            other => panic!("{other:?}"),
        }
    }
    room.leave().await;
}

struct Counted(Arc<AtomicUsize>);

#[async_trait::async_trait]
impl Tokens for Counted {
    async fn token(&self) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Err("nobody is at home".into())
    }
}

/// A token for that many seconds; nobody checks who signed it.
fn lasting(seconds: u64) -> String {
    let keys = Keys::new("key", "0123456789abcdef0123456789abcdef").unwrap();
    keys.join(&Join::new("scripted", "we").lifetime(Duration::from_secs(seconds))).unwrap()
}

#[tokio::test]
async fn whoever_makes_tokens_is_asked_before_the_one_at_hand_ends() {
    let script = Script::joined().await;
    let asked = Arc::new(AtomicUsize::new(0));
    let mut options = RoomOptions::new().unwrap();
    options.tokens = Some(TokenSource::new(Counted(Arc::clone(&asked))));
    let (room, mut events) = Room::connect(&script.url, &lasting(600), options).await.unwrap();
    let told = async |events: &mut hub_livekit::RoomEvents, who: &str| {
        script.message(update(std::iter::once(who.to_owned())));
        event(events, who, |event| matches!(event, RoomEvent::ParticipantJoined(_)).then_some(())).await;
    };
    told(&mut events, "first").await;
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    // Half of its time is one second.
    script.message(Message::RefreshToken(lasting(2)));
    let began = Instant::now();
    while asked.load(Ordering::Relaxed) == 0 && began.elapsed() < SOON {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    println!("asked after {:?}", began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    // That there is none yet harms nobody, and nobody is pressed.
    told(&mut events, "second").await;
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    room.leave().await;
}

#[tokio::test]
async fn frames_that_are_none_do_not_hide_those_that_follow() {
    let script = Script::joined().await;
    let (room, mut events) = join(&script).await;
    for garbage in [&b""[..], b"\xff\xff\xff", b"\x2a\x7fshort", &[0; 100_000]] {
        script.frame(garbage.to_vec());
    }
    script.message(update(std::iter::once("after".to_owned())));
    let lost = event(&mut events, "what comes after", |event| match event {
        RoomEvent::ParticipantJoined(_) => Some(false),
        RoomEvent::Reconnecting => Some(true),
        _ => None,
    })
    .await;
    assert!(!lost, "garbage costs the connection");
    room.leave().await;
}

#[tokio::test]
async fn half_a_frame_and_then_nothing_is_a_lost_connection() {
    let script = Script::joined().await;
    let (room, mut events) = join(&script).await;
    script.bytes(b"\x82\x7e\x01\x00half");
    script.close();
    event(&mut events, "the loss", |event| matches!(event, RoomEvent::Reconnecting).then_some(())).await;
    let cause = end(&mut events).await;
    assert!(matches!(cause, Closed::Refused(_)), "{cause:?}");
    room.leave().await;
}
