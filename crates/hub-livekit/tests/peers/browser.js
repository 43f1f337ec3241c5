// A participant of livekit-client in Chromium, whose microphone is a WAV file, driven by a test as
// python.py is: JSON lines in, JSON lines out.
//
// node browser.js FOLDER_OF_NODE_MODULES BROWSER MICROPHONE.wav

const fs = require("fs");
const http = require("http");
const path = require("path");
const readline = require("readline");

const [modules, browserProgram, microphone] = process.argv.slice(2);
const { chromium } = require(path.join(modules, "node_modules", "playwright-core"));
const client = path.join(modules, "node_modules", "livekit-client", "dist", "livekit-client.umd.js");

function tell(what) {
  process.stdout.write(JSON.stringify(what) + "\n");
}

// What runs in the page: each order is a function here.
function page() {
  const kit = window.LivekitClient;
  const tracks = new Map();
  const event = (kind, what) => window.tell({ event: kind, ...what });
  const toBase64 = (bytes) => btoa(String.fromCharCode(...bytes));
  const fromBase64 = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  let room;

  function watch() {
    const on = kit.RoomEvent;
    room.on(on.ParticipantConnected, (who) => event("joined", { identity: who.identity }));
    room.on(on.ParticipantDisconnected, (who) => event("left", { identity: who.identity }));
    room.on(on.TrackSubscribed, (track, publication, who) => {
      if (track.kind === "audio") {
        tracks.set(who.identity, track);
        // Chromium decodes a remote track only while an element plays it.
        const element = track.attach();
        element.muted = true;
      }
      event("track", { identity: who.identity, sid: track.sid, name: publication.trackName });
    });
    room.on(on.TrackUnsubscribed, (track, publication, who) => {
      tracks.delete(who.identity);
      event("untrack", { identity: who.identity, sid: track.sid });
    });
    room.on(on.DataReceived, (data, who, kind, topic) =>
      event("data", { identity: who ? who.identity : "", topic: topic || "", data: toBase64(data) }));
    room.on(on.TranscriptionReceived, (segments, who) => segments.forEach((segment) =>
      event("transcription", { identity: who ? who.identity : "", text: segment.text, final: segment.final })));
    room.on(on.Reconnecting, () => event("reconnecting", {}));
    room.on(on.Reconnected, () => event("reconnected", {}));
    room.on(on.Disconnected, (reason) => event("disconnected", { reason: String(reason) }));
  }

  // The samples of a remote track, as a listener's device would get them.
  async function record(track, seconds) {
    const context = new AudioContext({ sampleRate: 48000 });
    const source = context.createMediaStreamSource(new MediaStream([track.mediaStreamTrack]));
    const processor = context.createScriptProcessor(1024, 1, 1);
    const parts = [];
    let count = 0;
    const begun = performance.now();
    await new Promise((done) => {
      processor.onaudioprocess = ({ inputBuffer }) => {
        const samples = Float32Array.from(inputBuffer.getChannelData(0));
        if (parts.length > 0 || samples.some((sample) => sample !== 0)) {
          parts.push(samples);
          count += samples.length;
        }
        if (count >= seconds * 48000 || performance.now() - begun > 10000 + seconds * 1000) done();
      };
      source.connect(processor);
      processor.connect(context.destination);
    });
    processor.disconnect();
    await context.close();
    const samples = new Float32Array(count);
    parts.reduce((at, part) => (samples.set(part, at), at + part.length), 0);
    return samples;
  }

  // Zero crossings tell a tone's frequency well enough where nothing else sounds: the usual time between two,
  // which a gap does not change.
  function measure(samples) {
    let jump = 0, quiet = 0, longest = 0, crossed = 0;
    const loudness = [], periods = [];
    for (let at = 1; at < samples.length; at += 1) {
      if (samples[at - 1] < 0 && samples[at] >= 0) {
        const now = at - samples[at] / (samples[at] - samples[at - 1]);
        periods.push(now - crossed);
        crossed = now;
      }
      jump = Math.max(jump, Math.abs(samples[at] - samples[at - 1]));
    }
    for (let at = 0; at + 240 <= samples.length; at += 240) {
      const window = samples.subarray(at, at + 240);
      loudness.push(Math.sqrt(window.reduce((sum, sample) => sum + sample * sample, 0) / 240));
    }
    const usual = [...loudness].sort((one, other) => one - other)[loudness.length >> 1] || 0;
    for (const one of loudness) {
      quiet = one < Math.max(usual / 10, 1 / 32768) ? quiet + 1 : 0;
      longest = Math.max(longest, quiet);
    }
    return {
      samples: samples.length,
      frequency: periods.length > 1 ? 48000 / periods.sort((a, b) => a - b)[periods.length >> 1] : 0,
      loudness: usual * 32768,
      longest_gap_ms: longest * 5,
      largest_jump: Math.round(jump * 32768),
    };
  }

  window.orders = {
    async join({ url, token, listen = true, texts = [], methods = [] }) {
      room = new kit.Room();
      watch();
      for (const topic of texts) {
        room.registerTextStreamHandler(topic, async (reader, who) =>
          event("text", { identity: who.identity, topic, text: await reader.readAll(),
            attributes: reader.info.attributes || {} }));
      }
      await room.connect(url, token, { autoSubscribe: listen });
      for (const method of methods) {
        room.registerRpcMethod(method, async (call) => {
          if (call.payload === "refuse") throw new kit.RpcError(1500, "refused");
          return `${call.callerIdentity}: ${call.payload}`;
        });
      }
      return { identity: room.localParticipant.identity, sid: room.localParticipant.sid,
        others: [...room.remoteParticipants.keys()].sort() };
    },
    async publish() {
      const publication = await room.localParticipant.setMicrophoneEnabled(true,
        { echoCancellation: false, noiseSuppression: false, autoGainControl: false });
      return { sid: publication.trackSid };
    },
    async mute({ muted = true }) {
      await room.localParticipant.setMicrophoneEnabled(!muted);
      return {};
    },
    async hear({ identity, seconds, samples = false }) {
      const deadline = performance.now() + 10000;
      while (!tracks.has(identity)) {
        if (performance.now() > deadline) throw new Error(`no track of ${identity}`);
        await new Promise((done) => setTimeout(done, 20));
      }
      const heard = await record(tracks.get(identity), seconds);
      const told = measure(heard);
      if (samples) told.pcm = toPcm(heard);
      return told;
    },
    async data({ data, topic = "", reliable = true, to = [] }) {
      const options = { reliable, topic, destinationIdentities: to };
      await room.localParticipant.publishData(fromBase64(data), options);
      return {};
    },
    async text({ text, topic, attributes = {}, to = [] }) {
      await room.localParticipant.sendText(text, { topic, attributes, destinationIdentities: to });
      return {};
    },
    async call({ to, method, payload = "" }) {
      try {
        const answer = await room.localParticipant.performRpc({ destinationIdentity: to, method, payload });
        return { answer };
      } catch (refused) {
        return { refused: refused.message, code: refused.code };
      }
    },
    async leave() {
      await room.disconnect();
      return {};
    },
  };

  // 16-bit samples, little-endian, in base64.
  function toPcm(samples) {
    const bytes = new Uint8Array(samples.length * 2);
    const view = new DataView(bytes.buffer);
    samples.forEach((sample, at) =>
      view.setInt16(at * 2, Math.max(-32768, Math.min(32767, Math.round(sample * 32768))), true));
    let text = "";
    for (let at = 0; at < bytes.length; at += 8190) text += toBase64(bytes.subarray(at, at + 8190));
    return text;
  }
}

async function main() {
  // A page of 127.0.0.1 may use a microphone.
  const server = http.createServer((_, response) => response.end("<!doctype html><title>peer</title>"));
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const browser = await chromium.launch({
    executablePath: browserProgram,
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
      "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
      "--autoplay-policy=no-user-gesture-required", `--use-file-for-fake-audio-capture=${microphone}`],
  });
  const tab = await browser.newPage();
  await tab.exposeFunction("tell", tell);
  await tab.goto(`http://127.0.0.1:${server.address().port}/`);
  await tab.addScriptTag({ content: fs.readFileSync(client, "utf8") });
  await tab.evaluate(page);
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { id, do: name, ...order } = JSON.parse(line);
    tab.evaluate(([name, order]) => window.orders[name](order), [name, order]).then(
      (answer) => tell({ id, ...answer }),
      (error) => tell({ id, error: error.message }));
  }
  await browser.close();
  server.close();
}

main();
