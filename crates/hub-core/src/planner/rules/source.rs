//! Reads rule files. `docs/RULES.md` describes the format.

use super::template::{self, SlotKind, Step, Template};
use super::vocabulary::{Phrase, Vocabulary};
use crate::{Error, Result};
use std::collections::BTreeMap;

/// UTF-8 bytes of one rule file.
const FILE_BYTES: usize = 1024 * 1024;

/// Steps of all templates of a language together; the shipped English rules have about a hundredth of that.
const STEPS: usize = 1_000_000;

/// Lists that say how words are written; they are read as they stand.
const WRITING: &[&str] = &["contraction", "spelling", "filler", "break_mark", "abbreviation", "vowel"];

/// One rule file.
#[derive(Debug, Clone)]
pub struct RuleSource {
    /// What errors call it, such as its path.
    pub name: String,
    /// What is in it; at most 1 MiB.
    pub text: String,
}

/// Whom a fact is about.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum About {
    Speaker,
    Slot(String),
    Nobody,
}

/// What a rule is for.
#[derive(Debug, Clone)]
pub(super) enum Purpose {
    /// A memory.
    Fact { predicate: String, content: String, about: About, confidence: f64 },
    /// An action: its tool and the patterns of its arguments.
    Request { tool: String, arguments: Vec<(String, String)> },
    /// A piece of a point in time.
    Moment { fields: Vec<(String, String)> },
    /// Nothing: what matches is passed over.
    Ignore,
}

/// One rule: it applies when any of its templates match.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) purpose: Purpose,
    pub(super) templates: Vec<Template>,
    /// Lists of which no word may be in the sentence near the match.
    pub(super) unless: Vec<String>,
    /// Lists of which no word may be in the match itself.
    pub(super) without: Vec<String>,
    /// The match may not run up to the end of a text that ends without a mark: in transcripts, the
    /// speaker was cut off there.
    pub(super) closed: bool,
}

/// Everything that the files of a language say.
#[derive(Debug, Clone, Default)]
pub(super) struct Language {
    pub(super) words: Vocabulary,
    pub(super) rules: Vec<Rule>,
}

/// A block: a line at the margin, and the indented lines under it.
struct Block<'a> {
    file: &'a str,
    line: usize,
    head: &'a str,
    body: Vec<(usize, &'a str)>,
}

impl Block<'_> {
    fn error(&self, line: usize, message: &str) -> Error {
        Error::invalid("malformed_rules", format!("{}:{line}: {message}", self.file)).field("rules")
    }
}

/// Reads all files of a language. Lists and parts may be used in any file, whichever defines them.
pub(super) fn read(sources: &[RuleSource]) -> Result<Language> {
    let mut blocks = Vec::new();
    for source in sources {
        if source.text.len() > FILE_BYTES {
            let message = format!("{}: the file is too long", source.name);
            return Err(Error::limit("rules_too_long", message, format!("{FILE_BYTES} bytes")).field("rules"));
        }
        blocks.extend(split(source)?);
    }
    let (mut language, mut parts) = (Language::default(), BTreeMap::new());
    // How words are written comes first: the other lists are read with it.
    for writing in [true, false] {
        for block in &blocks {
            if let Some(("list", name)) = block.head.split_once(' ')
                && WRITING.contains(&name.trim()) == writing
            {
                list(block, name.trim(), &mut language.words)?;
            }
        }
    }
    for block in &blocks {
        if let Some(("part", name)) = block.head.split_once(' ') {
            part(block, name.trim(), &mut parts)?;
        }
    }
    let mut steps = 0;
    for block in &blocks {
        let purpose = match block
            .head
            .split_once(' ')
            .map_or((block.head, ""), |(kind, name)| (kind, name.trim()))
        {
            ("list" | "part", name) if !name.is_empty() => continue,
            ("fact", name) if is_name(name, "_") => Purpose::Fact {
                predicate: name.to_owned(),
                content: String::new(),
                about: About::Speaker,
                confidence: 0.8,
            },
            ("request", name) if is_name(name, "_.-") => {
                Purpose::Request { tool: name.to_owned(), arguments: Vec::new() }
            }
            ("moment", "") => Purpose::Moment { fields: Vec::new() },
            ("ignore", "") => Purpose::Ignore,
            _ => {
                let message = "a block starts with `list NAME`, `part NAME`, `fact NAME`, `request TOOL`, `moment` or `ignore`";
                return Err(block.error(block.line, message));
            }
        };
        let rule = rule(block, purpose, &parts, &language.words, STEPS.saturating_sub(steps))?;
        steps += steps_of(&rule.templates);
        language.rules.push(rule);
    }
    Ok(language)
}

fn is_name(name: &str, marks: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || marks.contains(c))
}

fn split(source: &RuleSource) -> Result<Vec<Block<'_>>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    for (index, text) in source.text.lines().enumerate() {
        let line = index + 1;
        let content = text.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        if !text.starts_with(char::is_whitespace) {
            blocks.push(Block { file: &source.name, line, head: content, body: Vec::new() });
        } else if let Some(block) = blocks.last_mut() {
            block.body.push((line, content));
        } else {
            let message = format!("{}:{line}: an indented line belongs under a block", source.name);
            return Err(Error::invalid("malformed_rules", message).field("rules"));
        }
    }
    Ok(blocks)
}

fn list(block: &Block<'_>, name: &str, vocabulary: &mut Vocabulary) -> Result<()> {
    for (line, text) in &block.body {
        let (phrases, value) =
            text.split_once("=>").map_or((*text, None), |(phrases, value)| (phrases, Some(value.trim())));
        for phrase in phrases.split('|') {
            let words = phrase.split_whitespace();
            let words: Vec<String> = if WRITING.contains(&name) {
                words.map(str::to_lowercase).collect()
            } else {
                words.flat_map(|word| vocabulary.compared(word)).collect()
            };
            if words.is_empty() {
                return Err(block.error(*line, "a phrase of the list is empty"));
            }
            vocabulary.list_mut(name).add(Phrase { words, value: value.map(str::to_owned) });
        }
    }
    Ok(())
}

fn part(block: &Block<'_>, name: &str, parts: &mut BTreeMap<String, String>) -> Result<()> {
    let ways: Vec<&str> = block.body.iter().map(|(_, text)| *text).collect();
    if ways.is_empty() {
        return Err(block.error(block.line, "the part is empty"));
    }
    if parts.insert(name.to_owned(), ways.join("|")).is_some() {
        return Err(block.error(block.line, &format!("`{name}` is a part already")));
    }
    Ok(())
}

fn rule(
    block: &Block<'_>,
    mut purpose: Purpose,
    parts: &BTreeMap<String, String>,
    words: &Vocabulary,
    steps_left: usize,
) -> Result<Rule> {
    let (mut templates, mut unless, mut without) = (Vec::new(), Vec::new(), Vec::new());
    let mut closed = false;
    for (line, text) in &block.body {
        let Some((key, value)) = text.split_once(':').map(|(key, value)| (key.trim(), value.trim())) else {
            return Err(block.error(*line, "a line of a rule is `key: value`"));
        };
        let at = |message: String| block.error(*line, &message);
        match (key, &mut purpose) {
            ("hear", _) => {
                templates.push(template::compile(value, parts, words).map_err(at)?);
                if steps_of(&templates) > steps_left {
                    return Err(at(format!("the rules together need more than {STEPS} steps")));
                }
            }
            ("unless", _) if words.list(value).is_some() => unless.push(value.to_owned()),
            ("without", _) if words.list(value).is_some() => without.push(value.to_owned()),
            ("unless" | "without", _) => return Err(at(format!("no list is called `{value}`"))),
            ("closed", _) if matches!(value, "yes" | "no") => closed = value == "yes",
            ("content", Purpose::Fact { content, .. }) => value.clone_into(content),
            ("about", Purpose::Fact { about, .. }) => {
                *about = match value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                    Some(slot) => About::Slot(slot.to_owned()),
                    None if value == "speaker" => About::Speaker,
                    None if value == "nobody" => About::Nobody,
                    None => return Err(at("`about` is `speaker`, `nobody` or a slot".to_owned())),
                };
            }
            ("confidence", Purpose::Fact { confidence, .. }) => {
                *confidence = value
                    .parse()
                    .ok()
                    .filter(|number| (0.0..=1.0).contains(number))
                    .ok_or_else(|| at("`confidence` is a number from 0 to 1".to_owned()))?;
            }
            (name, Purpose::Request { arguments, .. }) => arguments.push((name.to_owned(), value.to_owned())),
            (name, Purpose::Moment { fields }) if super::moment::FIELDS.contains(&name) => {
                fields.push((name.to_owned(), value.to_owned()));
            }
            _ => return Err(at(format!("`{key}` is not known in this block"))),
        }
    }
    let rule = Rule { purpose, templates, unless, without, closed };
    check(&rule).map_err(|message| block.error(block.line, &message))?;
    Ok(rule)
}

fn steps_of(templates: &[Template]) -> usize {
    templates.iter().map(|template| template.steps.len()).sum()
}

/// What a rule says must come from slots that each of its templates has.
fn check(rule: &Rule) -> Result<(), String> {
    if rule.templates.is_empty() {
        return Err("the rule hears nothing: it needs a line `hear: …`".to_owned());
    }
    let used: Vec<String> = match &rule.purpose {
        Purpose::Fact { content, about, .. } => {
            if content.is_empty() {
                return Err("the fact needs a line `content: …`".to_owned());
            }
            let slot = if let About::Slot(slot) = about { Some(slot.clone()) } else { None };
            super::compose::slots(content).into_iter().chain(slot).collect()
        }
        Purpose::Request { arguments, .. } => {
            arguments.iter().flat_map(|(_, value)| super::compose::slots(value)).collect()
        }
        Purpose::Moment { fields } => {
            let steps = rule.templates.iter().flat_map(|template| &template.steps);
            let in_time =
                |step: &Step| matches!(step, Step::Slot { kind: SlotKind::When | SlotKind::Date, .. });
            if steps.into_iter().any(in_time) {
                return Err("a moment is not made of moments: several in a row are one anyway".to_owned());
            }
            fields.iter().flat_map(|(_, value)| super::compose::slots(value)).collect()
        }
        Purpose::Ignore => Vec::new(),
    };
    for slot in used {
        if slot != "speaker" && !rule.templates.iter().all(|template| template.slots.contains(&slot)) {
            return Err(format!("`{{{slot}}}` is not in every template of this rule"));
        }
    }
    Ok(())
}
