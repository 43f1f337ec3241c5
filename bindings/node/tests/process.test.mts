// Threads, processes, and what hubs leave behind.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { Hub, HubError } from "hub-core";
import { ADMIN, folder } from "./household.mjs";

const run = promisify(execFile);

/** How often a hub is opened and shut down; few under CI, where each costs its time. */
const CYCLES = Number(process.env["HUB_CYCLES"] ?? 100);

/** Runs a program in a process of its own, in this project. */
function program(lines: string, ...given: string[]): Promise<{ stdout: string }> {
  const options = { timeout: 30_000, cwd: process.cwd() };
  return run(process.execPath, ["--input-type=module", "--eval", lines, ...given], options);
}

/** Runs a thread to its end; the answer is what it posts. */
function thread(lines: string, place: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let posted: unknown;
    const worker = new Worker(lines, { eval: true, workerData: place });
    worker.on("message", (message) => (posted = message));
    worker.on("error", reject);
    worker.on("exit", (code) => (code === 0 ? resolve(posted) : reject(new Error(`it ended with ${code}`))));
  });
}

const IN_A_THREAD = `
const { parentPort, workerData } = require("node:worker_threads");
const { Context, Hub, tool } = require("hub-core");
(async () => {
  const echo = tool({ name: "test.echo", description: "A test." }, async () => "from the thread");
  const hub = await Hub.open(workerData, { tools: [echo] });
  const admin = Context.admin();
  const agent = (await hub.agents.create(admin, { name: "home" })).agent_id;
  const space = (await hub.spaces.create(admin, agent, { name: "hall" })).space_id;
  const anna = (await hub.people.create(admin, agent, { name: "Anna" })).person_id;
  const owner = Context.operator(agent, anna, "owner");
  const action = await hub.actions.propose(owner, agent, { space_id: space, tool: "test.echo", arguments: {} });
  await hub.actions.approve(owner, action.action_id, action.binding_digest);
  await hub.drained(agent);
  parentPort.postMessage((await hub.actions.get(owner, action.action_id)).result);
  LAST
})();
`;

test("threads have hubs of their own, beside one another and beside the main one", { timeout: 60_000 }, async () => {
  await using own = await Hub.open(await folder());
  const places = await Promise.all([1, 2, 3].map(() => folder()));
  const lines = IN_A_THREAD.replace("LAST", "await hub.shutdown();");
  assert.deepEqual(await Promise.all(places.map((place) => thread(lines, place))), places.map(() => "from the thread"));
  assert.deepEqual((await own.agents.list(ADMIN)).items, []);
});

test("a thread may end while its hub is open, and its folder is free then", { timeout: 60_000 }, async () => {
  const place = await folder();
  assert.equal(await thread(IN_A_THREAD.replace("LAST", ""), place), "from the thread");
  assert.equal(await thread(IN_A_THREAD.replace("LAST", "process.exit(0);"), await folder()), "from the thread");
  await using hub = await reopened(place);
  assert.equal((await hub.agents.list(ADMIN)).items.length, 1);
});

/** Opens a folder as soon as the threads of an abandoned hub have let go of it. */
async function reopened(place: string): Promise<Hub> {
  for (let tries = 0; ; tries++) {
    try {
      return await Hub.open(place);
    } catch (error) {
      if (!(error instanceof HubError && error.kind === "conflict") || tries > 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

const LEAVES = `
import { Context, Hub, planner, said, tool } from "hub-core";
const tools = [tool({ name: "test.echo", description: "A test." }, () => null)];
const hub = await Hub.open(process.argv[1], { tools, planner: planner({ name: "mine", version: "1" }, () => ({})) });
const agent = await hub.agents.create(Context.admin(), { name: "home" });
console.log("open", agent.name);
`;

test("a process may end while a hub is open, by itself and at once", { timeout: 60_000 }, async () => {
  assert.equal((await program(LEAVES, await folder())).stdout, "open home\n");
  const place = await folder();
  assert.equal((await program(`${LEAVES}\nprocess.exit(0);`, place)).stdout, "open home\n");
  await using hub = await Hub.open(place);
  assert.equal((await hub.agents.list(ADMIN)).items.length, 1, "what was answered is on the disk");
});

test("a process waits for its calls", { timeout: 60_000 }, async () => {
  const lines = `${LEAVES}\nhub.drained(agent.agent_id).then(() => console.log("drained"));`;
  assert.equal((await program(lines, await folder())).stdout, "open home\ndrained\n");
});

test("two processes do not share a folder", { timeout: 60_000 }, async () => {
  const place = await folder();
  await using hub = await Hub.open(place);
  const lines = `
    import { Hub, HubError } from "hub-core";
    try { await Hub.open(process.argv[1]); } catch (error) { console.log(error instanceof HubError, error.kind); }`;
  assert.equal((await program(lines, place)).stdout, "true conflict\n");
  await assert.rejects(Hub.open(place), { name: "HubError", kind: "conflict" });
  assert.deepEqual((await hub.agents.list(ADMIN)).items, []);
});

async function resident(): Promise<number> {
  const line = (await readFile("/proc/self/status", "utf8")).match(/VmRSS:\s+(\d+) kB/);
  return Number(line?.[1]);
}

async function threads(): Promise<number> {
  return (await readdir("/proc/self/task")).length;
}

test(`${CYCLES} hubs one after the other leave nothing`, { timeout: 900_000 }, async () => {
  const place = await folder();
  const cycle = async (): Promise<void> => (await Hub.open(place)).shutdown();
  const few = Math.ceil(CYCLES * 0.3);
  for (let count = 0; count < few; count++) await cycle();
  const [before, running] = [await resident(), await threads()];
  for (let count = few; count < CYCLES; count++) await cycle();
  const [after, left] = [await resident(), await threads()];
  console.log(`${CYCLES} cycles: ${before} kB after the first ${few}, ${after} kB at the end, ${left} threads`);
  assert.ok(after - before < 8_192, `${after - before} kilobytes more`);
  assert.ok(left <= running + 2, `${left - running} threads more`);
});
