//! Writes what is heard: a WAV for each track, for a participant and for a test.

use hub_livekit::room::AudioStream;
use hub_livekit::sound::Frame;
use hub_livekit::{RoomEvent, RoomEvents};
use std::fs::File;
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// What a room gives by default: 48 kHz, one channel, 16 bits.
const RATE: u32 = 48_000;
const HEADER: u32 = 44;
/// A WAV says its length in 32 bits; this is a little less than the most that can be said.
const LONGEST: u32 = u32::MAX - 65_536;

/// Writes each track into a file of its own until the room ends, and tells the files when it has.
pub(crate) async fn listen(events: &mut RoomEvents, folder: &Path) -> io::Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder)?;
    let mut speakers = JoinSet::new();
    while let Some(event) = events.next().await {
        match event {
            RoomEvent::TrackSubscribed { identity, track, audio } => {
                let path = folder.join(format!("{}-{}.wav", plain(&identity), plain(&track.sid)));
                speakers.spawn(record(path, audio));
            }
            RoomEvent::Closed(_) => break,
            _ => {}
        }
    }
    let written = speakers.join_all().await;
    written.into_iter().collect()
}

/// An identity is any text, and a file's name is not.
fn plain(name: &str) -> String {
    let safe = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    name.chars().map(|letter| if safe(letter) { letter } else { '_' }).collect()
}

async fn record(path: PathBuf, mut audio: AudioStream) -> io::Result<PathBuf> {
    let mut wav = Wav::create(&path)?;
    while let Some(frame) = audio.next().await {
        wav.write(&frame)?;
    }
    wav.end()?;
    Ok(path)
}

/// A file that grows.
struct Wav {
    file: BufWriter<File>,
    bytes: u32,
    /// When what was written last is played to its end.
    until: Option<Instant>,
}

impl Wav {
    fn create(path: &Path) -> io::Result<Self> {
        let mut wav = Self { file: BufWriter::new(File::create(path)?), bytes: 0, until: None };
        wav.header()?;
        Ok(wav)
    }

    /// Writes a frame, after the silence that was before it.
    fn write(&mut self, frame: &Frame) -> io::Result<()> {
        let gap = self.until.map_or(Duration::ZERO, |until| frame.due.saturating_duration_since(until));
        let missing = gap.as_micros() * u128::from(RATE) / 1_000_000;
        for _ in 0..missing {
            self.sample(0)?;
        }
        for sample in &frame.samples {
            self.sample(*sample)?;
        }
        let samples = u32::try_from(frame.samples.len()).unwrap_or(u32::MAX);
        self.until = Some(frame.due + Duration::from_secs(1) * samples / RATE);
        Ok(())
    }

    fn sample(&mut self, sample: i16) -> io::Result<()> {
        if self.bytes >= LONGEST {
            return Err(io::Error::other("a WAV holds no more"));
        }
        self.bytes += 2;
        self.file.write_all(&sample.to_le_bytes())
    }

    /// The length, which is known only now.
    fn end(mut self) -> io::Result<()> {
        self.header()?;
        self.file.flush()
    }

    fn header(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(b"RIFF")?;
        self.file.write_all(&(HEADER - 8 + self.bytes).to_le_bytes())?;
        // PCM, one channel, two bytes a sample.
        self.file.write_all(b"WAVEfmt \x10\0\0\0\x01\0\x01\0")?;
        self.file.write_all(&RATE.to_le_bytes())?;
        self.file.write_all(&(RATE * 2).to_le_bytes())?;
        self.file.write_all(b"\x02\0\x10\0data")?;
        self.file.write_all(&self.bytes.to_le_bytes())?;
        self.file.seek(SeekFrom::End(0)).map(|_| ())
    }
}
