"""A participant of LiveKit's Python package, driven by a test.

Reads one JSON object a line: {"id": 1, "do": "join", ...}. Answers each with {"id": 1, ...}, or with
{"id": 1, "error": "..."}. What happens in the room is told as {"event": ...}. Ends with its input.
"""

import asyncio
import base64
import json
import sys
import wave

import numpy
from livekit import rtc

RATE = 48_000
FRAME = RATE // 100


def tell(**what):
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def tone(frequency, amplitude=8_000):
    """Frames of a tone that goes on for ever without a jump."""
    position = 0
    while True:
        time = (position + numpy.arange(FRAME)) / RATE
        yield (amplitude * numpy.sin(2 * numpy.pi * frequency * time)).astype(numpy.int16)
        position += FRAME


def recording(path, repeat):
    """Frames of a WAV file of 16-bit mono samples, at its own rate made 48 kHz by linear interpolation."""
    with wave.open(path) as file:
        assert file.getsampwidth() == 2 and file.getnchannels() == 1, path
        samples = numpy.frombuffer(file.readframes(file.getnframes()), numpy.int16)
        rate = file.getframerate()
    count = len(samples) * RATE // rate
    samples = numpy.interp(numpy.arange(count) * rate / RATE, numpy.arange(len(samples)), samples)
    samples = samples.astype(numpy.int16)
    while True:
        for start in range(0, len(samples), FRAME):
            frame = samples[start : start + FRAME]
            yield numpy.pad(frame, (0, FRAME - len(frame)))
        if not repeat:
            return


def measure(samples):
    """What a listener would say of mono samples at 48 kHz."""
    samples = samples.astype(numpy.float64)
    if len(samples) < RATE // 10:
        return {"samples": len(samples)}
    spectrum = numpy.abs(numpy.fft.rfft(samples * numpy.hanning(len(samples)))) ** 2
    spectrum[0] = 0
    peak = int(spectrum.argmax())
    width = max(3, len(samples) * 10 // RATE)
    near = spectrum[max(0, peak - width) : peak + width + 1].sum()
    total = spectrum.sum()
    # 5 ms that are ten times quieter than the usual are a gap.
    window = RATE // 200
    loudness = numpy.sqrt((samples[: len(samples) // window * window].reshape(-1, window) ** 2).mean(axis=1))
    usual = float(numpy.median(loudness))
    longest = run = 0
    for quiet in loudness < max(usual / 10, 1):
        run = run + 1 if quiet else 0
        longest = max(longest, run)
    return {
        "samples": len(samples),
        "frequency": peak * RATE / len(samples),
        "purity": float(near / total) if total else 0.0,
        "loudness": usual,
        "longest_gap_ms": longest * 5,
        "largest_jump": int(numpy.abs(numpy.diff(samples)).max()),
    }


class Peer:
    def __init__(self):
        self.room = rtc.Room()
        self.tracks = {}
        self.published = {}
        self.tasks = set()

    def start(self, work):
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def watch(self):
        room = self.room

        @room.on("participant_connected")
        def _(participant):
            tell(event="joined", identity=participant.identity)

        @room.on("participant_disconnected")
        def _(participant):
            tell(event="left", identity=participant.identity)

        @room.on("track_subscribed")
        def _(track, publication, participant):
            if track.kind == rtc.TrackKind.KIND_AUDIO:
                self.tracks[participant.identity] = track
            tell(event="track", identity=participant.identity, sid=track.sid, name=publication.name)

        @room.on("track_unsubscribed")
        def _(track, publication, participant):
            self.tracks.pop(participant.identity, None)
            tell(event="untrack", identity=participant.identity, sid=track.sid)

        @room.on("track_muted")
        def _(participant, publication):
            tell(event="muted", identity=participant.identity, sid=publication.sid)

        @room.on("track_unmuted")
        def _(participant, publication):
            tell(event="unmuted", identity=participant.identity, sid=publication.sid)

        @room.on("data_received")
        def _(packet):
            sender = packet.participant.identity if packet.participant else ""
            data = base64.b64encode(packet.data).decode()
            tell(event="data", identity=sender, topic=packet.topic or "", data=data)

        @room.on("transcription_received")
        def _(segments, participant, publication):
            for segment in segments:
                tell(event="transcription", identity=participant.identity if participant else "",
                     text=segment.text, final=segment.final, segment=segment.id)

        @room.on("participant_attributes_changed")
        def _(changed, participant):
            tell(event="attributes", identity=participant.identity, changed=dict(changed))

        @room.on("participant_metadata_changed")
        def _(participant, old, new):
            tell(event="metadata", identity=participant.identity, metadata=new)

        @room.on("active_speakers_changed")
        def _(speakers):
            tell(event="speakers", identities=[speaker.identity for speaker in speakers])

        @room.on("reconnecting")
        def _():
            tell(event="reconnecting")

        @room.on("reconnected")
        def _():
            tell(event="reconnected")

        @room.on("disconnected")
        def _(reason):
            tell(event="disconnected", reason=str(reason))

    async def join(self, url, token, listen=True, texts=(), bytes=(), methods=()):
        self.watch()
        for topic in texts:
            self.room.register_text_stream_handler(topic, lambda *a: self.start(self.read_text(*a)))
        for topic in bytes:
            self.room.register_byte_stream_handler(topic, lambda *a: self.start(self.read_bytes(*a)))
        await self.room.connect(url, token, rtc.RoomOptions(auto_subscribe=listen))
        local = self.room.local_participant
        for method in methods:
            local.register_rpc_method(method, self.answer)
        return {
            "identity": local.identity,
            "sid": local.sid,
            "others": sorted(self.room.remote_participants),
        }

    async def answer(self, call):
        """Echoes; the payload `refuse` is refused."""
        if call.payload == "refuse":
            raise rtc.RpcError(1500, "refused", "as asked for")
        return f"{call.caller_identity}: {call.payload}"

    async def read_text(self, reader, identity):
        text = await reader.read_all()
        tell(event="text", identity=identity, topic=reader.info.topic, text=text,
             attributes=dict(reader.info.attributes or {}))

    async def read_bytes(self, reader, identity):
        data = b"".join([chunk async for chunk in reader])
        tell(event="bytes", identity=identity, topic=reader.info.topic, name=reader.info.name,
             data=base64.b64encode(data).decode())

    async def publish(self, name="microphone", frequency=None, wav=None, repeat=True, red=True, dtx=False):
        source = rtc.AudioSource(RATE, 1, 200)
        track = rtc.LocalAudioTrack.create_audio_track(name, source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, red=red, dtx=dtx)
        publication = await self.room.local_participant.publish_track(track, options)
        frames = recording(wav, repeat) if wav else tone(frequency) if frequency else iter(())
        self.published[name] = (publication, track, self.start(self.feed(name, source, frames)))
        return {"sid": publication.sid}

    async def film(self, name="camera"):
        """A camera that shows grey."""
        source = rtc.VideoSource(64, 48)
        track = rtc.LocalVideoTrack.create_video_track(name, source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_CAMERA)
        publication = await self.room.local_participant.publish_track(track, options)
        self.published[name] = (publication, track, self.start(self.show(source)))
        return {"sid": publication.sid}

    async def show(self, source):
        grey = rtc.VideoFrame(64, 48, rtc.VideoBufferType.RGBA, bytearray([128] * (64 * 48 * 4)))
        while True:
            source.capture_frame(grey)
            await asyncio.sleep(0.1)

    async def feed(self, name, source, frames):
        for samples in frames:
            frame = rtc.AudioFrame(samples.tobytes(), RATE, 1, FRAME)
            await source.capture_frame(frame)
        await source.wait_for_playout()
        tell(event="played", name=name)

    async def mute(self, name="microphone", muted=True):
        track = self.published[name][1]
        track.mute() if muted else track.unmute()
        return {}

    async def unpublish(self, name="microphone"):
        publication, _, task = self.published.pop(name)
        task.cancel()
        await self.room.local_participant.unpublish_track(publication.sid)
        return {}

    async def hear(self, identity, seconds, wav=None, within=10):
        """Waits for the first sound of that participant, then listens for so long."""
        deadline = asyncio.get_running_loop().time() + within
        while identity not in self.tracks:
            if asyncio.get_running_loop().time() > deadline:
                raise TimeoutError(f"no track of {identity}")
            await asyncio.sleep(0.02)
        stream = rtc.AudioStream(self.tracks[identity], sample_rate=RATE, num_channels=1)
        parts, count = [], 0
        try:
            async with asyncio.timeout(within + seconds):
                async for event in stream:
                    samples = numpy.frombuffer(event.frame.data, numpy.int16)
                    if not parts and not samples.any():
                        continue
                    parts.append(samples)
                    count += len(samples)
                    if count >= seconds * RATE:
                        break
        except TimeoutError:
            pass
        await stream.aclose()
        samples = numpy.concatenate(parts) if parts else numpy.zeros(0, numpy.int16)
        if wav:
            with wave.open(wav, "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(RATE)
                file.writeframes(samples.tobytes())
        return measure(samples)

    async def data(self, data, topic="", reliable=True, to=()):
        await self.room.local_participant.publish_data(
            base64.b64decode(data), reliable=reliable, topic=topic, destination_identities=list(to))
        return {}

    async def text(self, text, topic, attributes=None, to=()):
        await self.room.local_participant.send_text(
            text, topic=topic, attributes=attributes or {}, destination_identities=list(to))
        return {}

    async def bytes(self, data, topic, name="bytes"):
        data = base64.b64decode(data)
        writer = await self.room.local_participant.stream_bytes(name, topic=topic, total_size=len(data))
        await writer.write(data)
        await writer.aclose()
        return {}

    async def call(self, to, method, payload="", within=10.0):
        try:
            return {"answer": await self.room.local_participant.perform_rpc(
                destination_identity=to, method=method, payload=payload, response_timeout=within)}
        except rtc.RpcError as refused:
            return {"refused": refused.message, "code": refused.code}

    async def attributes(self, attributes):
        await self.room.local_participant.set_attributes(attributes)
        return {}

    async def metadata(self, metadata):
        await self.room.local_participant.set_metadata(metadata)
        return {}

    async def subscribe(self, identity, subscribed):
        for publication in self.room.remote_participants[identity].track_publications.values():
            publication.set_subscribed(subscribed)
        return {}

    async def leave(self):
        await self.room.disconnect()
        return {}

    async def obey(self, order):
        number, name = order.pop("id"), order.pop("do")
        try:
            tell(id=number, **await getattr(self, name)(**order))
        except Exception as error:  # Whatever went wrong is the answer.
            tell(id=number, error=f"{type(error).__name__}: {error}")


async def main():
    peer = Peer()
    reader = asyncio.StreamReader(limit=1 << 24)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        peer.start(peer.obey(json.loads(line)))
    await peer.room.disconnect()


asyncio.run(main())
