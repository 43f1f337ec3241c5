//! I3: what is said while a space is private is not kept.

use crate::world::{World, code, event, files, hurried, open, settle};
use hub_core::Context;
use hub_core::clock::{Clock as _, Timestamp};
use hub_core::events::Batch;
use hub_core::hub::WorkerRole;
use hub_core::hub::memory::NewNote;
use hub_core::hub::spaces::SpacePatch;
use hub_core::ids::SpaceId;
use hub_core::testkit::Step;
use hub_core::vocabulary::{EventStatus, Scope};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use uuid::Uuid;

const SECRET: &str = "the surprise party for Grandmother is on Friday";
const MINUTE: Duration = Duration::from_secs(60);

fn on() -> SpacePatch {
    SpacePatch { privacy_mode: Some(true), ..SpacePatch::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_answer_of_the_flip_nothing_that_is_said_is_stored() {
    let world = Arc::new(World::new().await);
    for round in 0..10_u128 {
        let (flipped, next) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let speakers: Vec<_> = (0..8)
            .map(|_| {
                let (world, flipped, next) = (world.clone(), flipped.clone(), next.clone());
                tokio::spawn(async move {
                    let mut after = 0;
                    let mut stored = 0;
                    while after < 3 {
                        let late = flipped.load(Ordering::SeqCst);
                        let id = round * 100_000 + u128::from(next.fetch_add(1, Ordering::SeqCst));
                        // What it is about happened long before: only the flag of now can refuse it.
                        let mut said = world.said(id + 1, "words");
                        said.occurred_at = said.occurred_at.before(MINUTE * 600);
                        match world.append(said).await.0 {
                            EventStatus::Stored => {
                                assert!(!late, "stored although the flip was answered before it was said");
                                stored += 1;
                            }
                            status => assert_eq!(status, EventStatus::Private),
                        }
                        after += i32::from(late);
                    }
                    stored
                })
            })
            .collect();
        while next.load(Ordering::SeqCst) < 40 {
            tokio::task::yield_now().await;
        }
        let before = world.number("SELECT count(*) FROM events").await;
        world.privacy(true).await;
        flipped.store(true, Ordering::SeqCst);
        let at_flip = world.number("SELECT count(*) FROM events").await;
        for speaker in speakers {
            let _stored: i32 = speaker.await.unwrap();
        }
        assert_eq!(world.number("SELECT count(*) FROM events").await, at_flip);
        assert!(at_flip >= before);
        world.pass(MINUTE * 10_000);
        world.privacy(false).await;
        world.pass(MINUTE * 10_000);
    }
}

#[tokio::test]
async fn a_flip_that_shares_a_commit_with_words_wins() {
    let world = World::new().await;
    let gate = world.busy().await;
    let commits = world.database.seen(Step::Commit);
    let (hub, owner, said) = (world.hub.clone(), world.owner(), world.said(1, SECRET));
    let words = tokio::spawn(async move { hub.events().append(&owner, said).await });
    settle().await;
    let (hub, owner, space) = (world.hub.clone(), world.owner(), world.space_id);
    let flip = tokio::spawn(async move { hub.spaces().update(&owner, space, on()).await });
    settle().await;
    gate.open();
    assert_eq!(words.await.unwrap().unwrap()[0].status, EventStatus::Private);
    assert!(flip.await.unwrap().unwrap().privacy_mode);
    assert_eq!(world.database.seen(Step::Commit), commits + 1);
    assert!(world.event_ids().await.is_empty());
}

#[tokio::test]
async fn a_private_event_leaves_no_row_no_entry_and_its_id_is_not_remembered() {
    let world = World::new().await;
    world.privacy(true).await;
    let logged = world.log().await.len();
    let rows = "SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM queue) + (SELECT count(*) FROM talk) \
                + (SELECT count(*) FROM memories) + (SELECT count(*) FROM memory_sources)";
    assert_eq!(world.append(world.said(1, SECRET)).await.0, EventStatus::Private);
    // Also what would be refused: nothing of a private event is looked at.
    let malformed = event(2, world.space_id, world.clock.now(), json!({ "text": 7 }));
    assert_eq!(world.append(malformed).await.0, EventStatus::Private);
    let spoken = world.spoken(3, SECRET, "voice");
    assert_eq!(world.append(spoken).await.0, EventStatus::Private);
    assert_eq!((world.number(rows).await, world.log().await.len()), (0, logged));
    world.pass(MINUTE);
    world.privacy(false).await;
    world.pass(MINUTE);
    let another = world.said(1, "Something else, later");
    assert_eq!(world.append(another).await.0, EventStatus::Stored);
}

#[tokio::test]
async fn an_old_event_that_arrives_in_a_private_space_is_private() {
    let world = World::new().await;
    let mut yesterday = world.said(1, SECRET);
    yesterday.occurred_at = yesterday.occurred_at.before(MINUTE * 1_440);
    world.privacy(true).await;
    assert_eq!(world.append(yesterday.clone()).await.0, EventStatus::Private);
    world.pass(MINUTE);
    world.privacy(false).await;
    assert_eq!(world.append(yesterday).await.0, EventStatus::Stored);
}

#[tokio::test]
async fn words_spooled_in_a_private_hour_are_private_when_they_come_late() {
    let world = World::new().await;
    world.pass(MINUTE);
    let began = world.clock.now();
    world.privacy(true).await;
    world.pass(MINUTE * 60);
    let ended = world.clock.now();
    world.privacy(false).await;
    world.pass(MINUTE * 60);
    let logged = world.log().await.len();
    let at = |time: Timestamp| event(1, world.space_id, time, json!({ "text": SECRET, "role": "user" }));
    let instant = Duration::from_micros(1);
    for time in [began, began.after(instant), began.after(MINUTE * 30), ended.before(instant), ended] {
        assert_eq!(world.append(at(time)).await.0, EventStatus::Private, "{time}");
    }
    assert_eq!((world.event_ids().await, world.log().await.len()), (vec![], logged));
    assert_eq!(world.append(at(ended.after(instant))).await.0, EventStatus::Stored);
    let mut before = at(began.before(instant));
    before.event_id.0 = Uuid::from_u128(2);
    assert_eq!(world.append(before).await.0, EventStatus::Stored);
}

#[tokio::test]
async fn the_error_of_the_senders_clock_widens_the_private_hour_on_both_sides() {
    let world = World::new().await;
    let began = world.clock.now();
    world.privacy(true).await;
    world.pass(MINUTE * 60);
    let ended = world.clock.now();
    world.privacy(false).await;
    world.pass(MINUTE * 60);
    let now = world.clock.now();
    // A clock that is ten minutes ahead, and one that is ten minutes behind.
    for sent_at in [now.after(MINUTE * 10), now.before(MINUTE * 10)] {
        let ask = async |time: Timestamp, id: u128| {
            let event = event(id, world.space_id, time, json!({ "text": SECRET, "role": "user" }));
            let batch = Batch { events: vec![Ok(event)], sent_at: Some(sent_at) };
            world.hub.events().append(&world.owner(), batch).await.unwrap()[0].status
        };
        for private in [ended.after(MINUTE * 10), began.before(MINUTE * 10), began] {
            assert_eq!(ask(private, 1).await, EventStatus::Private, "{private}");
        }
        let instant = Duration::from_micros(1);
        let id = u128::from(sent_at > now) * 10;
        assert_eq!(ask(ended.after(MINUTE * 10 + instant), id + 2).await, EventStatus::Stored);
        assert_eq!(ask(began.before(MINUTE * 10 + instant), id + 3).await, EventStatus::Stored);
    }
    assert_eq!(
        world
            .append(event(99, world.space_id, ended.after(MINUTE), json!({ "text": "x", "role": "user" })))
            .await
            .0,
        EventStatus::Stored
    );
}

#[tokio::test]
async fn a_space_made_private_twice_within_one_commit_was_private_all_the_time_after() {
    let world = World::new().await;
    let began = world.clock.now();
    let gate = world.busy().await;
    let mut flips = Vec::new();
    for privacy in [true, false, true] {
        let (hub, owner, space) = (world.hub.clone(), world.owner(), world.space_id);
        let patch = SpacePatch { privacy_mode: Some(privacy), ..SpacePatch::default() };
        flips.push(tokio::spawn(async move { hub.spaces().update(&owner, space, patch).await }));
        settle().await;
    }
    gate.open();
    for flip in flips {
        flip.await.unwrap().unwrap();
    }
    world.pass(MINUTE * 60);
    world.privacy(false).await;
    world.pass(MINUTE);
    let late = event(1, world.space_id, began.after(MINUTE * 30), json!({ "text": SECRET, "role": "user" }));
    assert_eq!(world.append(late).await.0, EventStatus::Private);
}

#[tokio::test]
async fn an_unknown_space_is_refused_and_a_private_one_takes_no_other_content() {
    let world = World::new().await;
    let nowhere = SpaceId(Uuid::from_u128(404));
    let (status, problem) =
        world.append(event(1, nowhere, world.clock.now(), json!({ "text": "x", "role": "user" }))).await;
    assert_eq!((status, problem.unwrap().code()), (EventStatus::Refused, "unknown_space"));
    world.privacy(true).await;
    let note = NewNote { space_id: world.space_id, content: SECRET.to_owned(), person_id: None };
    assert_eq!(code(world.hub.memory().note(&world.owner(), world.agent_id, note).await), "space_private");
    let device = Context::device(world.agent_id, Uuid::from_u128(5).into(), Scope::ALL.to_vec());
    for who in [world.owner(), device] {
        let asked = world.propose_as(&who, "memory.note", json!({ "text": SECRET })).await;
        assert_eq!(code(asked), "space_private");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_of_the_folder_holds_what_was_said_in_private() {
    let mut world = World::with(&WorkerRole::ALL).await;
    assert_eq!(
        world.append(world.said(1, "Open words that everybody may hear")).await.0,
        EventStatus::Stored
    );
    world.done_with("index").await;
    assert!(world.file_with("that everybody may hear").is_some(), "the search itself finds nothing");
    world.pass(MINUTE);
    let began = world.clock.now();
    world.privacy(true).await;
    assert_eq!(world.append(world.said(2, SECRET)).await.0, EventStatus::Private);
    world.pass(MINUTE * 60);
    world.privacy(false).await;
    world.pass(MINUTE);
    let late = event(3, world.space_id, began.after(MINUTE), json!({ "text": SECRET, "role": "user" }));
    assert_eq!(world.append(late).await.0, EventStatus::Private);
    assert_eq!(world.append(world.said(4, "Open again")).await.0, EventStatus::Stored);
    world.done_with("index").await;
    for word in [SECRET, "surprise party", "Grandmother", "grandmoth"] {
        assert_eq!(world.file_with(word), None, "{word}");
    }
    assert!(world.recall("when is the surprise party for Grandmother?").await.memories.is_empty());
    world.stop().await;
    assert_eq!(world.file_with("Grandmother"), None);
    assert!(files(world.folder.path()).len() >= 2);
    // A restart does not forget when the space was private.
    (world.hub, world.database) = open(world.folder.path(), &world.clock, |b| b.settings(hurried())).await;
    let late = event(5, world.space_id, began.after(MINUTE), json!({ "text": SECRET, "role": "user" }));
    assert_eq!(world.append(late).await.0, EventStatus::Private);
}
