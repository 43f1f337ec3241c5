// The golden vectors, through the native part as every language runs them, and through the promises above it.

import assert from "node:assert/strict";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { HubError } from "hub-core";
import { folder } from "./household.mjs";

interface Outcome {
  succeeded: boolean;
  text: string;
}

interface Native {
  Hub: new (callback: (call: number, succeeded: boolean, text: string) => void) => {
    open(call: number, options: string): void;
    start(call: number, operation: string, request: string): Outcome | object;
    shutdown(call: number): boolean;
  };
  operations(): string[];
}

interface Step {
  call: string;
  request?: unknown;
  save?: string;
  answer?: unknown;
  problem?: unknown;
}

type Saved = Record<string, Record<string, unknown>>;

const require = createRequire(import.meta.url);
const installed = join(require.resolve("hub-core/package.json"), "..");
const native = require(join(installed, `native/hub_core.${process.platform}-${process.arch}.node`)) as Native;
const VECTORS = process.env["HUB_VECTORS"] ?? "";

function filled(value: unknown, saved: Saved): unknown {
  if (typeof value === "string" && value.startsWith("$")) {
    const [name = "", field = ""] = value.slice(1).split(".");
    return saved[name]?.[field];
  }
  if (Array.isArray(value)) return value.map((item) => filled(item, saved));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, filled(item, saved)]));
  }
  return value;
}

const FORMS: Record<string, (found: unknown) => boolean> = {
  $any: () => true,
  $text: (found) => typeof found === "string" && found !== "",
  $uuid: (found) => typeof found === "string" && found.length === 36,
  $time: (found) => typeof found === "string" && found.endsWith("Z"),
  $digest: (found) => typeof found === "string" && found.startsWith("sha256:") && found.length === 71,
};

function check(expected: unknown, found: unknown, saved: Saved, at: string): void {
  if (typeof expected === "string" && expected.startsWith("$")) {
    const form = FORMS[expected] ?? ((found: unknown) => found === filled(expected, saved));
    assert.ok(form(found), `${at}: expected ${expected}, found ${JSON.stringify(found)}`);
  } else if (Array.isArray(expected)) {
    assert.ok(Array.isArray(found) && found.length === expected.length, `${at}: ${JSON.stringify(found)}`);
    expected.forEach((item, index) => check(item, found[index], saved, `${at}[${index}]`));
  } else if (typeof expected === "object" && expected !== null) {
    for (const [name, item] of Object.entries(expected)) {
      check(item, (found as Record<string, unknown> | null)?.[name] ?? null, saved, `${at}.${name}`);
    }
  } else {
    assert.deepEqual(found, expected, at);
  }
}

async function run(steps: Step[]): Promise<void> {
  const calls: ((outcome: Outcome) => void)[] = [];
  const hub = new native.Hub((call, succeeded, text) => calls[call]?.({ succeeded, text }));
  /** What comes of a call, at once or later. */
  async function outcome(begin: (call: number) => unknown): Promise<Outcome> {
    const awake = setInterval(() => undefined, 1_000);
    const later = new Promise<Outcome>((resolve) => calls.push(resolve));
    const begun = begin(calls.length - 1);
    const ended = await (typeof begun === "object" && begun !== null && "text" in begun ? (begun as Outcome) : later);
    clearInterval(awake);
    return ended;
  }
  const options = { folder: await folder(), settings: { window_pause_ms: 100 } };
  assert.deepEqual(await outcome((call) => hub.open(call, JSON.stringify(options))), { succeeded: true, text: "null" });
  const saved: Saved = {};
  for (const [number, step] of steps.entries()) {
    const at = `step ${number}, ${step.call}`;
    if (step.call === "hub.shutdown") {
      await outcome((call) => hub.shutdown(call));
      continue;
    }
    const request = JSON.stringify(filled(step.request, saved));
    const { succeeded, text } = await outcome((call) => hub.start(call, step.call, request));
    assert.equal(succeeded, step.problem === undefined, `${at}: ${text}`);
    const found = JSON.parse(text) as Record<string, unknown>;
    check(step.problem ?? step.answer, found, saved, at);
    if (step.save !== undefined) saved[step.save] = found;
  }
}

test("every file of golden vectors holds", async () => {
  const files = (await readdir(VECTORS)).filter((name) => name.endsWith(".json")).sort();
  assert.ok(files.length > 0, "there are no vectors");
  const ran: Record<string, number> = {};
  for (const name of files) {
    const { steps } = JSON.parse(await readFile(join(VECTORS, name), "utf8")) as { steps: Step[] };
    await run(steps);
    ran[name] = steps.length;
  }
  // Read by whoever runs the tests of all languages.
  await writeFile(process.env["HUB_PARITY"] ?? "/dev/null", JSON.stringify(ran));
});

test("every operation has a client", async () => {
  const text = await readFile(require.resolve("hub-core"), "utf8");
  assert.deepEqual(native.operations().filter((name) => !text.includes(`"${name}"`)), []);
});

test("an error keeps its code, whether it helps to retry, and its context", async () => {
  const { Context, Hub } = await import("hub-core");
  await using hub = await Hub.open(await folder());
  await assert.rejects(hub.spaces.create(Context.admin(), "not a UUID", { name: "hall" }), (error: unknown) => {
    assert.ok(error instanceof HubError && error instanceof Error);
    assert.equal(error.name, "HubError");
    assert.equal(error.kind, "invalid");
    assert.equal(error.code, "malformed_id");
    assert.equal(error.retryable, false);
    assert.deepEqual(error.context, { field: "agent_id" });
    return true;
  });
});
