// Tools and planners in JavaScript.

import assert from "node:assert/strict";
import { setTimeout as after } from "node:timers/promises";
import { test } from "node:test";
import { Hub, HubError, Retry, planner, said, tool, type Tool, type types } from "hub-core";
import { z } from "zod";
import { ADMIN, FAST, first, folder, household } from "./household.mjs";

/** What became of an action of a tool. */
async function ran(code: Tool, args: Record<string, unknown> = {}): Promise<types.Action> {
  await using hub = await Hub.open(await folder(), { settings: FAST, tools: [code] });
  const { agent, space, owner } = await household(hub);
  const name = String(code.manifest["name"]);
  const action = await hub.actions.propose(owner, agent, { space_id: space, tool: name, arguments: args });
  await hub.actions.approve(owner, action.action_id, action.binding_digest);
  await hub.drained(agent);
  return hub.actions.get(owner, action.action_id);
}

test("a planner proposes, and a tool runs after approval", async () => {
  const done: unknown[] = [];
  const lamp = tool(
    {
      name: "lamp.set",
      description: "Sets a lamp.",
      input_schema: z.object({ room: z.string(), percent: z.number().int().default(100) }),
      idempotent: true,
    },
    async ({ room, percent }, call) => {
      await after(10);
      done.push([room.toUpperCase(), percent, typeof call.idempotency_key, call.signal.aborted]);
      return { set: percent };
    },
  );
  const plans = planner({ name: "mine", version: "1" }, (window) => ({
    actions: [
      {
        tool: "lamp.set",
        arguments: { room: "kitchen" },
        reason: `${window.people.length} people asked`,
        source_event_ids: window.utterances.map((utterance) => utterance.event_id),
      },
    ],
  }));
  await using hub = await Hub.open(await folder(), { settings: FAST, tools: [lamp], planner: plans });
  const { agent, space, anna, owner } = await household(hub);
  const stored = await hub.events.append(owner, said(space, "Light, please", { person_id: anna }));
  assert.equal(first(stored).status, "stored");
  await hub.drained(agent);
  const action = first((await hub.actions.list(owner, agent)).items);
  assert.deepEqual([action.state, action.tool, done], ["awaiting_approval", "lamp.set", []]);
  const other = `sha256:${"0".repeat(64)}`;
  await assert.rejects(hub.actions.approve(owner, action.action_id, other), { name: "HubError", kind: "conflict" });
  await hub.actions.approve(owner, action.action_id, action.binding_digest);
  await hub.drained(agent);
  const ended = await hub.actions.get(owner, action.action_id);
  assert.deepEqual([ended.state, ended.result], ["done", { set: 100 }]);
  assert.deepEqual(done, [["KITCHEN", 100, "string", false]], "zod's default is filled in where the tool runs");
  assert.equal((await hub.audit.verify(ADMIN)).holds, true);
});

test("a tool with JSON Schema is registered later, once, and its arguments are looked at", async () => {
  const door = tool(
    {
      name: "door.open",
      description: "Opens a door.",
      input_schema: { type: "object", properties: { which: { type: "string" } }, required: ["which"] },
    },
    ({ which }) => {
      throw new RangeError(`no door ${String(which)}`);
    },
  );
  await using hub = await Hub.open(await folder(), { settings: FAST });
  await hub.tools.register(door);
  await assert.rejects(hub.tools.register(door), { name: "HubError" });
  const { agent, space, owner } = await household(hub);
  const wrong = { space_id: space, tool: "door.open", arguments: { which: 7 } };
  await assert.rejects(hub.actions.propose(owner, agent, wrong), { name: "HubError", kind: "invalid" });
  const right = { space_id: space, tool: "door.open", arguments: { which: "7" } };
  const action = await hub.actions.propose(owner, agent, right);
  await hub.actions.approve(owner, action.action_id, action.binding_digest);
  await hub.drained(agent);
  const ended = await hub.actions.get(owner, action.action_id);
  assert.ok(["failed", "unknown"].includes(ended.state), ended.state);
  assert.match(ended.problem?.detail ?? "", /RangeError: no door 7/);
});

const HOSTILE: [string, () => unknown][] = [
  ["undefined", () => { throw undefined; }],
  ["what has no text", () => { throw { toString() { throw new Error("again"); } }; }],
  ["a symbol", () => { throw Symbol("s"); }],
  ["half a character", () => { throw new Error("half \ud83d"); }],
  ["the character NUL", () => { throw new Error("a\0b"); }],
  ["a rejection", () => Promise.reject(new Error("later"))],
];

for (const [what, code] of HOSTILE) {
  test(`a tool that throws ${what} fails its action and nothing else`, async () => {
    const ended = await ran(tool({ name: "test.throws", description: "A test." }, code));
    assert.ok(["failed", "unknown"].includes(ended.state), ended.state);
    assert.equal(ended.problem?.code, "tool_failed");
  });
}

const UNWRITABLE: [string, unknown][] = [
  ["a BigInt", 1n],
  ["not a number", { percent: NaN }],
  ["a circle", (() => { const circle: Record<string, unknown> = {}; circle["self"] = circle; return circle; })()],
  ["half a character", "\ud83d"],
];

for (const [what, value] of UNWRITABLE) {
  test(`a tool that answers ${what} fails its action`, async () => {
    const ended = await ran(tool({ name: "test.answers", description: "A test." }, () => value));
    assert.ok(["failed", "unknown"].includes(ended.state), ended.state);
    assert.equal(ended.problem?.code, "tool_failed");
  });
}

test("a tool that answers nothing has done its work", async () => {
  assert.deepEqual([(await ran(tool({ name: "test.silent", description: "A test." }, () => undefined))).state], ["done"]);
});

test("a tool that never answers is told, and its action ends when its time is over", { timeout: 60_000 }, async () => {
  let told = false;
  const never = tool({ name: "test.never", description: "A test.", timeout_seconds: 1 }, (_, call) => {
    call.signal.addEventListener("abort", () => (told = true));
    return new Promise(() => undefined);
  });
  const ended = await ran(never);
  assert.ok(["failed", "unknown"].includes(ended.state), ended.state);
  assert.equal(told, true);
});

test("a schema that has no JSON Schema is refused where the tool is made", () => {
  const old = { "~standard": { version: 1, vendor: "old", validate: (value: unknown) => ({ value }) } } as const;
  assert.throws(() => tool({ name: "test.old", description: "A test.", input_schema: old }, () => null), (error: unknown) => {
    return error instanceof HubError && error.context["field"] === "input_schema";
  });
});

test("a planner may ask to be tried again", async () => {
  const attempts: string[] = [];
  const plans = planner({ name: "mine", version: "1" }, async (window) => {
    attempts.push(window.window_id);
    if (attempts.length === 1) throw new Retry("the model is away");
    const sources = [first(window.utterances).event_id];
    return {
      memories: [{ content: "Anna likes tea", predicate: "likes", confidence: 0.9, source_event_ids: sources }],
    };
  });
  await using hub = await Hub.open(await folder(), { settings: FAST, planner: plans });
  const { agent, space, anna, owner } = await household(hub);
  await hub.events.append(owner, said(space, "I like tea", { person_id: anna }));
  await hub.drained(agent);
  assert.equal(attempts.length, 2);
  assert.equal(attempts[0], attempts[1]);
  const found = await hub.memory.list(owner, agent, { tier: "semantic" });
  assert.deepEqual(found.items.map((memory) => memory.content), ["Anna likes tea"]);
});
