//! What the first bytes say that an artifact is. Pure.

use crate::{Error, Result};

/// Bytes at the beginning by which a type is told.
pub(crate) const HEAD_BYTES: usize = 8 * 1024;
/// Characters of a media type.
const TYPE_CHARS: usize = 100;
/// What nothing is known of.
const UNKNOWN: &str = "application/octet-stream";

/// What an artifact is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Media {
    pub(crate) media_type: String,
    /// Sound or moving pictures, by its bytes or by what its sender calls it.
    pub(crate) recording: bool,
}

/// Tells the type by the first bytes. What those do not say is as the sender calls it, if that is sound,
/// moving pictures, or text that is text.
pub(crate) fn tell(head: &[u8], declared: Option<&str>) -> Result<Media> {
    let declared = declared.map(plain).transpose()?;
    let declared = declared.as_deref();
    let found = infer::get(head).map(|found| found.mime_type()).or_else(|| more(head));
    let media_type = match (found, declared) {
        (Some(found), _) => found,
        (None, Some(declared)) if is_recording(declared) => declared,
        (None, Some(declared)) if is_text(head) && names_text(declared) => declared,
        (None, _) if is_text(head) && !head.is_empty() => "text/plain",
        (None, _) => UNKNOWN,
    };
    let recording = is_recording(media_type) || declared.is_some_and(is_recording);
    Ok(Media { media_type: media_type.to_owned(), recording })
}

/// Whether a type is sound or moving pictures.
pub(crate) fn is_recording(media_type: &str) -> bool {
    media_type.starts_with("audio/") || media_type.starts_with("video/") || media_type == "application/ogg"
}

/// A media type without its parameters, in lower case.
///
/// # Errors
/// `invalid` when it is none (RFC 9110, section 8.3.1).
pub(crate) fn plain(text: &str) -> Result<String> {
    let name = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let token = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
    };
    match name.split_once('/') {
        Some((kind, subtype)) if token(kind) && token(subtype) && name.len() <= TYPE_CHARS => Ok(name),
        _ => Err(Error::invalid("malformed_media_type", "not a media type such as `image/png`")
            .field("content-type")
            .at_limit(format_args!("{TYPE_CHARS} characters"))),
    }
}

/// Sound and moving pictures that the library does not know: Core Audio, Sun's, large and big-endian
/// WAVE, AC-3, frames of MPEG layer III of every rate (ISO 11172-3, section 2.4.1.3), packets of an MPEG
/// transport stream (ISO 13818-1, section 2.4.3.2); and containers of a kind that it knows, whose brand it
/// does not (EBML, ISO 14496-12).
fn more(head: &[u8]) -> Option<&'static str> {
    match head {
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Some("video/x-matroska"),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some("video/mp4"),
        [b'R', b'F', b'6', b'4', ..] | [b'R', b'I', b'F', b'X', ..] => Some("audio/x-wav"),
        [0x0b, 0x77, ..] => Some("audio/ac3"),
        [0x47, rest @ ..] if rest.get(187) == Some(&0x47) => Some("video/mp2t"),
        [b'c', b'a', b'f', b'f', ..] => Some("audio/x-caf"),
        [b'.', b's', b'n', b'd', ..] => Some("audio/basic"),
        [0xff, 0xfa | 0xfb | 0xf2 | 0xf3 | 0xe2 | 0xe3, ..] => Some("audio/mpeg"),
        _ => None,
    }
}

fn is_text(head: &[u8]) -> bool {
    // A character may be cut at the end of the head.
    let whole = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(head.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !whole
        .chars()
        .any(|character| character.is_control() && !matches!(character, '\t' | '\n' | '\r' | '\u{c}'))
}

fn names_text(media_type: &str) -> bool {
    media_type.starts_with("text/")
        || media_type.ends_with("+json")
        || media_type.ends_with("+xml")
        || matches!(media_type, "application/json" | "application/xml" | "application/yaml")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(head: &[u8], declared: &str) -> (String, bool) {
        let media = tell(head, Some(declared).filter(|declared| !declared.is_empty())).unwrap();
        (media.media_type, media.recording)
    }

    #[test]
    fn bytes_count_for_more_than_what_the_sender_says() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        let mut transport_stream = [0xff; 400];
        (transport_stream[0], transport_stream[188]) = (0x47, 0x47);
        for (head, declared, media_type, recording) in [
            (&png[..], "", "image/png", false),
            (png, "text/html", "image/png", false),
            // Whoever calls it sound is taken at his word too.
            (png, "audio/wav", "image/png", true),
            (b"RIFF\x24\0\0\0WAVEfmt ", "image/png", "audio/x-wav", true),
            (b"OggS\0\x02", "application/octet-stream", "audio/ogg", true),
            // Of the last four the library does not know the brand, or would want more of it.
            (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\x82\x84webm", "", "video/x-matroska", true),
            (b"\0\0\0\x18ftypcmfc\0\0\0\0", "image/png", "video/mp4", true),
            (b"RF64\xff\xff\xff\xffWAVEds64", "", "audio/x-wav", true),
            (&transport_stream, "image/png", "video/mp2t", true),
            (b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41", "image/png", "video/mp4", true),
            (b"ID3\x04\0", "", "audio/mpeg", true),
            (b"\xff\xfa\x90\x64", "", "audio/mpeg", true),
            (b"\xff\xe3\x90\x64", "", "audio/mpeg", true),
            (b"caff\0\x01", "", "audio/x-caf", true),
            (b".snd\0\0\0\x18", "", "audio/basic", true),
            (b"\0\x01\0\x02\xff\xff", "audio/L16;rate=16000", "audio/l16", true),
        ] {
            assert_eq!(told(head, declared), (media_type.to_owned(), recording), "{head:?} {declared}");
        }
    }

    #[test]
    fn text_is_what_its_sender_calls_it_and_the_rest_is_bytes() {
        for (head, declared, media_type) in [
            (&b"a,b\n1,2\n"[..], "text/csv", "text/csv"),
            (b"{\"a\":1}", "application/json; charset=utf-8", "application/json"),
            (b"just words", "image/png", "text/plain"),
            ("cut in the middle of \u{e9}".as_bytes().split_last().unwrap().1, "", "text/plain"),
            // UTF-16 is no MPEG frame.
            (b"\xff\xfeh\0i\0", "", UNKNOWN),
            (b"\0\x01\x02\x03", "text/plain", UNKNOWN),
            (b"", "", UNKNOWN),
        ] {
            assert_eq!(told(head, declared), (media_type.to_owned(), false), "{head:?}");
        }
        assert_eq!(told(b"<!DOCTYPE html><script>", "image/png").0, "text/html");
    }

    #[test]
    fn what_is_no_media_type_is_refused() {
        for bad in
            ["png", "image/", "/png", "image/p ng", "image/png\r\nx: y", &format!("a/{}", "b".repeat(100))]
        {
            assert_eq!(tell(b"x", Some(bad)).unwrap_err().code(), "malformed_media_type", "{bad}");
        }
    }
}
