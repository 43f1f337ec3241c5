//! Speech and typed text, made ready for templates: words are split and compared in one form, but
//! shown as they were said. Transcripts carry marks, fillers, repetitions and false starts; those
//! go, so that templates can be written for what people meant to say.

use super::vocabulary::Vocabulary;
use unicode_normalization::UnicodeNormalization;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word or a number.
    Word,
    /// A pause: comma, colon, dash or bracket.
    Pause,
    /// A double quotation mark.
    Quote,
}

/// A word or a mark of punctuation.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// As it is shown.
    pub(super) text: String,
    /// As it is compared: lower case, contractions spelt out.
    pub(super) norm: String,
    /// Written without a space before it.
    pub(super) glued: bool,
    /// What it is.
    pub(super) kind: Kind,
}

impl Token {
    /// Whether it starts with a capital letter.
    pub(super) fn is_capital(&self) -> bool {
        self.text.chars().next().is_some_and(char::is_uppercase)
    }
}

/// A sentence, or a piece of one that was broken off.
#[derive(Debug, Clone, Default)]
pub(super) struct Sentence {
    /// Its words and pauses.
    pub(super) tokens: Vec<Token>,
    /// It asks.
    pub(super) question: bool,
    /// The text ended without a mark of punctuation.
    pub(super) open_ended: bool,
    /// Some word starts with a capital letter; without any, names are not expected to.
    pub(super) capitals: bool,
    /// The speaker broke off, or could not be heard: its last words are not trusted.
    pub(super) broken: bool,
}

impl Sentence {
    /// The tokens from `start` up to `end`, as they were said.
    pub(super) fn shown(&self, start: usize, end: usize) -> String {
        let mut out = String::new();
        for token in self.tokens.get(start..end).unwrap_or_default() {
            if !(out.is_empty() || token.glued) {
                out.push(' ');
            }
            out.push_str(&token.text);
        }
        out
    }

    /// The comparable form at a position; empty behind the end.
    pub(super) fn norm(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.norm.as_str())
    }
}

/// Splits text into sentences ready for matching. Linear in the length of the text.
pub(super) fn sentences(text: &str, words: &Vocabulary) -> Vec<Sentence> {
    let mut reader = Reader { words, done: Vec::new(), open: Sentence::default() };
    let plain: String = text.nfc().filter(|c| !is_invisible(*c)).map(plain_mark).collect();
    for chunk in plain.replace(['\u{2014}', '\u{2013}'], " - ").split_whitespace() {
        reader.chunk(chunk);
    }
    reader.open.open_ended = true;
    reader.close(false, false);
    reader.done
}

/// Control, zero-width and direction marks: they hide in text and separate nothing.
fn is_invisible(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

fn plain_mark(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{2bc}' | '`' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{ab}' | '\u{bb}' => '"',
        other => other,
    }
}

struct Reader<'a> {
    words: &'a Vocabulary,
    done: Vec<Sentence>,
    open: Sentence,
}

impl Reader<'_> {
    fn chunk(&mut self, chunk: &str) {
        if let Some(mark) = chunk.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'))
            && mark.chars().all(|c| c.is_alphanumeric() || c == '_')
        {
            if self.words.has("break_mark", mark) {
                self.close(false, true);
            }
            return;
        }
        let body = chunk.trim_start_matches(['"', '(', '[', '*', '-', '<', '>']);
        let lead = chunk.get(..chunk.len() - body.len()).unwrap_or_default();
        self.marks(lead, "");
        // A suffix that stands alone, as in "it 's", keeps its apostrophe.
        let core = body.trim_end_matches(|c: char| {
            matches!(
                c,
                '.' | ',' | '!' | '?' | ';' | ':' | ')' | ']' | '"' | '*' | '-' | '\u{2026}' | '<' | '>'
            )
        });
        let tail = body.get(core.len()..).unwrap_or_default();
        self.word(core);
        self.marks(tail, core);
    }

    fn marks(&mut self, marks: &str, after: &str) {
        for mark in marks.chars() {
            match mark {
                // "St. Mary's" keeps its stop.
                '.' if self.is_abbreviation(after) && marks.len() == 1 => {
                    if let Some(word) = self.open.tokens.last_mut() {
                        word.text.push('.');
                    }
                }
                '.' | '!' | ';' | '\u{2026}' => self.close(false, false),
                '?' => self.close(true, false),
                '"' => self.push(mark.to_string(), mark.to_string(), true, Kind::Quote),
                _ => self.pause(if mark == ':' { ":" } else { "," }),
            }
        }
    }

    fn is_abbreviation(&self, word: &str) -> bool {
        let lower = word.to_lowercase();
        word.contains('.') || self.words.has("abbreviation", &lower)
    }

    fn pause(&mut self, mark: &str) {
        // Fillers between commas leave two of them; one pause is enough.
        if self.open.tokens.last().is_some_and(|last| last.kind != Kind::Pause) {
            self.push(mark.to_owned(), mark.to_owned(), true, Kind::Pause);
        }
    }

    fn word(&mut self, core: &str) {
        let core = joined_letters(core);
        if core.is_empty() || core.chars().all(|c| c == '\'') {
            return;
        }
        let lower = core.to_lowercase();
        if self.words.has("filler", &lower) {
            return;
        }
        if let Some((text, norm, suffix, meaning)) = self.contraction(&core, &lower) {
            if !text.is_empty() {
                self.push(text, norm, false, Kind::Word);
            }
            return self.push(suffix, meaning, true, Kind::Word);
        }
        if let Some((digits, letters)) = unit_behind_digits(&core) {
            self.push(digits.to_owned(), digits.to_owned(), false, Kind::Word);
            return self.push(letters.to_owned(), dotless(&letters.to_lowercase()), true, Kind::Word);
        }
        let norm = self.spelled(dotless(&lower));
        self.push(core, norm, false, Kind::Word);
    }

    /// Splits "don't" into "do" and "n't", read as "not".
    fn contraction(&self, core: &str, lower: &str) -> Option<(String, String, String, String)> {
        let (at, meaning) = self.words.contraction(lower)?;
        // Lower case may differ in length from what was written; then it is left alone.
        let (head, suffix) = (core.get(..at)?, core.get(at..)?);
        let norm = self.spelled(lower.get(..at)?.to_owned());
        Some((head.to_owned(), norm, suffix.to_owned(), meaning.to_owned()))
    }

    fn spelled(&self, norm: String) -> String {
        self.words.value("spelling", &norm).map_or(norm, str::to_owned)
    }

    fn push(&mut self, text: String, norm: String, glued: bool, kind: Kind) {
        let (tokens, words) = (&mut self.open.tokens, self.words);
        if kind == Kind::Word && is_false_start(tokens, &norm, self.words) {
            tokens.pop();
        }
        // "an a soft material": the first article was a slip.
        let slip = |last: &Token| words.has("article", &last.norm) && words.has("article", &norm);
        if kind == Kind::Word && tokens.last().is_some_and(slip) {
            tokens.pop();
        }
        if kind == Kind::Word && starts_again(tokens, &norm, self.words) {
            tokens.truncate(tokens.len().saturating_sub(2));
        }
        tokens.push(Token { text, norm, glued, kind });
        let again = (1..=3).find(|length| repeats(tokens, *length));
        if let Some(length) = again {
            tokens.truncate(tokens.len() - length);
        } else if let Some(at) = restart(tokens, self.words) {
            tokens.remove(at);
        }
    }

    fn close(&mut self, question: bool, broken: bool) {
        let mut sentence = std::mem::take(&mut self.open);
        if sentence.tokens.is_empty() {
            // "Really ? !" and a mark behind a full stop close nothing.
            return;
        }
        sentence.question = question;
        sentence.capitals = sentence.tokens.iter().any(|token| token.is_capital() && token.norm != "i");
        sentence.broken = broken;
        self.done.push(sentence);
    }
}

/// Whether the last word is the beginning of this one, as in "th the", or of one that never came, as
/// in "I l I like".
fn is_false_start(tokens: &[Token], norm: &str, words: &Vocabulary) -> bool {
    let Some((last, before)) = tokens.split_last() else { return false };
    let restarts = last.norm.chars().count() == 1
        && !words.has("function", &last.norm)
        && before.last().is_some_and(|word| word.kind == Kind::Word && word.norm == norm);
    last.kind == Kind::Word && !last.glued && (restarts || words.is_fragment(&last.norm, norm))
}

/// Where a word stands that was said again with its article: "manual a manual".
fn restart(tokens: &[Token], words: &Vocabulary) -> Option<usize> {
    let [.., first, article, again] = tokens else { return None };
    let same = again.kind == Kind::Word && first.norm == again.norm && words.has("article", &article.norm);
    (same && !words.has("function", &again.norm)).then_some(tokens.len() - 3)
}

/// Whether a small word is said again behind a pause, as in "my , my new bike".
fn starts_again(tokens: &[Token], norm: &str, words: &Vocabulary) -> bool {
    matches!(tokens, [.., word, pause] if pause.kind == Kind::Pause && word.norm == norm && words.has("function", norm))
}

/// Whether the last `length` words say again what the words before them said.
fn repeats(tokens: &[Token], length: usize) -> bool {
    let Some(start) = tokens.len().checked_sub(length * 2) else {
        return false;
    };
    let (Some(old), Some(new)) = (tokens.get(start..start + length), tokens.get(start + length..)) else {
        return false;
    };
    old.iter().zip(new).all(|(a, b)| {
        a.kind == Kind::Word
            && b.kind == Kind::Word
            && a.norm == b.norm
            && a.norm.chars().all(char::is_alphabetic)
    })
}

/// Transcripts spell letters as `L_C_D_`; people write "LCD".
fn joined_letters(core: &str) -> String {
    let spelt = core.contains('_') && core.split('_').all(|part| part.chars().count() <= 2);
    if spelt { core.replace('_', "") } else { core.to_owned() }
}

/// "p.m" and "a.m" are compared without their dots; "example.com" keeps them.
fn dotless(lower: &str) -> String {
    let spelt = lower.contains('.')
        && lower.split('.').all(|part| part.chars().count() <= 1 && !part.chars().any(char::is_numeric));
    if spelt { lower.replace('.', "") } else { lower.to_owned() }
}

/// Splits "5pm" and "3rd" behind the digits.
fn unit_behind_digits(core: &str) -> Option<(&str, &str)> {
    let at = core.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.'))?;
    let (digits, letters) = core.split_at_checked(at)?;
    let split = digits.starts_with(|c: char| c.is_ascii_digit())
        && !digits.ends_with([':', '.'])
        && letters.len() <= 4
        && letters.chars().all(|c| c.is_alphabetic() || c == '.');
    split.then_some((digits, letters))
}
