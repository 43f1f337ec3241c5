//! What is played, and when.

use super::decision::{CONCEALED, Last, Next, Step, decide};
use super::{Frame, Playing, Receiver};
use crate::sound::ticks::{self, MILLISECOND, SECOND};
use std::time::Instant;

/// A caller that comes this much too late is not given everything that he missed.
const ASLEEP: i64 = 500 * MILLISECOND;
/// The delay may be too long by this much before sound is made shorter; less is left to the resampler.
const TOO_LONG: i64 = 5 * MILLISECOND;
/// It may be too short by this much before sound is made longer.
const TOO_SHORT: i64 = -4 * MILLISECOND;
/// Beyond this, any place is good enough to be cut.
const FAR: i64 = 60 * MILLISECOND;
/// Sound between two changes of its length.
const REST: i64 = 60 * MILLISECOND;
/// The resampler takes this many seconds for what the delay is off.
const SLOW: f64 = 10.0;
/// It is made faster or slower by this much at most: less than a hundredth of a semitone.
const GENTLE_PPM: f64 = 500.0;
/// A fade after silence.
const FADE: i64 = 5 * MILLISECOND;

impl Receiver {
    /// The frame that is due at `now`; `None` when it is not yet, or while there is nothing to play: before
    /// the first packet, and when the sender is silent, muted or away. A caller that comes late calls again
    /// until there is none.
    pub fn pull(&mut self, now: Instant) -> Option<Frame> {
        let epoch = self.epoch?;
        let now = ticks::between(epoch, now);
        let mut playing = self.playing.take()?;
        if now < playing.due {
            self.playing = Some(playing);
            return None;
        }
        if now - playing.due > ASLEEP {
            playing.due = now;
        }
        self.catch_up(&mut playing);
        self.steer(&playing);
        let concealed = self.counts.concealed;
        if !self.fill(&mut playing) {
            // What is left was faded out before.
            self.pcm.clear();
            self.heard_until = self.heard_until.max(playing.position - playing.made);
            return None;
        }
        let due = ticks::after(epoch, playing.due);
        playing.due += ticks::of(self.options.frame);
        self.playing = Some(playing);
        self.counts.played += ticks::of(self.options.frame);
        let concealed = ticks::duration(self.counts.concealed - concealed).min(self.options.frame);
        Some(Frame { samples: self.take()?, due, concealed })
    }

    /// Decodes until there is enough for a frame; false when the sound has ended.
    fn fill(&mut self, playing: &mut Playing) -> bool {
        while self.pcm.len() < self.resampler.needed() {
            playing.excess = self.excess(playing);
            let next = self.store.first().map(|(timestamp, packet)| Next {
                gap: timestamp - playing.position,
                sequence: packet.sequence,
                redundant: packet.shape.redundant,
            });
            let Playing { sequence, silent, length, made, .. } = *playing;
            match decide(Last { sequence, silent, length, made }, next) {
                Step::Decode => self.decode(playing),
                Step::Recover(gap) => self.recover(playing, gap),
                Step::Conceal(piece) => {
                    self.counts.concealed += piece;
                    playing.starved |= next.is_none();
                    self.make_up(playing, piece);
                }
                Step::Comfort(piece) => {
                    playing.starved |= next.is_none();
                    self.comfort(playing, piece);
                }
                Step::Stop => return false,
            }
        }
        true
    }

    fn decode(&mut self, playing: &mut Playing) {
        let Some((timestamp, packet)) = self.store.take_first() else { return };
        let decoded = self.decoder.decode(&packet.payload, &mut self.scratch);
        let Ok(samples) = decoded else {
            self.counts.malformed += 1;
            return;
        };
        self.counts.decoded += 1;
        self.counts.red_recovered += u64::from(packet.copy);
        self.append(playing, samples);
        playing.position = timestamp + packet.shape.ticks;
        playing.sequence = Some(packet.sequence);
        playing.silent = packet.shape.silent;
        playing.length = packet.shape.ticks;
        playing.made = 0;
        playing.starved = false;
        self.heard_until = playing.position;
        self.counts.late += self.store.drop_before(playing.position);
        self.stretch(playing);
    }

    fn recover(&mut self, playing: &mut Playing, gap: i64) {
        let width = self.format.width();
        let length = self.format.samples(gap) * width;
        let Some((_, next)) = self.store.first() else { return };
        let Some(room) = self.scratch.get_mut(..length) else { return };
        if self.decoder.recover(&next.payload, room).is_err() {
            room.fill(0);
        }
        self.counts.fec_recovered += 1;
        self.append(playing, length / width);
        playing.position += gap;
        playing.made = 0;
        self.heard_until = playing.position;
    }

    fn make_up(&mut self, playing: &mut Playing, piece: i64) {
        let width = self.format.width();
        let length = self.format.samples(piece) * width;
        let Some(room) = self.scratch.get_mut(..length) else { return };
        if self.decoder.conceal(room).is_err() {
            room.fill(0);
        }
        // The second half of what may be made up fades out.
        let (format, made) = (self.format, playing.made);
        let silent = playing.silent;
        let gain = move |index: usize| {
            let left = (CONCEALED - made - format.ticks(index)) as f32 / (CONCEALED / 2) as f32;
            if silent { 1.0 } else { left.clamp(0.0, 1.0) }
        };
        self.pcm.push(room, gain);
        playing.position += piece;
        playing.made += piece;
        playing.unstretched += piece;
    }

    /// Background in the sender's silence. Its length is free, so the delay is set right here at once.
    fn comfort(&mut self, playing: &mut Playing, piece: i64) {
        let excess = playing.excess;
        if excess >= piece {
            playing.position += piece;
            playing.made += piece;
            return;
        }
        self.counts.comfort += piece;
        if playing.silent {
            self.make_up(playing, piece);
        } else {
            // A sender that gives no sign of comfort noise is heard as nothing.
            let length = self.format.samples(piece) * self.format.width();
            let Some(room) = self.scratch.get_mut(..length) else { return };
            room.fill(0);
            self.pcm.push(room, |_| 0.0);
            playing.position += piece;
            playing.made += piece;
        }
        if excess <= -piece {
            playing.position -= piece;
        }
    }

    /// Adds what was decoded; after a fade-out it is faded in.
    fn append(&mut self, playing: &Playing, samples: usize) {
        let (format, fresh) = (self.format, playing.sequence.is_none() || playing.made > CONCEALED / 2);
        let gain = move |index: usize| {
            if fresh { (format.ticks(index) as f32 / FADE as f32).min(1.0) } else { 1.0 }
        };
        let decoded = self.scratch.get(..samples * self.format.width()).unwrap_or_default();
        self.pcm.push(decoded, gain);
    }

    /// Sound that is later than the longest delay is passed over.
    fn catch_up(&mut self, playing: &mut Playing) {
        let longest = ticks::of(self.options.max_delay) + ticks::PACKET;
        let Some(delay) = self.delay(playing) else { return };
        if delay <= longest {
            return;
        }
        let skipped = delay - self.wanted();
        playing.position += skipped;
        playing.starved = false;
        self.counts.skipped += skipped;
        self.heard_until = playing.position;
        self.store.drop_before(playing.position);
    }

    /// By how much the delay is too long, or too short where it is negative.
    fn excess(&self, playing: &Playing) -> i64 {
        self.delay(playing).map_or(0, |delay| delay - self.wanted())
    }

    /// Changes the length of what waits, when the delay is off by more than the resampler can mend.
    fn stretch(&mut self, playing: &mut Playing) {
        playing.unstretched += playing.length;
        let excess = playing.excess;
        let bearable = (TOO_SHORT..=TOO_LONG).contains(&excess);
        if bearable || (playing.unstretched < REST && excess.abs() < FAR) {
            return;
        }
        if excess > 0 {
            let most = self.format.samples(excess);
            let removed = self.format.ticks(self.pcm.shorten(most, excess > FAR));
            self.counts.removed += removed;
            if removed > 0 {
                playing.unstretched = 0;
            }
        } else {
            let added = self.format.ticks(self.pcm.lengthen(excess < -FAR));
            self.counts.inserted += added;
            if added > 0 {
                playing.unstretched = 0;
            }
        }
    }

    /// Sets the resampler to the difference of the clocks, and a little beyond while the delay is off.
    fn steer(&mut self, playing: &Playing) {
        let correction = playing.excess as f64 / SECOND as f64 / SLOW * 1e6;
        self.resampler.adjust(self.drift.ppm() + correction.clamp(-GENTLE_PPM, GENTLE_PPM));
    }

    fn take(&mut self) -> Option<Vec<i16>> {
        let needed = self.resampler.needed();
        let samples = self.resampler.process(self.pcm.waiting()).ok()?;
        let pcm = samples.iter().map(|sample| (sample * 32_768.0).round() as i16).collect();
        self.pcm.consume(needed);
        Some(pcm)
    }
}
