//! What somebody said, as text: streams of the topic `lk.transcription`.

use super::stream::{StreamInfo, StreamOptions};
use std::collections::HashMap;

/// The topic by which LiveKit's clients know transcriptions.
pub const TRANSCRIPTION_TOPIC: &str = "lk.transcription";

const SEGMENT: &str = "lk.segment_id";
const FINAL: &str = "lk.transcription_final";
const TRACK: &str = "lk.transcribed_track_id";

/// A segment of what was said. A later one of the same id replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Transcription {
    /// The segment's id.
    pub segment: String,
    /// The sid of the track on which it was said.
    pub track: Option<String>,
    /// What was said.
    pub text: String,
    /// Nothing will change in it any more.
    pub is_final: bool,
}

impl Transcription {
    /// What a stream of the topic [`TRANSCRIPTION_TOPIC`] with that text means; `None` for other streams.
    #[must_use]
    pub fn read(info: &StreamInfo, text: &str) -> Option<Self> {
        let attribute = |name: &str| info.attributes.get(name).cloned();
        (info.topic == TRANSCRIPTION_TOPIC).then(|| Self {
            segment: attribute(SEGMENT).unwrap_or_else(|| info.id.clone()),
            track: attribute(TRACK).filter(|track| !track.is_empty()),
            text: text.to_owned(),
            is_final: attribute(FINAL).is_some_and(|said| said == "true"),
        })
    }

    pub(crate) fn options(&self, to: &[String]) -> StreamOptions {
        let mut attributes = HashMap::from([
            (SEGMENT.to_owned(), self.segment.clone()),
            (FINAL.to_owned(), self.is_final.to_string()),
        ]);
        attributes.extend(self.track.clone().map(|track| (TRACK.to_owned(), track)));
        let total_bytes = Some(self.text.len() as u64);
        StreamOptions { attributes, total_bytes, to: to.to_vec(), ..StreamOptions::new(TRANSCRIPTION_TOPIC) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let said = Transcription {
            segment: "SG_1".to_owned(),
            track: Some("TR_1".to_owned()),
            text: "good morning".to_owned(),
            is_final: true,
        };
        let options = said.options(&[]);
        let info =
            StreamInfo { topic: options.topic, attributes: options.attributes, ..StreamInfo::default() };
        assert_eq!(Transcription::read(&info, "good morning"), Some(said));
        assert_eq!(Transcription::read(&StreamInfo::default(), "good morning"), None);
    }
}
