//! Sound that waits to be sent, and how far it is.

use super::QUIET;
use crate::sound::ticks::{self, MILLISECOND};
use crate::sound::{Format, QueueFull};
use std::collections::VecDeque;
use std::time::Duration;

/// A fade.
const FADE: i64 = 5 * MILLISECOND;

/// How far the sound is, in samples a channel. Always `played == pushed - queued - discarded`, and none but
/// `queued` ever falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    /// All that was ever pushed.
    pub pushed: u64,
    /// What waits.
    pub queued: u64,
    /// What was thrown away by a clear.
    pub discarded: u64,
    /// What went into payloads.
    pub played: u64,
}

/// What a push did, in samples a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pushed {
    /// All that was ever pushed: when [`Position::played`] and [`Position::discarded`] together reach this,
    /// nothing of it waits any more.
    pub position: u64,
    /// What waits now.
    pub queued: u64,
}

/// The queue. Lengths are samples a channel.
#[derive(Debug)]
pub(super) struct Queue {
    format: Format,
    limit: usize,
    samples: VecDeque<i16>,
    position: Position,
    /// The end of what was played last, interleaved.
    last: Vec<i16>,
    /// A clear, of which no packet has told yet.
    cleared: bool,
    /// What waits does not begin with the begin of a sound.
    torn: bool,
}

impl Queue {
    pub(super) fn new(format: Format, limit: Duration) -> Self {
        Self {
            format,
            limit: format.samples(ticks::of(limit)),
            samples: VecDeque::new(),
            position: Position::default(),
            last: Vec::new(),
            cleared: false,
            torn: false,
        }
    }

    /// Whole samples that wait.
    pub(super) fn len(&self) -> usize {
        self.samples.len() / self.format.width()
    }

    pub(super) fn push(&mut self, samples: &[i16]) -> Result<Pushed, QueueFull> {
        let width = self.format.width();
        let (queued, after) = (self.len(), (self.samples.len() + samples.len()) / width);
        if after > self.limit {
            let refused = (after - queued) as u64;
            return Err(QueueFull { queued: queued as u64, limit: self.limit as u64, refused });
        }
        self.samples.extend(samples);
        self.position.pushed += (after - queued) as u64;
        Ok(Pushed { position: self.position.pushed, queued: after as u64 })
    }

    pub(super) fn position(&self) -> Position {
        Position { queued: self.len() as u64, ..self.position }
    }

    pub(super) fn clear(&mut self) {
        self.position.discarded += self.len() as u64;
        self.samples.clear();
        self.cleared = true;
        self.torn = false;
    }

    /// There was a clear since the last packet of silence.
    pub(super) fn was_cleared(&self) -> bool {
        self.cleared
    }

    /// What waits was cut off in the middle.
    pub(super) fn is_torn(&self) -> bool {
        self.torn
    }

    /// A packet was made, with `sound` in it or without; sound has `ended` in it, or just before. What ends loud
    /// was most likely not over, and what comes next is the rest of it, too late.
    pub(super) fn settle(&mut self, paused: bool, sound: bool, ended: bool) {
        let broke_off =
            ended && !self.cleared && self.last.iter().any(|sample| sample.unsigned_abs() > QUIET);
        self.cleared = false;
        self.torn = paused || broke_off || self.torn && !sound;
    }

    /// Moves as much as there is, at most a frame, and tells how much.
    pub(super) fn take(&mut self, frame: &mut [i16]) -> usize {
        let taken = self.samples.len().min(frame.len()) / self.format.width() * self.format.width();
        for (place, sample) in frame.iter_mut().zip(self.samples.drain(..taken)) {
            *place = sample;
        }
        if taken > 0 {
            let fade = self.format.samples(FADE) * self.format.width();
            self.last.clear();
            self.last.extend(frame.iter().take(taken).skip(taken.saturating_sub(fade)));
        }
        let samples = taken / self.format.width();
        self.position.played += samples as u64;
        samples
    }

    /// The last 5 ms that were played.
    pub(super) fn last_played(&self) -> &[i16] {
        &self.last
    }

    /// The same, where something was `taken` of which this is the end.
    pub(super) fn fading(&self, taken: usize) -> &[i16] {
        if taken > 0 { &self.last } else { &[] }
    }
}

/// Adds to a frame, from `begin` on, `played` turned round and fading: a cut without a jump.
pub(super) fn fade_out(frame: &mut [i16], begin: usize, played: &[i16], width: usize) {
    let steps = (played.len() / width) as i32;
    let turned = played.chunks_exact(width).rev().zip(0..).flat_map(|(samples, step)| {
        samples.iter().map(move |&sample| (i32::from(sample) * (steps - step) / steps.max(1)) as i16)
    });
    for (place, sample) in frame.iter_mut().skip(begin).zip(turned) {
        *place = place.saturating_add(sample);
    }
}

/// Lets sound that was cut in the middle begin softly.
pub(super) fn fade_in(frame: &mut [i16], width: usize) {
    let steps = (frame.len() / width / 4).max(1) as i32;
    for (step, samples) in (0..steps).zip(frame.chunks_exact_mut(width)) {
        for sample in samples {
            *sample = (i32::from(*sample) * step / steps) as i16;
        }
    }
}
