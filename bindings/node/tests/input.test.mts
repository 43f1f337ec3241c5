// What goes wrong, and how it is told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Context, Hub, HubError, said } from "hub-core";
import { ADMIN, folder, household } from "./household.mjs";

/** The error of a call in plain JavaScript, which no types stand before. */
async function refused(call: (hub: any) => Promise<unknown>): Promise<HubError> {
  await using hub = await Hub.open(await folder());
  const error = await call(hub).then(
    (answer) => assert.fail(`an error was expected, and ${JSON.stringify(answer)} came`),
    (error: unknown) => error,
  );
  assert.ok(error instanceof HubError, String(error));
  assert.ok(error.code !== "" && error.message !== "");
  return error;
}

const WRONG: [string, (hub: any) => Promise<unknown>][] = [
  ["no caller", (hub) => hub.agents.list()],
  ["a caller that is none", (hub) => hub.agents.list({ caller: 7 })],
  ["a number for an id", (hub) => hub.agents.get(ADMIN, 7)],
  ["nothing for an id", (hub) => hub.agents.get(ADMIN)],
  ["nothing for a body", (hub) => hub.agents.create(ADMIN)],
  ["a string for a body", (hub) => hub.agents.create(ADMIN, "home")],
  ["a number for a name", (hub) => hub.agents.create(ADMIN, { name: 7 })],
  ["not a number", (hub) => hub.agents.create(ADMIN, { name: NaN })],
  ["a BigInt", (hub) => hub.agents.create(ADMIN, { name: 1n })],
  ["a function for a name", (hub) => hub.agents.create(ADMIN, { name: () => "home" })],
  ["a field that is not known", (hub) => hub.agents.create(ADMIN, { name: "home", colour: "red" })],
  ["an object for a cursor", (hub) => hub.agents.list(ADMIN, { cursor: {} })],
  ["a negative limit", (hub) => hub.agents.list(ADMIN, { limit: -1 })],
  ["a signal that is none", (hub) => hub.agents.list(ADMIN, { signal: 7 })],
  ["half a character", (hub) => hub.agents.create(ADMIN, { name: "half \ud83d" })],
  ["the character NUL", (hub) => hub.agents.create(ADMIN, { name: "a\0b" })],
];

for (const [what, call] of WRONG) {
  test(`${what} is refused with a code`, async () => {
    assert.ok(["invalid", "limit"].includes((await refused(call)).kind));
  });
}

const FOLDERS: [string, unknown][] = [
  ["a number", 7],
  ["nothing", undefined],
  ["the character NUL", "a\0b"],
  ["half a character", "\ud83d"],
  ["a file", process.execPath],
];

for (const [what, place] of FOLDERS) {
  test(`a hub does not open in ${what}`, async () => {
    await assert.rejects(Hub.open(place as string), HubError);
  });
}

test("options of a hub that are wrong are refused", async () => {
  const place = await folder();
  const wrong = [{ workers: ["cooks"] }, { settings: { colour: "red" } }, { database_url: "mysql://nowhere" }, { tea: 1 }];
  for (const options of wrong) await assert.rejects(Hub.open(place, options as object), HubError);
  await (await Hub.open(place)).shutdown();
});

test("events with half characters and NUL are refused, others beside them are stored", async () => {
  await using hub = await Hub.open(await folder());
  const { space, owner } = await household(hub);
  const words = ["half \ud83d", "a\0b", "Grüße 👋"];
  const results = await hub.events.append(owner, words.map((text) => said(space, text)));
  assert.deepEqual(results.map((result) => result.status), ["refused", "refused", "stored"]);
  assert.deepEqual(results.map((result) => result.problem?.code), ["invalid_field", "nul_character", undefined]);
});

test("a payload of 100 MB is refused, and the hub goes on", { timeout: 120_000 }, async () => {
  await using hub = await Hub.open(await folder());
  const { space, owner } = await household(hub);
  const outcome = await hub.events.append(owner, said(space, "x".repeat(100_000_000))).then(
    (results) => results[0]?.status,
    (error: unknown) => (error instanceof HubError ? "refused" : String(error)),
  );
  assert.equal(outcome, "refused");
  assert.equal((await hub.events.append(owner, said(space, "after it")))[0]?.status, "stored");
});

test("a hub that was shut down says so, again and again", async () => {
  const hub = await Hub.open(await folder());
  const { space, owner } = await household(hub);
  await Promise.all([hub.shutdown(), hub.shutdown()]);
  await hub.shutdown();
  await hub[Symbol.asyncDispose]();
  const closed = { name: "HubError", kind: "unavailable", retryable: true };
  await assert.rejects(hub.agents.list(ADMIN), closed);
  await assert.rejects(hub.events.append(owner, said(space, "late")), closed);
  await assert.rejects(hub.tools.register({ manifest: {}, run: async () => null }), closed);
  await assert.rejects(hub.drained("00000000-0000-4000-8000-0000000000ff"), closed);
});

test("calls that are under way when the hub is shut down are all answered", { timeout: 60_000 }, async () => {
  const hub = await Hub.open(await folder());
  const { space, owner } = await household(hub);
  const calls = Array.from({ length: 200 }, (_, number) => hub.events.append(owner, said(space, `say ${number}`)));
  const ended = hub.shutdown();
  const settled = await Promise.allSettled(calls);
  await ended;
  for (const outcome of settled) {
    if (outcome.status === "rejected") assert.ok(outcome.reason instanceof HubError, String(outcome.reason));
  }
});

test("many calls at once are all answered", async () => {
  await using hub = await Hub.open(await folder());
  const { agent, space, owner } = await household(hub);
  const calls = Array.from({ length: 400 }, () => hub.events.append(owner, said(space, "hello")));
  for (const [result] of await Promise.all(calls)) assert.equal(result?.status, "stored");
  assert.equal((await hub.agents.status(ADMIN, agent)).counts["events"], 400);
});

test("a device calls by its token, and no further than its scopes", async () => {
  await using hub = await Hub.open(await folder());
  const { agent, space } = await household(hub);
  const speaker = await hub.devices.create(ADMIN, agent, { name: "speaker", scopes: ["events:write"] });
  const context = Context.token(speaker.token);
  assert.equal((await hub.events.append(context, said(space, "hello")))[0]?.status, "stored");
  await assert.rejects(hub.memory.recall(context, "hello"), { name: "HubError", kind: "denied" });
  await hub.devices.revoke(ADMIN, speaker.device_id);
  await assert.rejects(hub.events.append(context, said(space, "hello")), { name: "HubError", kind: "denied" });
});
