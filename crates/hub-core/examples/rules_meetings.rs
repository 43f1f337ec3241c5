//! Runs the English rules over the meetings of QMSum (AMI corpus) and prints a random sample of
//! what they extract, for judging by hand.
//!
//! ```text
//! HUB_TEST_DATA=DIR cargo run --release -p hub-core --example rules_meetings -- [SEED] [COUNT]
//! ```
//!
//! The file is `meetings/qmsum-product-val.jsonl` under `HUB_TEST_DATA`, or under `../shared/data`.
//! COUNT 0 prints everything.
#![allow(clippy::disallowed_methods, reason = "a program of its own, beside the library")]
#![allow(clippy::print_stdout, reason = "a program that prints")]

use hub_core::clock::Timestamp;
use hub_core::ids::{AgentId, EventId, PersonId, SpaceId, WindowId};
use hub_core::planner::{KnownPerson, Plan, Rules, Surroundings, Utterance, Window};
use hub_core::protocol::vocabulary::SpeakerRole;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;
use uuid::Uuid;

const SPEAKERS: [&str; 4] = ["Project Manager", "Marketing", "Industrial Designer", "User Interface"];
const DEFAULT_SEED: u64 = 1;
const DEFAULT_COUNT: usize = 100;
/// Turns of one window.
const WINDOW_TURNS: usize = 20;
/// 2026-03-02T09:00:00Z; the turns carry no times, so each is a second after the one before.
const START_MICROS: i64 = 1_772_442_000_000_000;

/// One proposal, beside what was said.
struct Extraction {
    turn: usize,
    said: String,
    kind: String,
    content: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let seed: u64 = arguments.next().map_or(Ok(DEFAULT_SEED), |text| text.parse())?;
    let count: usize = arguments.next().map_or(Ok(DEFAULT_COUNT), |text| text.parse())?;
    let folder =
        std::env::var_os("HUB_TEST_DATA").map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    let text = std::fs::read_to_string(folder.join("meetings/qmsum-product-val.jsonl"))?;

    let windows = windows(&text)?;
    let turns: usize = windows.iter().map(|window| window.utterances.len()).sum();
    let rules = Rules::english()?;
    let start = std::time::Instant::now();
    let plans: Vec<Plan> = windows.iter().map(|window| rules.plan_window(window)).collect();
    let elapsed = start.elapsed();

    let mut found = Vec::new();
    for (window, plan) in windows.iter().zip(&plans) {
        extractions(window, plan, &mut found);
    }
    println!("{turns} turns, {} extractions, planned in {} ms", found.len(), elapsed.as_millis());
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for extraction in &found {
        *kinds.entry(&extraction.kind).or_default() += 1;
    }
    println!("{kinds:?}\nseed {seed}");
    for (number, extraction) in draw(found, seed, count).iter().enumerate() {
        println!("\n{:3}. turn {} [{}] {}", number + 1, extraction.turn, extraction.kind, extraction.content);
        println!("     said: {}", extraction.said);
    }
    Ok(())
}

/// A uniformly random sample by Fisher and Yates, with the generator SplitMix64 (Steele, Lea and
/// Flood, 2014), so that a seed draws the same on every machine.
fn draw(mut found: Vec<Extraction>, seed: u64, count: usize) -> Vec<Extraction> {
    let mut state = seed;
    let mut random = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    if count == 0 {
        return found;
    }
    for last in (1..found.len()).rev() {
        let other = usize::try_from(random() % (last as u64 + 1)).unwrap_or(0);
        found.swap(last, other);
    }
    found.truncate(count);
    found
}

fn windows(text: &str) -> Result<Vec<Window>, Box<dyn Error>> {
    let people: Vec<KnownPerson> = SPEAKERS
        .iter()
        .zip(1_u128..)
        .map(|(name, number)| KnownPerson {
            person_id: PersonId(Uuid::from_u128(number)),
            name: (*name).to_owned(),
        })
        .collect();
    let (mut windows, mut turn) = (Vec::new(), 0_u128);
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let meeting: serde_json::Value = serde_json::from_str(line)?;
        let turns = meeting
            .get("meeting_transcripts")
            .and_then(serde_json::Value::as_array)
            .ok_or("no meeting_transcripts")?;
        for chunk in turns.chunks(WINDOW_TURNS) {
            let mut utterances = Vec::new();
            for said in chunk {
                turn += 1;
                let speaker = said.get("speaker").and_then(serde_json::Value::as_str).ok_or("no speaker")?;
                utterances.push(Utterance {
                    event_id: EventId(Uuid::from_u128(turn)),
                    person_id: people
                        .iter()
                        .find(|person| person.name == speaker)
                        .map(|person| person.person_id),
                    speaker: Some(speaker.to_owned()),
                    role: SpeakerRole::User,
                    text: said
                        .get("content")
                        .and_then(serde_json::Value::as_str)
                        .ok_or("no content")?
                        .to_owned(),
                    occurred_at: Timestamp(START_MICROS + i64::try_from(turn)? * 1_000_000),
                    settled: false,
                });
            }
            windows.push(Window {
                agent_id: AgentId(Uuid::from_u128(1)),
                space_id: SpaceId(Uuid::from_u128(1)),
                window_id: WindowId(Uuid::from_u128(turn)),
                language: "en".to_owned(),
                time_zone: "Europe/London".to_owned(),
                utterances,
                people: people.clone(),
                surroundings: Surroundings::default(),
            });
        }
    }
    Ok(windows)
}

fn extractions(window: &Window, plan: &Plan, found: &mut Vec<Extraction>) {
    let said = |ids: &[EventId]| {
        let utterance = window.utterances.iter().find(|utterance| ids.first() == Some(&utterance.event_id));
        utterance.map_or((0, String::new()), |utterance| {
            let turn = usize::try_from(utterance.event_id.0.as_u128()).unwrap_or(0);
            (turn, format!("{}: {}", utterance.speaker.as_deref().unwrap_or_default(), utterance.text))
        })
    };
    for memory in &plan.memories {
        let (turn, said) = said(&memory.source_event_ids);
        found.push(Extraction {
            turn,
            said,
            kind: memory.predicate.clone(),
            content: memory.content.clone(),
        });
    }
    for action in &plan.actions {
        let (turn, said) = said(&action.source_event_ids);
        found.push(Extraction {
            turn,
            said,
            kind: action.tool.clone(),
            content: action.arguments.to_string(),
        });
    }
}
