use super::*;
use livekit_protocol as proto;
use proptest::collection::vec;
use proptest::prelude::*;
use prost::Message as _;
use proto::data_packet::Value;
use proto::signal_response::Message;
use std::fs;
use std::path::Path;

type Target = fn(&[u8]);

const TARGETS: [(&str, Target); 5] = [
    ("signalling", signalling),
    ("packet", packet),
    ("redundant", redundant),
    ("track", track),
    ("relay", relay),
];

/// A TURN server that does as it should.
const ALLOCATION: &[u8] = include_bytes!("../../fuzz/seeds/livekit_relay/allocation");

fn together(parts: &[Vec<u8>]) -> Vec<u8> {
    let length = |part: &Vec<u8>| u16::try_from(part.len()).unwrap().to_be_bytes();
    parts.iter().flat_map(|part| [&length(part)[..], part].concat()).collect()
}

/// A description of a server's as it stands in the tree, of which the lines begin and end as SDP's do.
fn offer() -> Message {
    let sdp = include_str!("../../tests/servers/offer.sdp").replace("\r\n", "\n").replace('\n', "\r\n");
    Message::Offer(proto::SessionDescription { r#type: "offer".to_owned(), sdp, id: 1, ..Default::default() })
}

fn participant(identity: &str, tracks: u32, state: i32) -> proto::ParticipantInfo {
    let track = |index| proto::TrackInfo { sid: format!("TR_{index}"), ..Default::default() };
    proto::ParticipantInfo {
        sid: format!("PA_{identity}"),
        identity: identity.to_owned(),
        tracks: (0..tracks).map(track).collect(),
        state,
        ..Default::default()
    }
}

fn message() -> impl Strategy<Value = Message> {
    let text = "[ -~]{0,20}";
    prop_oneof![
        Just(offer()),
        (text, any::<u32>()).prop_map(|(sdp, id)| {
            Message::Answer(proto::SessionDescription { sdp, id: id % 3, ..Default::default() })
        }),
        (text, any::<bool>()).prop_map(|(candidate, raw)| {
            let candidate_init = if raw { candidate } else { format!(r#"{{"candidate":"{candidate:?}"}}"#) };
            Message::Trickle(proto::TrickleRequest { candidate_init, ..Default::default() })
        }),
        vec(("[a-c]", 0_u32..4, -1..6), 0..4).prop_map(|told| {
            let participants = told.iter().map(|(name, tracks, state)| participant(name, *tracks, *state));
            Message::Update(proto::ParticipantUpdate { participants: participants.collect() })
        }),
        ("[a-c]", any::<bool>())
            .prop_map(|(sid, muted)| Message::Mute(proto::MuteTrackRequest { sid, muted })),
        (-1..4, -1..20).prop_map(|(action, reason)| {
            Message::Leave(proto::LeaveRequest { action, reason, ..Default::default() })
        }),
        Just(Message::Join(crate::session::rehearsal::greeting())),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let id = "[ab]";
    prop_oneof![
        (id, 0..4, vec(any::<u8>(), 0..20), proptest::option::of(0_u64..40)).prop_map(
            |(stream_id, compression, content, total_length)| {
                let inline_content = (content.len() > 10).then_some(content);
                Value::StreamHeader(proto::data_stream::Header {
                    stream_id,
                    compression,
                    total_length,
                    inline_content,
                    ..Default::default()
                })
            }
        ),
        (id, 0_u64..4, vec(any::<u8>(), 0..20)).prop_map(|(stream_id, chunk_index, content)| {
            Value::StreamChunk(proto::data_stream::Chunk {
                stream_id,
                chunk_index,
                content,
                ..Default::default()
            })
        }),
        (id, "[a-z]{0,3}").prop_map(|(stream_id, reason)| {
            Value::StreamTrailer(proto::data_stream::Trailer { stream_id, reason, ..Default::default() })
        }),
        (id, "method|none", 0_u32..3).prop_map(|(id, method, version)| {
            Value::RpcRequest(proto::RpcRequest { id, method, version, ..Default::default() })
        }),
        id.prop_map(|request_id| Value::RpcAck(proto::RpcAck { request_id })),
        id.prop_map(|request_id| Value::RpcResponse(proto::RpcResponse { request_id, value: None })),
    ]
}

/// Some of what was written, written over: most of it can still be read.
fn spoil(mut bytes: Vec<u8>, faults: &[(usize, u8)]) -> Vec<u8> {
    for (at, value) in faults {
        let length = bytes.len().max(1);
        if let Some(byte) = bytes.get_mut(at % length) {
            *byte = *value;
        }
    }
    bytes
}

#[test]
fn seeds_hold() {
    for (name, target) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fuzz/seeds/livekit_{name}"));
        let seeds: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(!seeds.is_empty(), "{name}");
        for seed in seeds {
            target(&fs::read(&seed).unwrap());
        }
    }
}

#[test]
fn a_turn_server_that_does_as_it_should_relays() {
    let relayed = crate::transport::rehearse(parts(ALLOCATION));
    assert_eq!(relayed, Some("203.0.113.1:50000".parse().unwrap()));
}

#[test]
fn a_description_of_the_server_is_answered() {
    let response = proto::SignalResponse { message: Some(offer()) };
    STAGE.with(|stage| {
        stage.play(|session| {
            session.rehearse_signal(&response.encode_to_vec());
            assert!(session.has_answered());
        });
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..400)) {
        for (_, target) in TARGETS {
            target(&bytes);
        }
    }

    #[test]
    fn any_messages_of_a_server(
        messages in vec(message(), 0..8),
        faults in vec((any::<usize>(), any::<u8>()), 0..6),
    ) {
        let write = |message| proto::SignalResponse { message: Some(message) }.encode_to_vec();
        let frames: Vec<_> = messages.into_iter().map(write).collect();
        signalling(&together(&frames));
        signalling(&spoil(together(&frames), &faults));
    }

    #[test]
    fn anything_of_a_turn_server(
        said in vec((0_u8..6, vec(any::<u8>(), 0..60)), 0..40),
        faults in vec((any::<usize>(), any::<u8>()), 0..6),
    ) {
        let said: Vec<_> = said.into_iter().map(|(kind, said)| [&[kind][..], &said].concat()).collect();
        relay(&together(&said));
        relay(&[ALLOCATION, &together(&said)].concat());
        relay(&spoil(ALLOCATION.to_vec(), &faults));
    }

    #[test]
    fn any_messages_of_others(
        values in vec((value(), "[xy]"), 0..16),
        faults in vec((any::<usize>(), any::<u8>()), 0..6),
    ) {
        let write = |(value, participant_identity)| {
            proto::DataPacket { value: Some(value), participant_identity, ..Default::default() }.encode_to_vec()
        };
        let frames: Vec<_> = values.into_iter().map(write).collect();
        packet(&together(&frames));
        packet(&spoil(together(&frames), &faults));
    }

    /// Lengths that are those of the payloads, so that most packets are whole.
    #[test]
    fn any_packets_of_a_track(packets in vec((any::<[u8; 4]>(), vec(any::<u8>(), 0..80)), 0..200)) {
        let bytes = |(head, payload): &([u8; 4], Vec<u8>)| [&head[..], &[payload.len() as u8], payload].concat();
        track(&packets.iter().flat_map(bytes).collect::<Vec<u8>>());
    }
}
