//! Sentence templates: words, `[optional]`, `(one|other)`, `{slot:kind}`, `<list or part>`.
//! A template is compiled into steps for the matcher.

use super::vocabulary::Vocabulary;
use std::collections::{BTreeMap, BTreeSet};

/// Steps of one template, its parts included; more is a mistake in the file.
const STEPS: usize = 4_096;
/// Levels of brackets and parts.
const DEPTH: usize = 16;

/// One step of a compiled template.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    /// A word, in comparable form.
    Word(String),
    /// Try the first way, then the second.
    Fork(usize, usize),
    /// Go on elsewhere.
    Jump(usize),
    /// A phrase of a list; its value goes into the slot, if there is one.
    List { list: String, slot: Option<String> },
    /// Words that fit a kind of slot.
    Slot { slot: String, kind: SlotKind },
    /// The template is matched.
    End,
}

/// What may fill a slot.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum SlotKind {
    /// A few words that stand alone, up to the end of the clause; the last one is in the list.
    Thing { head: Option<String> },
    /// As `thing`, but longer: what somebody says of something, in at least so many words.
    Phrase { least: usize },
    /// Anything up to the end of the sentence.
    Text,
    /// A name: words with capital letters, or a known person.
    Name { any_case: bool },
    /// A known person, a name, or a word of the list `kin`.
    Person,
    /// A number, in digits or words.
    Number,
    /// A time of the day, as `17:30`.
    Clock,
    /// A point in time.
    When,
    /// A day of the calendar.
    Date,
}

/// A compiled template.
#[derive(Debug, Clone)]
pub(super) struct Template {
    /// What to do, from the first step on.
    pub(super) steps: Vec<Step>,
    /// Words with which a match can start; `None` when any can.
    pub(super) first: Option<BTreeSet<String>>,
    /// Words of which every match holds one; `None` when a match may be made of slots alone.
    pub(super) landmarks: Option<BTreeSet<String>>,
    /// The names of its slots.
    pub(super) slots: BTreeSet<String>,
}

/// Compiles a template. The error is a sentence for whoever wrote it.
pub(super) fn compile(
    text: &str,
    parts: &BTreeMap<String, String>,
    words: &Vocabulary,
) -> Result<Template, String> {
    let mut compiler = Compiler { parts, words, steps: Vec::new() };
    compiler.template(text, 0)?;
    compiler.push(Step::End)?;
    let steps = compiler.steps;
    if steps.len() == 1 {
        return Err("the template is empty".to_owned());
    }
    let mut slots = BTreeSet::new();
    for step in &steps {
        if let Step::Slot { slot, .. } | Step::List { slot: Some(slot), .. } = step {
            slots.insert(slot.clone());
        }
    }
    let first = first_words(&steps, words)?;
    let landmarks = landmarks(&steps, words);
    Ok(Template { steps, first, landmarks, slots })
}

struct Compiler<'a> {
    parts: &'a BTreeMap<String, String>,
    words: &'a Vocabulary,
    steps: Vec<Step>,
}

impl Compiler<'_> {
    fn push(&mut self, step: Step) -> Result<usize, String> {
        if self.steps.len() >= STEPS {
            return Err(format!("the template needs more than {STEPS} steps"));
        }
        self.steps.push(step);
        Ok(self.steps.len() - 1)
    }

    fn set(&mut self, at: usize, step: Step) {
        if let Some(slot) = self.steps.get_mut(at) {
            *slot = step;
        }
    }

    fn template(&mut self, text: &str, depth: usize) -> Result<(), String> {
        let mut rest = text.trim();
        while let Some(next) = rest.chars().next() {
            rest = match next {
                '[' | '(' => {
                    let (inside, after) = bracket(rest)?;
                    self.choice(inside, next == '[', depth)?;
                    after
                }
                '{' | '<' => {
                    let close = if next == '{' { '}' } else { '>' };
                    let (inside, after) = rest
                        .get(1..)
                        .and_then(|inner| inner.split_once(close))
                        .ok_or_else(|| format!("`{next}` is not closed"))?;
                    if next == '{' {
                        self.slot(inside)?
                    } else {
                        self.part(inside.trim(), depth)?
                    }
                    after
                }
                ']' | ')' | '}' | '>' | '|' => {
                    return Err(format!("`{next}` stands where nothing is open"));
                }
                _ => {
                    let end = rest
                        .find(|c: char| c.is_whitespace() || "[](){}<>|".contains(c))
                        .unwrap_or(rest.len());
                    let (word, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
                    for form in self.words.compared(word) {
                        self.push(Step::Word(form))?;
                    }
                    after
                }
            }
            .trim_start();
        }
        Ok(())
    }

    fn choice(&mut self, inside: &str, optional: bool, depth: usize) -> Result<(), String> {
        if depth >= DEPTH {
            return Err(format!("more than {DEPTH} levels of brackets and parts"));
        }
        let ways = alternatives(inside);
        if ways.iter().any(|way| way.trim().is_empty()) {
            return Err("an alternative is empty; use [ ] for words that may be missing".to_owned());
        }
        let mut ends = Vec::new();
        let count = ways.len();
        for (index, way) in ways.into_iter().enumerate() {
            let last = index + 1 == count && !optional;
            let fork = if last { None } else { Some(self.push(Step::End)?) };
            self.template(way, depth + 1)?;
            if !last {
                ends.push(self.push(Step::End)?);
            }
            if let Some(fork) = fork {
                let next = self.steps.len();
                self.set(fork, Step::Fork(fork + 1, next));
            }
        }
        let next = self.steps.len();
        for end in ends {
            self.set(end, Step::Jump(next));
        }
        Ok(())
    }

    fn part(&mut self, name: &str, depth: usize) -> Result<(), String> {
        if depth >= DEPTH {
            return Err(format!(
                "more than {DEPTH} levels of brackets and parts; does <{name}> contain itself?"
            ));
        }
        if self.words.list(name).is_some() {
            return self.push(Step::List { list: name.to_owned(), slot: None }).map(|_| ());
        }
        let parts = self.parts;
        let text = parts.get(name).ok_or_else(|| format!("no list or part is called `{name}`"))?;
        self.choice(text, false, depth)
    }

    fn slot(&mut self, inside: &str) -> Result<(), String> {
        let (name, kind) = inside.split_once(':').unwrap_or((inside, inside));
        let (name, kind) = (name.trim(), kind.trim());
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
            return Err(format!("`{name}` is no name of a slot: use lower case letters and `_`"));
        }
        let slot = name.to_owned();
        let kind =
            match kind.split_once(char::is_whitespace).map_or((kind, ""), |(kind, rest)| (kind, rest.trim()))
            {
                ("thing", "") => SlotKind::Thing { head: None },
                ("thing", head) => {
                    let list = head.strip_prefix("ending in ").unwrap_or_default().trim();
                    if self.words.list(list).is_none() {
                        return Err(format!(
                            "`{head}`: write `{{{name}:thing ending in LIST}}` with a list that exists"
                        ));
                    }
                    SlotKind::Thing { head: Some(list.to_owned()) }
                }
                ("phrase", "") => SlotKind::Phrase { least: 1 },
                ("phrase", least) => {
                    let least = least.strip_prefix("of ").and_then(|number| number.trim().parse().ok());
                    SlotKind::Phrase {
                        least: least
                            .ok_or_else(|| format!("write `{{{name}:phrase of 2}}` for at least 2 words"))?,
                    }
                }
                ("text", "") => SlotKind::Text,
                ("name", "") => SlotKind::Name { any_case: false },
                ("name", "in any case") => SlotKind::Name { any_case: true },
                ("person", "") => SlotKind::Person,
                ("number", "") => SlotKind::Number,
                ("clock", "") => SlotKind::Clock,
                ("when", "") => SlotKind::When,
                ("date", "") => SlotKind::Date,
                (list, "") if self.words.list(list).is_some() => {
                    return self.push(Step::List { list: list.to_owned(), slot: Some(slot) }).map(|_| ());
                }
                _ => return Err(format!("`{kind}` is no kind of slot and no list")),
            };
        self.push(Step::Slot { slot, kind }).map(|_| ())
    }
}

/// Splits `(…)…` into what is inside the first pair and what follows it.
fn bracket(text: &str) -> Result<(&str, &str), String> {
    let mut open = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '[' | '(' => open += 1,
            ']' | ')' => {
                open = open.saturating_sub(1);
                if open == 0 {
                    let pair = (text.chars().next(), c);
                    if !matches!(pair, (Some('['), ']') | (Some('('), ')')) {
                        return Err("brackets are crossed".to_owned());
                    }
                    return Ok((text.get(1..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default()));
                }
            }
            _ => {}
        }
    }
    Err("a bracket is not closed".to_owned())
}

/// Splits at `|`, but not inside brackets.
fn alternatives(text: &str) -> Vec<&str> {
    let (mut ways, mut open, mut start) = (Vec::new(), 0_usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '[' | '(' => open += 1,
            ']' | ')' => open = open.saturating_sub(1),
            '|' if open == 0 => {
                ways.push(text.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    ways.push(text.get(start..).unwrap_or_default());
    ways
}

/// The words with which a match can start, so that most templates are never tried.
fn first_words(steps: &[Step], words: &Vocabulary) -> Result<Option<BTreeSet<String>>, String> {
    let Reached { words, slot, end } = reach(steps, words, false);
    if end {
        return Err("the template can match without a word".to_owned());
    }
    Ok((!slot).then_some(words))
}

/// The first words behind the slots that a template starts with, so that it is tried only where
/// the sentence has one of them.
fn landmarks(steps: &[Step], words: &Vocabulary) -> Option<BTreeSet<String>> {
    let reached = reach(steps, words, true);
    (!reached.end).then_some(reached.words)
}

/// What can be reached without passing a word.
#[derive(Default)]
struct Reached {
    /// The words.
    words: BTreeSet<String>,
    /// A slot.
    slot: bool,
    /// The end of the template.
    end: bool,
}

/// Walks from the first step to the first words, through slots or up to them.
fn reach(steps: &[Step], words: &Vocabulary, through_slots: bool) -> Reached {
    let (mut reached, mut todo, mut seen) = (Reached::default(), vec![0], BTreeSet::new());
    while let Some(at) = todo.pop() {
        if !seen.insert(at) {
            continue;
        }
        match steps.get(at) {
            Some(Step::Word(word)) => {
                reached.words.insert(word.clone());
            }
            Some(Step::Fork(one, other)) => todo.extend([*one, *other]),
            Some(Step::Jump(to)) => todo.push(*to),
            Some(Step::List { list, .. }) => {
                let firsts = words.list(list).into_iter().flat_map(|list| list.first_words());
                reached.words.extend(firsts.map(str::to_owned));
            }
            Some(Step::Slot { .. }) => {
                reached.slot = true;
                if through_slots {
                    todo.push(at + 1);
                }
            }
            Some(Step::End) | None => reached.end = true,
        }
    }
    reached
}
