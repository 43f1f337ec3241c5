//! Sound made shorter or longer by one period of its pitch, without changing the pitch.
//!
//! Waveform similarity overlap-add (Verhelst and Roelands, ICASSP 1993): where the sound is most like itself
//! a little later, the two places are faded into each other.

mod pcm;
mod similarity;

pub(crate) use pcm::Pcm;

/// Shortest period that is looked for, as a share of a second: 400 Hz.
const SHORTEST: u32 = 400;
/// Longest period: 15 ms.
const LONGEST: u32 = 66;
/// How alike two places must be, so that nobody hears that they were faded into each other.
const ALIKE: f32 = 0.9;
/// Mean square below which sound is so quiet that any place will do: 50 dB below full scale.
const QUIET: f32 = 1e-5;
