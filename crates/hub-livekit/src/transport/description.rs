//! What LiveKit writes into a description beside what the standards say.

/// A track that a description offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offered {
    pub(crate) mid: String,
    pub(crate) track: String,
}

/// The tracks of a server's offer: `a=msid:PARTICIPANT|STREAM TRACK` in each section that is sent.
pub(crate) fn tracks(sdp: &str) -> Vec<Offered> {
    sdp.split("\nm=").skip(1).filter_map(section).collect()
}

fn section(section: &str) -> Option<Offered> {
    let value = |name: &str| section.lines().find_map(|line| line.trim_end().strip_prefix(name));
    let sent = section.lines().any(|line| matches!(line.trim_end(), "a=sendrecv" | "a=sendonly"));
    let mid = value("a=mid:")?;
    let track = value("a=msid:")?.split_whitespace().nth(1)?;
    sent.then(|| Offered { mid: mid.to_owned(), track: track.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sections_that_are_sent_name_their_track() {
        let sdp = "v=0\r\nm=application 9\r\na=mid:0\r\nm=audio 9\r\na=mid:1\r\na=sendrecv\r\n\
                   a=msid:PA_a|TR_b TR_b\r\nm=audio 0\r\na=mid:2\r\na=inactive\r\na=msid:PA_a TR_c\r\n";
        assert_eq!(tracks(sdp), [Offered { mid: "1".to_owned(), track: "TR_b".to_owned() }]);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(?s).{0,300}") {
            let _ = tracks(&text);
        }
    }
}
