//! What may fill a slot. These checks decide between a fact that stands alone and junk: "I like
//! tea" is one, "I like that", "I like the idea" and "I like, you know" are not.

use super::moment;
use super::source::Rule;
use super::template::SlotKind;
use super::text::{Kind, Sentence};
use super::vocabulary::Vocabulary;
use crate::planner::plan::KnownPerson;

/// Words of a `thing`.
const THING_WORDS: usize = 9;
/// Words of a `phrase`.
const PHRASE_WORDS: usize = 24;
/// Words and marks of a `text`.
const TEXT_WORDS: usize = 120;
/// Words of a name.
const NAME_WORDS: usize = 3;
/// UTF-8 bytes of one word that may be in a slot; longer ones are no words of a language.
const WORD_BYTES: usize = 64;

/// Where a template is tried.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) sentence: &'a Sentence,
    pub(super) words: &'a Vocabulary,
    pub(super) people: &'a [KnownPerson],
    /// The rules whose purpose is a moment.
    pub(super) moments: &'a [Rule],
}

/// One way to fill a slot: it holds the words up to `end`, and matching goes on at `next`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Filler {
    pub(super) end: usize,
    pub(super) next: usize,
    pub(super) value: Option<String>,
}

impl Filler {
    fn plain(end: usize) -> Self {
        Self { end, next: end, value: None }
    }
}

impl Place<'_> {
    fn is_word(&self, at: usize) -> bool {
        self.sentence
            .tokens
            .get(at)
            .is_some_and(|token| token.kind == Kind::Word && token.text.len() <= WORD_BYTES)
    }

    fn is_in(&self, list: &str, at: usize) -> bool {
        self.is_word(at) && self.words.has(list, self.sentence.norm(at))
    }

    /// Whether more was to come behind this word. "May" in May is a month.
    fn is_dangling(&self, at: usize) -> bool {
        self.is_in("dangling", at) && !(self.is_capital(at) && at > 0)
    }

    fn any_in(&self, list: &str, start: usize, end: usize) -> bool {
        (start..end).any(|at| self.is_in(list, at))
    }

    fn is_capital(&self, at: usize) -> bool {
        self.sentence.tokens.get(at).is_some_and(super::text::Token::is_capital)
    }

    /// Whether a clause ends before this position.
    pub(super) fn is_boundary(&self, at: usize) -> bool {
        let Some(token) = self.sentence.tokens.get(at) else {
            return true;
        };
        token.kind != Kind::Word
            || self.is_in("boundary", at)
            || (self.is_in("joiner", at)
                && (at + 1 >= self.sentence.tokens.len()
                    || self.is_in("subject", at + 1)
                    || !self.is_word(at + 1)))
    }

    /// Whether what was matched up to here is all that was meant.
    pub(super) fn ends_here(&self, at: usize) -> bool {
        let cut = self.sentence.broken && at >= self.sentence.tokens.len();
        self.is_boundary(at) && !cut && !self.is_in("condition", at)
    }

    /// A known person whose whole name, or whose first name if nobody shares it, stands here.
    fn person(&self, at: usize) -> Option<(usize, &str)> {
        let matches = |words: &[&str]| {
            !words.is_empty()
                && words
                    .iter()
                    .enumerate()
                    .all(|(offset, word)| self.sentence.norm(at + offset) == word.to_lowercase())
        };
        let mut best: Option<(usize, &str)> = None;
        let mut firsts = 0;
        for person in self.people {
            let words: Vec<&str> = person.name.split_whitespace().collect();
            let first = words.get(..1).unwrap_or_default();
            if matches(&words) && best.is_none_or(|(end, _)| end < at + words.len()) {
                best = Some((at + words.len(), &person.name));
            } else if matches(first) {
                firsts += 1;
                if best.is_none() {
                    best = Some((at + 1, &person.name));
                }
            }
        }
        let whole = best.is_some_and(|(end, name)| end - at == name.split_whitespace().count());
        best.filter(|_| whole || firsts == 1)
    }
}

/// The phrases of a list that stand at a position, longest first.
pub(super) fn phrases(place: &Place<'_>, list: &str, at: usize) -> Vec<(usize, Option<String>)> {
    let Some(list) = place.words.list(list) else {
        return Vec::new();
    };
    list.starting_with(place.sentence.norm(at))
        .iter()
        .filter(|phrase| {
            phrase.words.iter().enumerate().all(|(offset, word)| place.sentence.norm(at + offset) == word)
        })
        .map(|phrase| (at + phrase.words.len(), phrase.value.clone()))
        .collect()
}

/// The ways to fill a slot from a position on, best first. `last` says that the template ends
/// behind it, so that it takes all that it can.
pub(super) fn fillers(place: &Place<'_>, kind: &SlotKind, at: usize, last: bool) -> Vec<Filler> {
    match kind {
        SlotKind::Thing { head } => clause(place, at, THING_WORDS, last, |start, end| {
            is_thing(place, start, end) && head.as_ref().is_none_or(|list| place.is_in(list, end - 1))
        }),
        SlotKind::Phrase { least } => clause(place, at, PHRASE_WORDS, last, |start, end| {
            end - start >= *least && stands_alone(place, start, end) && !place.is_in("not_phrase", start)
        }),
        SlotKind::Text => text(place, at, last),
        SlotKind::Name { any_case } => names(place, at, *any_case),
        SlotKind::Person => persons(place, at),
        SlotKind::Number => {
            number(place, at).into_iter().map(|(end, value)| valued(end, value.to_string())).collect()
        }
        SlotKind::Clock => {
            clock(place.sentence.norm(at)).map(|value| valued(at + 1, value)).into_iter().collect()
        }
        SlotKind::When => moment::moments(place, at)
            .into_iter()
            .map(|(end, fields)| valued(end, moment::encode(&fields)))
            .collect(),
        SlotKind::Date => moment::moments(place, at)
            .into_iter()
            .filter(|(_, fields)| moment::is_date(fields))
            .map(|(end, _)| Filler::plain(end))
            .collect(),
    }
}

fn valued(end: usize, value: String) -> Filler {
    Filler { end, next: end, value: Some(value) }
}

/// Stretches of one clause, without the words that only trail behind ("too", "as well").
fn clause(
    place: &Place<'_>,
    at: usize,
    most: usize,
    last: bool,
    fits: impl Fn(usize, usize) -> bool,
) -> Vec<Filler> {
    let mut hard = at;
    while hard - at <= most && !place.is_boundary(hard) && place.is_word(hard) {
        hard += 1;
    }
    let ends: Vec<usize> = if last { vec![hard] } else { (at + 1..=hard).collect() };
    ends.into_iter()
        .filter(|end| *end > at && end - at <= most)
        .filter_map(|next| {
            let end = trimmed(place, at, next);
            (end > at && fits(at, end)).then_some(Filler { end, next, value: None })
        })
        .collect()
}

fn trimmed(place: &Place<'_>, start: usize, mut end: usize) -> usize {
    'again: while end > start {
        for back in 1..=3.min(end - start) {
            let at = end - back;
            if phrases(place, "trailing", at).iter().any(|(to, _)| *to == end) {
                end = at;
                continue 'again;
            }
        }
        break;
    }
    end
}

/// Whether words can be understood without what was said before.
fn stands_alone(place: &Place<'_>, start: usize, end: usize) -> bool {
    // A letter alone is what is left of a word that never came.
    let broken = (start..end).any(|at| !place.is_in("function", at) && is_lone_letter(place.sentence, at))
        || (start + 1..end).any(|at| is_stutter(place.sentence.norm(at - 1), place.sentence.norm(at)));
    let says_something = (start..end)
        .any(|at| !place.is_in("function", at) && place.sentence.norm(at).chars().any(char::is_alphabetic));
    says_something && !broken && !place.any_in("vague", start, end) && !place.is_dangling(end - 1)
}

/// Whether a word was begun and then said in full, as in "recogni recognisable".
fn is_stutter(word: &str, next: &str) -> bool {
    let begun = word.rsplit('-').next().unwrap_or_default();
    begun.chars().count() >= 4 && next.len() > begun.len() + 1 && next.starts_with(begun)
}

fn is_lone_letter(sentence: &Sentence, at: usize) -> bool {
    let mut letters = sentence.tokens.get(at).map_or("", |token| token.text.as_str()).chars();
    letters.next().is_some_and(char::is_lowercase) && letters.next().is_none()
}

fn is_thing(place: &Place<'_>, start: usize, end: usize) -> bool {
    // "the sea" is known to everybody, "the button" only to those who were there.
    let known_to_all =
        !place.is_in("definite", start) || place.is_capital(start + 1) || place.any_in("unique", start, end);
    // "user-centred" says how something is, not what.
    let last = place.sentence.norm(end - 1);
    let adjective = last.contains('-') && last.ends_with("ed");
    known_to_all && !adjective && stands_alone(place, start, end) && !place.is_in("not_thing", start)
}

fn text(place: &Place<'_>, at: usize, last: bool) -> Vec<Filler> {
    let length = place.sentence.tokens.len();
    let fits = |end: usize| {
        (at..end).all(|at| place.sentence.tokens.get(at).is_some_and(|token| token.text.len() <= WORD_BYTES))
            && (at..end)
                .any(|at| place.is_word(at) && !place.is_in("function", at) && !place.is_in("vague", at))
            && !place.is_dangling(end - 1)
    };
    let ends = if last { length..=length } else { at + 1..=length.min(at + TEXT_WORDS) };
    ends.filter(|end| *end > at && end - at <= TEXT_WORDS)
        .filter_map(|next| {
            let mut end = next;
            while end > at && !place.is_word(end - 1) {
                end -= 1;
            }
            (end > at && fits(end)).then_some(Filler { end, next, value: None })
        })
        .collect()
}

fn names(place: &Place<'_>, at: usize, any_case: bool) -> Vec<Filler> {
    // Where nothing is written with capitals, they cannot be asked for.
    let lower = !place.sentence.capitals;
    let known = place.person(at).filter(|_| place.is_capital(at) || lower);
    if let Some((end, name)) = known {
        return vec![valued(end, name.to_owned())];
    }
    let is_name = |at: usize| {
        let text = place.sentence.tokens.get(at).map_or("", |token| token.text.as_str());
        place.is_word(at)
            && (place.is_capital(at) || (any_case && lower))
            && !place.is_in("function", at)
            && !place.is_in("not_name", at)
            && text.chars().any(char::is_lowercase)
            && text.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '.'))
    };
    let most = if any_case && lower { 1 } else { NAME_WORDS };
    let end = (at..at + most).take_while(|at| is_name(*at)).count() + at;
    (at + 1..=end)
        .rev()
        .map(|end| {
            let shown = place.sentence.shown(at, end);
            if lower { valued(end, super::compose::capitalised(&shown)) } else { Filler::plain(end) }
        })
        .collect()
}

fn persons(place: &Place<'_>, at: usize) -> Vec<Filler> {
    if let Some((end, name)) = place.person(at) {
        return vec![valued(end, name.to_owned())];
    }
    let kin = phrases(place, "kin_phrase", at).into_iter().map(|(end, _)| Filler::plain(end));
    kin.chain(names(place, at, false)).collect()
}

/// A number in digits or in words of the list `number`, tens and ones together.
fn number(place: &Place<'_>, at: usize) -> Option<(usize, u32)> {
    let norm = place.sentence.norm(at);
    if (1..=4).contains(&norm.len()) && norm.bytes().all(|b| b.is_ascii_digit()) {
        return Some((at + 1, norm.parse().ok()?));
    }
    let word = |text: &str| place.words.value("number", text).and_then(|value| value.parse::<u32>().ok());
    if let Some((tens, ones)) = norm.split_once('-') {
        let (tens, ones) = (word(tens)?, word(ones)?);
        return (tens >= 20 && (1..10).contains(&ones)).then_some((at + 1, tens + ones));
    }
    let first = word(norm)?;
    match word(place.sentence.norm(at + 1)) {
        Some(ones) if first >= 20 && (1..10).contains(&ones) => Some((at + 2, first + ones)),
        _ => Some((at + 1, first)),
    }
}

/// `17:30` or `5.30`, as hours and minutes with a colon.
fn clock(text: &str) -> Option<String> {
    let (hours, minutes) = text.split_once(':').or_else(|| text.split_once('.'))?;
    let digits = |text: &str| !text.is_empty() && text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit());
    (digits(hours) && digits(minutes) && minutes.len() == 2).then(|| format!("{hours}:{minutes}"))
}
