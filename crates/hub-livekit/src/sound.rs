//! Everything that is arithmetic on sound and RTP payloads: no socket, no task, no clock.
//!
//! [`Receiver`] takes the packets of one remote track and gives PCM; [`Sender`] takes PCM and gives the
//! payloads of one published track. Both are told the time by their caller, so that a test can run hours
//! of sound in seconds.
//!
//! Timestamps of RTP count 48,000 a second whatever the rate of the PCM (RFC 7587, section 4.1).

pub mod codec;
mod drift;
mod error;
mod format;
mod jitter;
mod opus_packet;
mod receiver;
pub mod red;
mod resample;
mod sender;
mod stretch;
mod ticks;

pub use error::{QueueFull, SoundError};
pub use format::Format;
pub use receiver::{Frame, Packet, Receiver, ReceiverOptions, ReceiverStatistics};
pub use resample::Resampler;
pub use sender::{Payload, Position, Pushed, Sender, SenderOptions, SenderStatistics};
