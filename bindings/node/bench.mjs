// What the crossing costs in Node; the benchmark `bindings` reads the document that this writes.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const began = performance.now();
const { Context, Hub, said } = await import("hub-core");
const load = performance.now() - began;

const [mode, ...numbers] = process.argv.slice(2);
const admin = Context.admin();

async function opened(work) {
  const folder = await mkdtemp(join(tmpdir(), "hub-bench-"));
  const hub = await Hub.open(folder, { workers: [] });
  try {
    return await work(hub);
  } finally {
    await hub.shutdown();
    await rm(folder, { recursive: true });
  }
}

// A call that does nothing: there and back.
async function calls(hub, count) {
  for (let warm = 0; warm < count; warm++) await hub.version();
  const start = performance.now();
  for (let call = 0; call < count; call++) await hub.version();
  return { async: ((performance.now() - start) * 1e3) / count };
}

async function ingest(hub, batches, size, beside) {
  const agent = (await hub.agents.create(admin, { name: "home" })).agent_id;
  const space = (await hub.spaces.create(admin, agent, { name: "kitchen" })).space_id;
  const anna = (await hub.people.create(admin, agent, { name: "Anna" })).person_id;
  const owner = Context.operator(agent, anna, "owner");
  let left = batches;
  const start = performance.now();
  const send = async () => {
    while (left-- > 0) {
      const events = Array.from({ length: size }, (_, number) => said(space, `this is sentence ${number}`));
      const results = await hub.events.append(owner, events);
      if (results.some((result) => result.status !== "stored")) throw new Error(JSON.stringify(results));
    }
  };
  await Promise.all(Array.from({ length: beside }, send));
  return (batches * size) / ((performance.now() - start) / 1e3);
}

const [first, second, third] = numbers.map(Number);
const work = {
  load: async () => ({ load }),
  calls: () => opened((hub) => calls(hub, first)),
  ingest: () => opened(async (hub) => ({ events: await ingest(hub, first, second, third) })),
};
console.log(JSON.stringify(await work[mode]()));
