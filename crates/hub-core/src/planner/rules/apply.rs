//! From a window of talk to a plan: which rules apply where, and what they say.

use super::Rules;
use super::compose;
use super::index::Entry;
use super::matcher::{self, Match};
use super::moment;
use super::slots::Place;
use super::source::{About, Purpose, Rule};
use super::text::{Kind, Sentence};
use crate::ids::PersonId;
use crate::planner::plan::{KnownPerson, Plan, ProposedAction, ProposedMemory, Utterance, Window};
use crate::planner::validate::PROPOSALS_PER_WINDOW;
use hub_protocol::vocabulary::SpeakerRole;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Proposals from one utterance; nobody says more that is worth keeping in one breath.
const PROPOSALS_PER_UTTERANCE: usize = 64;
/// Words behind a word such as "if" or "said" in which nothing is taken as a statement, and words
/// around a match in which one such as "every" counts.
const BLOCKED_WORDS: usize = 15;
/// UTF-8 bytes of what was said that a reason quotes.
const QUOTE_BYTES: usize = 300;
/// Name of a speaker of whom nothing is known.
const NOBODY_KNOWN: &str = "Somebody";

/// Plans a window. The same window always gives the same plan.
pub(super) fn plan(rules: &Rules, window: &Window) -> Plan {
    let mut plan = Plan::default();
    for utterance in window.utterances.iter().filter(|utterance| utterance.role == SpeakerRole::User) {
        let speaker = Speaker::of(utterance, &window.people);
        let taken = plan.memories.len() + plan.actions.len();
        let mut room = PROPOSALS_PER_UTTERANCE.min(PROPOSALS_PER_WINDOW.saturating_sub(taken));
        for sentence in super::text::sentences(&utterance.text, &rules.language.words) {
            let place = Place {
                sentence: &sentence,
                words: &rules.language.words,
                people: &window.people,
                moments: &rules.moments,
            };
            let scene = Scene { rules, window, utterance, speaker: &speaker, place };
            scene.read(&mut plan, &mut room);
        }
    }
    plan
}

/// Who spoke.
struct Speaker {
    name: String,
    person_id: Option<PersonId>,
}

impl Speaker {
    fn of(utterance: &Utterance, people: &[KnownPerson]) -> Self {
        let label = utterance.speaker.as_deref().map(str::trim).filter(|label| !label.is_empty());
        let known = match utterance.person_id {
            Some(id) => people.iter().find(|person| person.person_id == id),
            None => label.and_then(|label| by_name(people, label)),
        };
        Self {
            name: known.map(|person| person.name.as_str()).or(label).unwrap_or(NOBODY_KNOWN).to_owned(),
            person_id: known.map(|person| person.person_id),
        }
    }
}

/// The only known person of that name.
fn by_name<'a>(people: &'a [KnownPerson], name: &str) -> Option<&'a KnownPerson> {
    let mut same = people.iter().filter(|person| person.name.to_lowercase() == name.to_lowercase());
    same.next().filter(|_| same.next().is_none())
}

/// One sentence of one utterance.
struct Scene<'a> {
    rules: &'a Rules,
    window: &'a Window,
    utterance: &'a Utterance,
    speaker: &'a Speaker,
    place: Place<'a>,
}

impl Scene<'_> {
    fn sentence(&self) -> &Sentence {
        self.place.sentence
    }

    /// Tries the rules wherever a clause starts, from left to right.
    fn read(&self, plan: &mut Plan, room: &mut usize) {
        let length = self.sentence().tokens.len();
        // After "well" and "yes" a template that starts with a slot would take them for a part of it.
        let (open, none) =
            (self.rules.index.open((0..length).map(|at| self.sentence().norm(at))), BTreeSet::new());
        let (mut at, mut starts, mut blocked_until) = (0, true, 0);
        while at < length && *room > 0 {
            let opener = if starts {
                super::slots::phrases(&self.place, "opener", at).into_iter().next()
            } else {
                None
            };
            if starts
                && at >= blocked_until
                && let Some(end) =
                    self.try_rules(at, if opener.is_none() { &open } else { &none }, plan, room)
            {
                at = end.max(at + 1);
                // What ends at "and" is followed by a clause; anything else waits for a pause.
                starts = false;
                continue;
            }
            if let Some((end, _)) = opener {
                at = end.max(at + 1);
                continue;
            }
            let Some(token) = self.sentence().tokens.get(at) else {
                break;
            };
            match token.kind {
                Kind::Quote => break,
                Kind::Pause => starts = !self.leans(at),
                Kind::Word => {
                    if self.rules.language.words.has("blocker", &token.norm) {
                        blocked_until = at + BLOCKED_WORDS;
                    }
                    starts = self.rules.language.words.has("joiner", &token.norm);
                }
            }
            at += 1;
        }
    }

    /// Whether the word before a pause needs one behind it, so that the pause is a hesitation.
    fn leans(&self, pause: usize) -> bool {
        pause
            .checked_sub(1)
            .is_some_and(|before| self.rules.language.words.has("leaning", self.sentence().norm(before)))
    }

    /// Applies the first rule that matches, one of `open` or one that starts with the word here;
    /// answers where reading goes on.
    fn try_rules(
        &self,
        at: usize,
        open: &BTreeSet<Entry>,
        plan: &mut Plan,
        room: &mut usize,
    ) -> Option<usize> {
        for (rule, template) in self.rules.index.candidates(self.sentence().norm(at), open) {
            let Some(rule) = self.rules.language.rules.get(rule) else { continue };
            let Some(template) = rule.templates.get(template) else {
                continue;
            };
            let fact = matches!(rule.purpose, Purpose::Fact { .. });
            if fact && self.sentence().question {
                continue;
            }
            let everywhere = matches!(rule.purpose, Purpose::Ignore);
            let found =
                matcher::run(template, &self.place, at, true, |end| everywhere || self.place.ends_here(end));
            let Some(matched) = found.into_iter().next() else {
                continue;
            };
            let refused = self.mentions(&rule.unless, at..matched.end, BLOCKED_WORDS)
                || self.mentions(&rule.without, at..matched.end, 0)
                || (rule.closed && self.sentence().open_ended && matched.end >= self.sentence().tokens.len());
            if !refused && self.propose(rule, &matched, plan) {
                *room -= 1;
            }
            return Some(matched.end);
        }
        None
    }

    /// Whether a word of these lists is in what was matched, or at most `around` words from it.
    fn mentions(&self, lists: &[String], matched: std::ops::Range<usize>, around: usize) -> bool {
        let (words, length) = (&self.rules.language.words, self.sentence().tokens.len());
        let near = matched.start.saturating_sub(around)..matched.end.saturating_add(around).min(length);
        let near = self.sentence().tokens.get(near).unwrap_or_default();
        near.iter().any(|token| lists.iter().any(|list| words.has(list, &token.norm)))
    }

    /// Adds what the rule says to the plan, if it says something.
    fn propose(&self, rule: &Rule, matched: &Match, plan: &mut Plan) -> bool {
        match &rule.purpose {
            Purpose::Fact { predicate, content, about, confidence } => {
                let Some(content) = self.content(content, matched) else {
                    return false;
                };
                let person_id = match about {
                    About::Speaker => self.speaker.person_id,
                    About::Slot(slot) => compose::captured(self.sentence(), matched, slot)
                        .and_then(|name| by_name(&self.window.people, &name))
                        .map(|person| person.person_id),
                    About::Nobody => None,
                };
                self.remember(plan, content, predicate, person_id, *confidence);
                true
            }
            Purpose::Request { tool, arguments } => match self.arguments(arguments, matched) {
                Some(arguments) => {
                    self.ask(plan, tool, arguments);
                    true
                }
                None => false,
            },
            Purpose::Moment { .. } | Purpose::Ignore => false,
        }
    }

    fn content(&self, pattern: &str, matched: &Match) -> Option<String> {
        let content = compose::fill(pattern, |slot| match slot {
            "speaker" => Some(self.speaker.name.clone()),
            slot => matched
                .capture(slot)
                .map(|capture| compose::reported(self.sentence(), capture, &self.rules.language.words)),
        })?;
        // "Anna's name is Anna" and "the Manager is the Manager" tell nothing.
        let told = matched.captures.iter().any(|capture| {
            let text = compose::reported(self.sentence(), capture, &self.rules.language.words);
            text != self.speaker.name && !self.rules.language.words.has("function", &text)
        });
        told.then(|| compose::capitalised(&content))
    }

    fn remember(
        &self,
        plan: &mut Plan,
        content: String,
        predicate: &str,
        person_id: Option<PersonId>,
        confidence: f64,
    ) {
        let source = self.utterance.event_id;
        if let Some(known) =
            plan.memories.iter_mut().find(|known| known.content == content && known.person_id == person_id)
        {
            if !known.source_event_ids.contains(&source) {
                known.source_event_ids.push(source);
            }
            return;
        }
        plan.memories.push(ProposedMemory {
            content,
            predicate: predicate.to_owned(),
            person_id,
            confidence,
            source_event_ids: vec![source],
        });
    }

    /// The arguments of an action; `None` when one of them means nothing, as a time that has passed.
    fn arguments(&self, patterns: &[(String, String)], matched: &Match) -> Option<Value> {
        let mut arguments = Map::new();
        for (name, pattern) in patterns {
            let value = match pattern.strip_prefix('@') {
                Some("space") => json!({ "space_id": self.window.space_id }),
                Some("speaker") => match self.speaker.person_id {
                    Some(id) => json!(id),
                    None => continue,
                },
                Some(other) => {
                    let (kind, slot) = other.split_once(' ')?;
                    let text =
                        compose::captured(self.sentence(), matched, slot.trim().trim_matches(['{', '}']))?;
                    match kind {
                        "time" => json!(
                            moment::resolve(&text, self.utterance.occurred_at, &self.window.time_zone)?
                                .to_string()
                        ),
                        "person" => match by_name(&self.window.people, &text) {
                            Some(person) => json!(person.person_id),
                            None => continue,
                        },
                        _ => return None,
                    }
                }
                None => {
                    json!(compose::fill(pattern, |slot| compose::captured(self.sentence(), matched, slot))?)
                }
            };
            arguments.insert(name.clone(), value);
        }
        Some(Value::Object(arguments))
    }

    fn ask(&self, plan: &mut Plan, tool: &str, arguments: Value) {
        let source = self.utterance.event_id;
        if let Some(known) =
            plan.actions.iter_mut().find(|known| known.tool == tool && known.arguments == arguments)
        {
            if !known.source_event_ids.contains(&source) {
                known.source_event_ids.push(source);
            }
            return;
        }
        let said = self.sentence().shown(0, self.sentence().tokens.len());
        let reason = format!(
            "{} asked: \"{}\"",
            compose::shortened(&self.speaker.name, 200),
            compose::shortened(&said, QUOTE_BYTES)
        );
        plan.actions.push(ProposedAction {
            tool: tool.to_owned(),
            arguments,
            reason,
            source_event_ids: vec![source],
        });
    }
}
