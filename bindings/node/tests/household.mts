// What most tests begin with.

import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Context, type Hub } from "hub-core";

/** Windows of talk end soon. */
export const FAST = { window_pause_ms: 50 };

export const ADMIN = Context.admin();

/** An agent with one space and one person, who owns it. */
export async function household(hub: Hub): Promise<{ agent: string; space: string; anna: string; owner: Context }> {
  const agent = (await hub.agents.create(ADMIN, { name: "home" })).agent_id;
  const space = (await hub.spaces.create(ADMIN, agent, { name: "kitchen" })).space_id;
  const anna = (await hub.people.create(ADMIN, agent, { name: "Anna" })).person_id;
  return { agent, space, anna, owner: Context.operator(agent, anna, "owner") };
}

/** A folder that nobody else has. */
export function folder(): Promise<string> {
  return mkdtemp(join(process.env["HUB_SCRATCH"] ?? tmpdir(), "hub-node-"));
}

/** The first of a list that has one. */
export function first<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined) throw new Error("an empty list");
  return item;
}
