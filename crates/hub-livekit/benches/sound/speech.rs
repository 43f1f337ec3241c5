//! What is said.

use std::path::{Path, PathBuf};

/// Samples a second of the recordings.
pub const RATE: u32 = 24_000;

/// Recordings, by name.
pub struct Speech {
    pub recordings: Vec<(String, Vec<i16>)>,
    folder: Option<PathBuf>,
}

impl Speech {
    pub fn find() -> Self {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let named = std::env::var_os("HUB_TEST_DATA").map(PathBuf::from);
        let folder = named.unwrap_or_else(|| workspace.join("../shared/data")).join("audio");
        let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
            .map(|files| files.filter_map(|file| Some(file.ok()?.path())).collect())
            .unwrap_or_default();
        files.sort();
        let recordings = files.iter().filter_map(|file| {
            let name = file.file_stem()?.to_str()?.to_owned();
            Some((name, samples(&std::fs::read(file).ok()?)?))
        });
        let recordings: Vec<_> = recordings.collect();
        if recordings.is_empty() {
            let voice = ("made-up voice".to_owned(), made_up());
            return Self { recordings: vec![voice], folder: None };
        }
        Self { recordings, folder: Some(folder) }
    }

    /// Another sound in place of speech.
    #[allow(dead_code, reason = "one of two benchmarks uses it")]
    pub fn of(name: &str, samples: Vec<i16>) -> Self {
        Self { recordings: vec![(name.to_owned(), samples)], folder: None }
    }

    pub fn note(&self) -> String {
        let names: Vec<&str> = self.recordings.iter().map(|(name, _)| name.as_str()).collect();
        match &self.folder {
            Some(_) => format!("Speech is {}, 24 kHz, mono, repeated.", names.join(" and ")),
            None => "There were no recordings: speech is a made-up voice.".to_owned(),
        }
    }

    /// So many seconds of all of it in turn.
    pub fn seconds(&self, seconds: u32) -> Vec<i16> {
        let all = self.recordings.iter().flat_map(|(_, samples)| samples).copied();
        let all: Vec<i16> = all.collect();
        all.iter().cycle().take((seconds * RATE) as usize).copied().collect()
    }
}

/// PCM of a WAV file of 24 kHz, mono, 16 bit; of another there is none.
fn samples(file: &[u8]) -> Option<Vec<i16>> {
    let word = |at: usize| Some(u32::from_le_bytes(file.get(at..at + 4)?.try_into().ok()?));
    let (mut at, mut right) = (12, false);
    loop {
        let (kind, length) = (file.get(at..at + 4)?, word(at + 4)? as usize);
        let content = file.get(at + 8..(at + 8 + length).min(file.len()))?;
        match kind {
            b"fmt " => right = content.starts_with(&[1, 0, 1, 0]) && word(at + 12)? == RATE,
            b"data" if right => {
                return Some(
                    content.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect(),
                );
            }
            _ => {}
        }
        at += 8 + length + length % 2;
    }
}

/// Harmonics of a pitch that glides, in syllables.
fn made_up() -> Vec<i16> {
    let mut turn = 0.0_f64;
    let one = |index: u32| {
        let second = f64::from(index) / f64::from(RATE);
        turn += (120.0 + 30.0 * (second * 2.1).sin()) / f64::from(RATE);
        let voice: f64 = (1..20)
            .map(|harmonic| (turn * std::f64::consts::TAU * f64::from(harmonic)).sin() / f64::from(harmonic))
            .sum();
        (voice * 6_000.0 * (second * 11.0).sin().max(0.0)) as i16
    };
    (0..4 * RATE).map(one).collect()
}
