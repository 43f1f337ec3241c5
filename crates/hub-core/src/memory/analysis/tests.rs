#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
use super::*;
use proptest::prelude::*;

fn english(text: &str) -> Vec<String> {
    Analyzer::for_language("en-GB").index_terms(text)
}

#[test]
fn words_are_stemmed_in_order_with_repeats() {
    assert_eq!(english("Running runs; the RUNNER ran."), ["run", "run", "the", "runner", "ran"]);
}

#[test]
fn contractions_and_possessives_give_their_word() {
    assert_eq!(
        english("I'll ask Anna's boss, don't, can't, o'clock"),
        ["i", "ask", "anna", "boss", "do", "can", "oclock"]
    );
    assert_eq!(english("Anna’s"), english("Anna's"));
    let french = Analyzer::for_language("fr");
    assert!(french.index_terms("l'eau").contains(&"eau".to_owned()));
}

#[test]
fn numbers_and_initials_are_kept_whole() {
    assert_eq!(
        english("1,000 at 10:30, room 3.5, U.S.A. foo_bar example.com"),
        ["1000", "at", "10", "30", "room", "3", "5", "usa", "foo", "bar", "exampl", "com"]
    );
}

#[test]
fn marks_of_transcribers_are_no_words() {
    assert_eq!(english("yes {vocalsound} we {disfmarker} agree"), ["yes", "we", "agre"]);
}

#[test]
fn forms_of_one_text_give_the_same_terms() {
    assert_eq!(english("ﬁne Café"), english("fine Cafe\u{301}"));
    assert_eq!(english("cafe"), english("CAFÉ"));
}

#[test]
fn each_han_character_is_a_term() {
    assert_eq!(Analyzer::for_language("zh").index_terms("我喜欢茶"), ["我", "喜", "欢", "茶"]);
}

#[test]
fn a_language_stems_its_own_words() {
    let german = Analyzer::for_language("de");
    assert_eq!(german.index_terms("Häuser"), german.index_terms("Haus"));
    assert_eq!(Analyzer::for_language("xx").index_terms("running"), ["running"]);
}

#[test]
fn a_query_drops_stop_words_unless_there_is_nothing_else() {
    let analyzer = Analyzer::for_language("en");
    assert_eq!(
        analyzer.query_terms("What does Anna like, and what's Anna allergic to?"),
        ["anna", "like", "allerg"]
    );
    assert_eq!(analyzer.query_terms("what is this"), ["what", "is", "this"]);
    assert!(analyzer.query_terms("?!").is_empty());
}

#[test]
fn an_episode_is_found_by_its_day_and_speaker() {
    let said_at = Timestamp::parse("2023-05-08T23:59:59Z").unwrap();
    let terms = |tag| Analyzer::for_language(tag).episode_terms(said_at, Some("Anna"), "Hello");
    assert_eq!(terms("en"), ["8", "may", "2023", "anna", "hello"]);
    assert_eq!(terms("xx"), ["8", "2023", "anna", "hello"]);
    let query = Analyzer::for_language("en").query_terms("What did Anna say in May 2023?");
    assert_eq!(query, ["anna", "say", "may", "2023"]);
}

#[test]
fn long_words_are_cut_alike_in_index_and_query() {
    let word = "é".repeat(500);
    let analyzer = Analyzer::for_language("en");
    assert!(analyzer.index_terms(&word)[0].len() <= TERM_BYTES);
    assert_eq!(analyzer.index_terms(&word), analyzer.query_terms(&word));
}

proptest! {
    #[test]
    fn terms_hold_letters_and_digits_only(text in any::<String>(), tag in "en|de|fr|tr|ta|el|ar|zh") {
        let analyzer = Analyzer::for_language(&tag);
        let terms = analyzer.index_terms(&text);
        for term in &terms {
            prop_assert!(!term.is_empty() && term.len() <= TERM_BYTES && term.chars().all(char::is_alphanumeric), "{term:?}");
        }
        for term in analyzer.query_terms(&text) {
            prop_assert!(terms.contains(&term));
        }
    }
}
