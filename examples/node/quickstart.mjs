// A hub inside a program: somebody says something, it is remembered, a reminder is proposed, approved and set, and the
// log proves every step. No server, no key, no network.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Context, Hub, said } from "hub-core";

const folder = await mkdtemp(join(tmpdir(), "hub-"));
const hub = await Hub.open(folder);
try {
  const admin = Context.admin();
  const agent = (await hub.agents.create(admin, { name: "home" })).agent_id;
  const kitchen = (await hub.spaces.create(admin, agent, { name: "kitchen" })).space_id;
  const person = (await hub.people.create(admin, agent, { name: "Anna" })).person_id;
  const anna = Context.operator(agent, person, "owner");

  const words = "I am allergic to nuts. Remind me to buy milk tomorrow at 9.";
  await hub.events.append(anna, said(kitchen, words, { person_id: person }));
  await hub.drained(agent);

  for (const found of (await hub.memory.recall(anna, "what is Anna allergic to?")).memories) {
    console.log("remembered:", found.content);
  }
  for (const action of (await hub.actions.list(anna, agent)).items) {
    console.log("proposed:  ", action.tool, action.arguments);
    await hub.actions.approve(anna, action.action_id, action.binding_digest);
    await hub.drained(agent);
    console.log("now:       ", (await hub.actions.get(anna, action.action_id)).state);
  }
  console.log("log holds: ", (await hub.audit.verify(admin)).holds);
} finally {
  await hub.shutdown();
  await rm(folder, { recursive: true });
}
