#![allow(clippy::disallowed_methods, reason = "a test may measure")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use super::*;
use crate::clock::Timestamp;
use crate::ids::{AgentId, EventId, PersonId, SpaceId, WindowId};
use crate::planner::meter::Meter;
use crate::planner::plan::{KnownPerson, Surroundings, Utterance};
use crate::planner::port::Planner;
use hub_protocol::vocabulary::{ErrorKind, SpeakerRole};
use proptest::prelude::*;
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use uuid::Uuid;

static ENGLISH: LazyLock<Rules> =
    LazyLock::new(|| Rules::english().expect("the shipped rules are well formed"));
const ANNA: PersonId = PersonId(Uuid::from_u128(7));

fn said(number: u128, text: &str) -> Utterance {
    Utterance {
        event_id: EventId(Uuid::from_u128(number)),
        person_id: Some(ANNA),
        speaker: None,
        role: SpeakerRole::User,
        text: text.to_owned(),
        occurred_at: Timestamp::parse("2026-03-04T09:00:00Z").unwrap(),
        settled: false,
    }
}

fn window(utterances: Vec<Utterance>) -> Window {
    Window {
        agent_id: AgentId(Uuid::from_u128(1)),
        space_id: SpaceId(Uuid::from_u128(2)),
        window_id: WindowId(Uuid::from_u128(3)),
        language: "en".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        utterances,
        people: vec![KnownPerson { person_id: ANNA, name: "Anna".to_owned() }],
        surroundings: Surroundings::default(),
    }
}

fn contents(text: &str) -> Vec<String> {
    contents_by(&ENGLISH, text)
}

fn contents_by(rules: &Rules, text: &str) -> Vec<String> {
    rules
        .plan_window(&window(vec![said(1, text)]))
        .memories
        .into_iter()
        .map(|memory| memory.content)
        .collect()
}

fn source(text: &str) -> RuleSource {
    RuleSource { name: "own.rules".to_owned(), text: text.to_owned() }
}

#[test]
fn the_english_test_set_comes_out_as_expected() {
    let text = include_str!("../../../rules/en/sentences.txt");
    let sentences = RuleSource { name: "en/sentences.txt".to_owned(), text: text.to_owned() };
    let checked = ENGLISH.check(&sentences).unwrap();
    let report: String = checked
        .mismatches
        .iter()
        .map(|m| {
            format!("{}: {}\n  expected {:?}\n  found    {:?}\n", m.line, m.sentence, m.expected, m.found)
        })
        .collect();
    assert!(report.is_empty(), "{} sentences came out otherwise:\n{report}", checked.mismatches.len());
    assert!(checked.sentences >= 300, "{} sentences", checked.sentences);
    assert!(checked.nothing >= 100, "{} of them yield nothing", checked.nothing);
}

#[test]
fn a_memory_names_person_predicate_and_source() {
    let plan = ENGLISH
        .plan_window(&window(vec![said(1, "I'm allergic to nuts."), said(2, "I am allergic to nuts!")]));
    assert_eq!(plan.memories.len(), 1, "the same fact twice is one memory");
    let memory = &plan.memories[0];
    assert_eq!((memory.content.as_str(), memory.predicate.as_str()), ("Anna is allergic to nuts", "allergy"));
    assert_eq!(memory.person_id, Some(ANNA));
    assert_eq!(memory.source_event_ids, [EventId(Uuid::from_u128(1)), EventId(Uuid::from_u128(2))]);
    assert!((0.0..=1.0).contains(&memory.confidence));
}

#[test]
fn an_action_says_who_asked_for_it_in_bounded_length() {
    let plan = ENGLISH.plan_window(&window(vec![said(1, "remind me to call mum at five")]));
    assert_eq!(plan.actions[0].reason, "Anna asked: \"remind me to call mum at five\"");
    let long = format!("Note that {}.", "the green door sticks and ".repeat(10) + "needs oil");
    let plan = ENGLISH.plan_window(&window(vec![said(1, &long)]));
    assert!(plan.actions[0].reason.len() <= 600, "{}", plan.actions[0].reason.len());
}

#[test]
fn the_agent_s_own_speech_is_never_planned_on() {
    let mut spoken = said(1, "I like tea. Remind me to call mum at five.");
    spoken.role = SpeakerRole::Agent;
    assert_eq!(ENGLISH.plan_window(&window(vec![spoken])), Plan::default());
}

#[test]
fn a_label_stands_for_a_speaker_whom_nobody_knows() {
    let mut spoken = said(1, "I like tea.");
    spoken.person_id = None;
    spoken.speaker = Some("Project Manager".to_owned());
    let plan = ENGLISH.plan_window(&window(vec![spoken.clone()]));
    assert_eq!(
        (plan.memories[0].content.as_str(), plan.memories[0].person_id),
        ("Project Manager likes tea", None)
    );
    spoken.speaker = Some("anna".to_owned());
    let plan = ENGLISH.plan_window(&window(vec![spoken]));
    assert_eq!(
        (plan.memories[0].content.as_str(), plan.memories[0].person_id),
        ("Anna likes tea", Some(ANNA))
    );
}

#[test]
fn times_follow_the_zone_and_its_changes() {
    let at = |text: &str, zone: &str, now: &str| {
        let mut spoken = said(1, text);
        spoken.occurred_at = Timestamp::parse(now).unwrap();
        let mut window = window(vec![spoken]);
        window.time_zone = zone.to_owned();
        let plan = ENGLISH.plan_window(&window);
        plan.actions.first().map(|action| action.arguments["at"].as_str().unwrap().to_owned())
    };
    let tea = "Remind me tomorrow at 9 to make tea";
    // The clocks go forward in Berlin in the night to 29 March 2026.
    assert_eq!(at(tea, "Europe/Berlin", "2026-03-28T12:00:00Z").as_deref(), Some("2026-03-29T07:00:00Z"));
    assert_eq!(at(tea, "Asia/Tokyo", "2026-03-28T12:00:00Z").as_deref(), Some("2026-03-29T00:00:00Z"));
    // 02:30 does not exist in that night.
    let gap = "Remind me tomorrow at 2:30 am to sleep";
    assert_eq!(at(gap, "Europe/Berlin", "2026-03-28T12:00:00Z").as_deref(), Some("2026-03-29T01:30:00Z"));
    assert_eq!(
        at("Remind me at 12 pm to eat", "UTC", "2026-03-28T09:00:00Z").as_deref(),
        Some("2026-03-28T12:00:00Z")
    );
    assert_eq!(
        at("Remind me at midnight to sleep", "UTC", "2026-03-28T09:00:00Z").as_deref(),
        Some("2026-03-29T00:00:00Z")
    );
    assert_eq!(at("Remind me at 25 o'clock to eat", "UTC", "2026-03-28T09:00:00Z"), None);
    assert_eq!(at("Remind me on 31 February to eat", "UTC", "2026-03-28T09:00:00Z"), None);
    assert_eq!(at("Remind me in 9999 years to eat", "UTC", "2026-03-28T09:00:00Z"), None);
    assert_eq!(at(tea, "Mars/Olympus", "2026-03-28T12:00:00Z"), None);
}

#[tokio::test]
async fn a_window_is_planned_in_its_language_or_not_at_all() {
    let german =
        "list vowel\n  a\nfact likes\n  hear: ich mag {what:thing}\n  content: {speaker} mag {what}\n";
    let german = Rules::from_sources("de", vec![source(german)]).unwrap();
    let planner = RulesPlanner::new(vec![Rules::english().unwrap(), german]);
    let planner: &dyn Planner = &planner;
    for (language, text, found) in [
        ("de", "Ich mag Tee.", Some("Anna mag Tee")),
        ("de-AT", "Ich mag Tee.", Some("Anna mag Tee")),
        ("en", "Ich mag Tee.", None),
        ("en-GB", "I like tea.", Some("Anna likes tea")),
        ("fr", "I like tea.", None),
    ] {
        let mut window = window(vec![said(1, text)]);
        window.language = language.to_owned();
        let plan = planner.plan(window, &Meter::default()).await.unwrap();
        assert_eq!(plan.memories.first().map(|memory| memory.content.as_str()), found, "{language}");
    }
    assert_eq!(planner.name(), "rules");
}

#[test]
fn users_add_rules_and_words_and_silence_shipped_ones() {
    let own = "list job\n  beekeeper\nfact wears\n  hear: i wear size {size:number} shoes\n  content: {speaker} wears shoes of size {size}\nignore\n  hear: i like tea\n";
    let rules = Rules::english_with(vec![source(own)]).unwrap();
    assert_eq!(contents_by(&rules, "I wear size forty two shoes."), ["Anna wears shoes of size 42"]);
    assert_eq!(contents_by(&rules, "I'm a beekeeper."), ["Anna is a beekeeper"]);
    assert_eq!(contents_by(&rules, "I like tea."), [""; 0]);
}

#[test]
fn a_plan_keeps_within_what_a_window_may_yield() {
    let many: Vec<Utterance> = (0..300)
        .map(|number| said(number, &format!("I like the number{number} bus. I like bus{number}.")))
        .collect();
    let (mut window, tools) = (window(many), crate::tools::ToolRegistry::default());
    let plan = ENGLISH.plan_window(&window);
    assert_eq!(plan.memories.len(), 200);
    crate::planner::validate::validate(&plan, &window, &tools).unwrap();
    window.people.clear();
    let plan = ENGLISH.plan_window(&window);
    crate::planner::validate::validate(&plan, &window, &tools).unwrap();
}

#[test]
fn a_mistake_in_a_file_is_named_with_its_line() {
    for (text, line, message) in [
        (
            "fact likes\n  hear: i like {what:thing}\n  content: {speaker} likes {waht}\n",
            1,
            "`{waht}` is not in every template",
        ),
        ("fact likes\n  hear: i like {what:thng}\n  content: x\n", 2, "no kind of slot"),
        ("fact likes\n  hear: (i like\n  content: x\n", 2, "not closed"),
        ("fact likes\n  hear: [i like]\n  content: x\n", 2, "without a word"),
        ("fact likes\n  hear: <nowhere> i\n  content: x\n", 2, "no list or part"),
        ("fact likes\n  hear: i like\n", 1, "content"),
        ("fact likes\n  content: x\n", 1, "hears nothing"),
        ("\n\nfcat likes\n", 3, "a block starts with"),
        ("  hear: x\n", 1, "belongs under a block"),
        ("part a\n  <a> x\nfact b\n  hear: <a>\n  content: x\n", 4, "contain itself"),
        ("fact b\n  hear: x\n  content: y\n  confidence: 2\n", 4, "from 0 to 1"),
        ("moment\n  hear: x\n  hours: 3\n", 3, "not known"),
    ] {
        let error = Rules::from_sources("en", vec![source(text)]).expect_err(text);
        assert_eq!((error.kind(), error.code()), (ErrorKind::Invalid, "malformed_rules"), "{text}");
        let told = error.to_string();
        assert!(told.starts_with(&format!("own.rules:{line}:")) && told.contains(message), "{text}: {told}");
    }
}

#[test]
fn words_that_people_leave_standing_do_not_come_into_a_fact() {
    assert_eq!(contents("I like tea too, you know."), ["Anna likes tea"]);
    assert_eq!(contents("I like my , um my my new bike , yeah ."), ["Anna likes their new bike"]);
    assert_eq!(contents("I like L_C_D_ screens ."), ["Anna likes LCD screens"]);
    assert_eq!(contents("\u{202e}I like\u{200b} te\u{0301}a."), ["Anna likes t\u{e9}a"]);
}

/// The plan of 64 KiB must come within what a slow machine with a debug build needs for a linear
/// scan; anything worse than linear takes minutes.
#[test]
fn long_texts_take_time_in_proportion_to_their_length() {
    let limit = hub_protocol::limits::TEXT_BYTES;
    for piece in [
        "a ",
        "and ",
        "i like ",
        "remind me to ",
        "remind me to call ",
        "at five ",
        "in twenty minutes ",
        ", ",
        "tell tom ",
        "i like tea. ",
        "Anna ",
        "my my ",
        "\u{1f389} ",
        "forget everything about ",
        "{disfmarker} ",
        "and i like a b c d e f g h i ",
        "i am a , ",
        "( [ { ",
        "it's ",
        "remind me at 5 to call 7 and ",
        "remind me to a 1 at 5 tomorrow b 2 ",
        "at 5 in 6 minutes tomorrow 7 may ",
        "tell tom 5 , ",
    ] {
        let text = piece.repeat(limit / piece.len());
        #[allow(clippy::disallowed_methods, reason = "the time that a hostile text costs is what is tested")]
        let start = Instant::now();
        let plan = ENGLISH.plan_window(&window(vec![said(1, &text)]));
        assert!(plan.memories.len() + plan.actions.len() <= 64, "{piece}");

        assert!(start.elapsed() < Duration::from_secs(20), "{piece:?} took {:?}", start.elapsed());
    }
    let word = "a".repeat(limit - 7);
    assert_eq!(contents(&format!("I like {word}")), [""; 0]);
}

const PIECES: &[&str] = &[
    "I",
    "like",
    "tea",
    "remind",
    "me",
    "to",
    "call",
    "mum",
    "at",
    "five",
    "pm",
    ",",
    ".",
    "?",
    "{gap}",
    "my",
    "name",
    "is",
    "Anna",
    "tell",
    "that",
    "in",
    "20",
    "minutes",
    "on",
    "Friday",
    "31",
    "February",
    "'s",
    "n't",
    "don't",
    "\"",
    "forget",
    "everything",
    "about",
    "12:99",
    "half",
    "past",
    "99",
    "weeks",
    "\u{130}stanbul",
    "\u{df}",
    "and",
    "remember",
    "note",
    "25:00",
    "9999",
    "years",
    "tomorrow",
    "next",
    "'",
    "-",
    "(",
    ")",
    ":",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_makes_the_planner_panic_or_waver(text in any::<String>()) {
        let window = window(vec![said(1, &text)]);
        prop_assert_eq!(ENGLISH.plan_window(&window), ENGLISH.plan_window(&window));
    }

    #[test]
    fn no_order_of_its_own_words_makes_the_planner_panic(words in prop::collection::vec(prop::sample::select(PIECES), 0..30), now in any::<i64>()) {
        let mut spoken = said(1, &words.join(" "));
        spoken.occurred_at = Timestamp(now);
        let plan = ENGLISH.plan_window(&window(vec![spoken]));
        for memory in &plan.memories {
            prop_assert!(memory.content.len() < 4_096 && !memory.content.contains('{'), "{}", memory.content);
        }
    }

    #[test]
    fn no_rule_file_makes_the_reader_panic(text in "(list|part|fact|ignore|moment|hear:|content:|[a-z{}<>()|:@ \n]){0,60}") {
        let _ = Rules::from_sources("en", vec![source(&text)]);
    }
}
