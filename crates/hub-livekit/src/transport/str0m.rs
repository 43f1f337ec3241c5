//! The port of media by str0m, in the mode in which RTP packets come and go as they are.

use super::connection::{Carrier, Connection, Detour, Happening, Reliability};
use super::{Datagram, crypto, tracks};
use crate::error::{Error, Result};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use str0m::change::{SdpAnswer, SdpApi, SdpOffer, SdpPendingOffer};
use str0m::channel::{ChannelConfig, ChannelId, Reliability as Str0mReliability};
use str0m::format::Codec;
use str0m::media::{Direction, MediaKind, Mid, Pt};
use str0m::net::{Protocol, Receive, TcpType};
use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite};
use str0m::{Candidate, Event, IceConnectionState, Input, Output, Rtc};

/// A check of ICE that is not answered is sent again after so long, then after twice that, and so on. A server describes
/// itself a moment before it listens, so that the first check is often for nobody: with str0m's quarter of a second that
/// was most of what a join took.
const CHECKED_AGAIN: Duration = Duration::from_millis(50);
/// So often, which is about as long as with str0m's own nine that begin at a quarter of a second.
const CHECKS: usize = 11;

/// A peer connection of str0m.
pub(crate) struct Str0m {
    // Many kilobytes, which would else be moved with every future that has a connection.
    rtc: Box<Rtc>,
    pending: Option<SdpPendingOffer>,
    channels: HashMap<ChannelId, Reliability>,
    sequences: HashMap<String, u64>,
    /// By which addresses of this host it is reached.
    local: Vec<Candidate>,
    /// Sections that are there for sound of the other side.
    receiving: Vec<Mid>,
    /// Those by which some comes, as the last answer says.
    used: Vec<Mid>,
}

impl Connection for Str0m {
    fn offer_channels(&mut self, receiving: usize) -> Result<String> {
        self.channels.clear();
        self.receiving.clear();
        let mut changes = self.rtc.sdp_api();
        for reliability in [Reliability::Reliable, Reliability::Lossy] {
            let lossy = reliability == Reliability::Lossy;
            let id = changes.add_channel_with_config(ChannelConfig {
                label: reliability.label().to_owned(),
                ordered: !lossy,
                reliability: if lossy {
                    Str0mReliability::MaxRetransmits { retransmits: 0 }
                } else {
                    Str0mReliability::Reliable
                },
                ..ChannelConfig::default()
            });
            self.channels.insert(id, reliability);
        }
        self.receiving.extend((0..receiving).map(|_| receive(&mut changes)));
        let (offer, pending) =
            changes.apply().ok_or_else(|| Error::Transport("nothing to offer".to_owned()))?;
        self.pending = Some(pending);
        Ok(offer.to_sdp_string())
    }

    fn offer_receiving(&mut self, more: u32) -> Result<String> {
        let is_free = |mid: &&Mid| !self.used.contains(mid) && self.rtc.media(**mid).is_some();
        let free = self.receiving.iter().find(is_free).copied();
        let mut changes = self.rtc.sdp_api();
        // An offer needs a change: a section that nothing comes by is closed and opened.
        if let Some(free) = free {
            changes.set_direction(free, Direction::Inactive);
        }
        open(&mut changes, &self.receiving);
        let more = if free.is_none() { more.max(1) } else { more };
        self.receiving.extend((0..more).map(|_| receive(&mut changes)));
        let (offer, pending) =
            changes.apply().ok_or_else(|| Error::Transport("nothing to offer".to_owned()))?;
        self.pending = Some(pending);
        Ok(offer.to_sdp_string())
    }

    fn offer_track(&mut self, cid: &str) -> Result<(String, String)> {
        let mut changes = self.rtc.sdp_api();
        open(&mut changes, &self.receiving);
        let (stream, track) = (Some("hub".to_owned()), Some(cid.to_owned()));
        let mid = changes.add_media(MediaKind::Audio, Direction::SendOnly, stream, track, None);
        let (offer, pending) =
            changes.apply().ok_or_else(|| Error::Transport("nothing to offer".to_owned()))?;
        self.pending = Some(pending);
        Ok((offer.to_sdp_string(), mid.to_string()))
    }

    fn offer_end(&mut self, mid: &str) -> Option<String> {
        let mut changes = self.rtc.sdp_api();
        open(&mut changes, &self.receiving);
        changes.set_direction(Mid::from(mid), Direction::Inactive);
        let (offer, pending) = changes.apply()?;
        self.pending = Some(pending);
        Some(offer.to_sdp_string())
    }

    fn offer_restart(&mut self) -> Option<String> {
        let mut changes = self.rtc.sdp_api();
        open(&mut changes, &self.receiving);
        changes.ice_restart(true);
        let (offer, pending) = changes.apply()?;
        self.pending = Some(pending);
        Some(offer.to_sdp_string())
    }

    fn move_to(&mut self, addresses: &[SocketAddr]) {
        for gone in std::mem::take(&mut self.local) {
            self.rtc.direct_api().invalidate_candidate(&gone);
        }
        self.local = addresses.iter().filter_map(|address| Candidate::host(*address, "udp").ok()).collect();
        for candidate in &self.local {
            self.rtc.add_local_candidate(candidate.clone());
        }
    }

    fn is_offering(&self) -> bool {
        self.pending.is_some()
    }

    fn forget_offer(&mut self) {
        self.pending = None;
    }

    fn accept_answer(&mut self, sdp: &str, now: Instant) -> Result<()> {
        let Some(pending) = self.pending.take() else { return Ok(()) };
        let answer = SdpAnswer::from_sdp_string(sdp).map_err(protocol)?;
        self.rtc.sdp_api().accept_answer(pending, answer).map_err(protocol)?;
        self.used = tracks(sdp).iter().map(|offered| Mid::from(offered.mid.as_str())).collect();
        self.tick(now)
    }

    fn accept_offer(&mut self, sdp: &str, now: Instant) -> Result<String> {
        let offer = SdpOffer::from_sdp_string(sdp).map_err(protocol)?;
        let answer = self.rtc.sdp_api().accept_offer(offer).map_err(protocol)?;
        self.tick(now)?;
        Ok(answer.to_sdp_string())
    }

    fn add_candidate(&mut self, candidate: &str, now: Instant) -> Result<()> {
        if let Ok(candidate) = Candidate::from_sdp_string(candidate) {
            self.rtc.add_remote_candidate(candidate);
        }
        self.tick(now)
    }

    fn add_detour(&mut self, detour: Detour, now: Instant) -> Result<()> {
        self.rtc.add_local_candidate(candidate(detour)?);
        self.tick(now)
    }

    fn remove_detour(&mut self, detour: Detour, now: Instant) -> Result<()> {
        let candidate = candidate(detour)?;
        self.rtc.direct_api().invalidate_candidate(&candidate);
        self.tick(now)
    }

    fn is_connected(&self) -> bool {
        self.rtc.is_connected()
    }

    fn is_sending(&mut self, mid: &str) -> bool {
        self.rtc.media(Mid::from(mid)).is_some_and(|media| media.direction().is_sending())
    }

    fn write(&mut self, mid: &str, payload: crate::sound::Payload, now: Instant) -> Result<()> {
        let params = self.rtc.codec_config().params();
        let opus = params.iter().find(|params| params.spec().codec == Codec::Opus).copied();
        let type_of = opus.and_then(|opus| if payload.red { opus.red() } else { Some(opus.pt()) });
        let sequence = self.sequences.entry(mid.to_owned()).or_insert(0);
        *sequence += 1;
        let sequence = *sequence;
        let mut direct = self.rtc.direct_api();
        let (Some(pt), Some(stream)) = (type_of, direct.stream_tx_by_mid(Mid::from(mid), None)) else {
            return Ok(());
        };
        let packet = RtpWrite::new(pt, sequence.into(), payload.timestamp, now, payload.data);
        // By this the server, which cannot hear, tells who speaks.
        let heard = ExtensionValues {
            audio_level: i8::try_from(payload.level).ok().map(|level| -level),
            voice_activity: Some(payload.sound && payload.level < 127),
            ..ExtensionValues::default()
        };
        stream.write_rtp(packet.marker(payload.marker).ext_vals(heard));
        self.tick(now)
    }

    fn send(&mut self, reliability: Reliability, bytes: &[u8]) -> Result<bool> {
        let id = self.channels.iter().find(|(_, kind)| **kind == reliability).map(|(id, _)| *id);
        let Some(mut channel) = id.and_then(|id| self.rtc.channel(id)) else { return Ok(false) };
        channel.write(true, bytes).map_err(transport)
    }

    fn tick(&mut self, now: Instant) -> Result<()> {
        self.rtc.handle_input(Input::Timeout(now)).map_err(transport)
    }

    fn receive(&mut self, datagram: &Datagram) -> Result<bool> {
        let Ok(contents) = datagram.bytes.as_slice().try_into() else { return Ok(false) };
        let proto = match datagram.carrier {
            Carrier::Udp => Protocol::Udp,
            Carrier::Tcp => Protocol::Tcp,
        };
        let receive = Receive { proto, source: datagram.remote, destination: datagram.local, contents };
        let input = Input::Receive(datagram.at, receive);
        if !self.rtc.accepts(&input) {
            return Ok(false);
        }
        self.rtc.handle_input(input).map_err(transport)?;
        Ok(true)
    }

    fn poll(&mut self) -> Result<Happening> {
        loop {
            match self.rtc.poll_output().map_err(transport)? {
                Output::Timeout(at) => return Ok(Happening::Idle(at)),
                Output::Transmit(packet) => {
                    let carrier = if packet.proto == Protocol::Udp { Carrier::Udp } else { Carrier::Tcp };
                    let (from, to, bytes) = (packet.source, packet.destination, packet.contents.to_vec());
                    return Ok(Happening::Transmit { carrier, from, to, bytes });
                }
                Output::Event(event) => {
                    if let Some(happening) = self.happening(event) {
                        return Ok(happening);
                    }
                }
            }
        }
    }

    fn close(&mut self) {
        self.rtc.disconnect();
    }
}

impl Str0m {
    pub(crate) fn new(addresses: impl Iterator<Item = SocketAddr>, now: Instant) -> Result<Self> {
        let mut config = Rtc::builder();
        config.set_initial_stun_rto(CHECKED_AGAIN);
        config.set_max_stun_retransmits(CHECKS);
        let config = config
            .set_crypto_provider(crypto::provider())
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, true)
            // Nothing of video is taken, and yet a section of it without a codec is none that a server can read.
            .enable_vp8(true)
            .enable_h264(true)
            .enable_vp9(true)
            .enable_av1(true);
        let mut rtc = Box::new(config.set_stats_interval(None).build(now));
        let mut local = Vec::new();
        for address in addresses {
            let candidate = Candidate::host(address, Protocol::Udp).map_err(transport)?;
            if rtc.add_local_candidate(candidate.clone()).is_some() {
                local.push(candidate);
            }
        }
        Ok(Self {
            rtc,
            pending: None,
            channels: HashMap::new(),
            sequences: HashMap::new(),
            local,
            receiving: Vec::new(),
            used: Vec::new(),
        })
    }

    fn happening(&mut self, event: Event) -> Option<Happening> {
        match event {
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => {
                Some(Happening::Disconnected)
            }
            Event::RtpPacket(packet) => self.sound(packet),
            Event::ChannelOpen(_, label) => {
                Some(Happening::Open { reliable: label == Reliability::Reliable.label() })
            }
            Event::ChannelData(data) => {
                let lossy = self
                    .rtc
                    .channel(data.id)
                    .and_then(|channel| Some(channel.config()?.label == Reliability::Lossy.label()));
                Some(Happening::Message { reliable: lossy != Some(true), bytes: data.data })
            }
            _ => None,
        }
    }

    fn sound(&mut self, packet: RtpPacket) -> Option<Happening> {
        let red = self.is_red(packet.header.payload_type);
        let mid = self.rtc.direct_api().stream_rx(&packet.header.ssrc)?.mid().to_string();
        Some(Happening::Sound {
            mid,
            sequence: *packet.seq_no,
            timestamp: packet.header.timestamp,
            payload: packet.payload.to_vec(),
            red,
            arrived: packet.timestamp,
        })
    }

    fn is_red(&self, payload_type: Pt) -> bool {
        self.rtc.codec_config().params().iter().any(|params| params.red() == Some(payload_type))
    }
}

fn candidate(detour: Detour) -> Result<Candidate> {
    let candidate = match detour {
        Detour::Tcp(address) => Candidate::builder().tcp().host(address).tcptype(TcpType::Active).build(),
        Detour::Relayed(address) => Candidate::relayed(address, address, Protocol::Udp),
    };
    candidate.map_err(transport)
}

/// One more section by which sound of the other side can come.
fn receive(changes: &mut SdpApi<'_>) -> Mid {
    changes.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None)
}

/// An answer closes sections that nothing comes by, and a server that is offered a closed one gives it up.
fn open(changes: &mut SdpApi<'_>, receiving: &[Mid]) {
    for mid in receiving {
        changes.set_direction(*mid, Direction::RecvOnly);
    }
}

fn transport(cause: impl std::error::Error) -> Error {
    Error::Transport(crate::net::chain(&cause))
}

fn protocol(cause: impl std::error::Error) -> Error {
    Error::Protocol(crate::net::chain(&cause))
}
