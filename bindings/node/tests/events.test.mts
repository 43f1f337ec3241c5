// Events as they happen, pages, and calls that nobody waits for any more.

import assert from "node:assert/strict";
import { setTimeout as after } from "node:timers/promises";
import { test } from "node:test";
import { Hub, said } from "hub-core";
import { ADMIN, folder, household } from "./household.mjs";

test("events are followed from where one was", async () => {
  await using hub = await Hub.open(await folder());
  const { space, owner } = await household(hub);
  await hub.events.append(owner, said(space, "before"));
  const heard: unknown[] = [];
  let cursor = await hub.events.end(owner, space);
  async function listen(most: number): Promise<void> {
    for await (const [event, behind] of hub.events.follow(owner, space, { cursor })) {
      heard.push(event.payload["text"]);
      cursor = behind;
      if (heard.length === most) return;
    }
  }
  const listening = listen(2);
  for (const text of ["one", "two", "three"]) await hub.events.append(owner, said(space, text));
  await listening;
  assert.deepEqual(heard, ["one", "two"]);
  await listen(3);
  assert.deepEqual(heard, ["one", "two", "three"]);
  const ends = new AbortController();
  const waiting = hub.events.follow(owner, space, { cursor, signal: ends.signal }).next();
  setTimeout(() => ends.abort(), 50);
  await assert.rejects(waiting, { name: "AbortError" });
});

test("a hub that is shut down ends whoever follows", async () => {
  const hub = await Hub.open(await folder());
  const { space, owner } = await household(hub);
  const waiting = hub.events.follow(owner, space).next();
  const rejected = assert.rejects(waiting, { name: "HubError", kind: "unavailable", retryable: true });
  await after(50);
  await hub.shutdown();
  await rejected;
});

test("a list is read page by page", async () => {
  await using hub = await Hub.open(await folder());
  const { agent } = await household(hub);
  for (const name of ["hall", "attic", "cellar"]) await hub.spaces.create(ADMIN, agent, { name });
  const seen: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await hub.spaces.list(ADMIN, agent, cursor ? { limit: 2, cursor } : { limit: 2 });
    seen.push(...page.items.map((space) => space.name));
    cursor = page.next_cursor;
  } while (cursor !== null);
  assert.deepEqual(seen.sort(), ["attic", "cellar", "hall", "kitchen"]);
});

test("a signal ends the waiting, before a call and in the middle of a write", async () => {
  await using hub = await Hub.open(await folder());
  const { agent, space, owner } = await household(hub);
  const reason = new Error("enough");
  await assert.rejects(hub.agents.list(ADMIN, { signal: AbortSignal.abort(reason) }), reason);
  const event = said(space, "as it may be");
  const ends = new AbortController();
  const writing = hub.events.append(owner, event, { signal: ends.signal });
  ends.abort(reason);
  await assert.rejects(writing, reason);
  // Whether or not it got through: the same event again is stored once.
  const [again] = await hub.events.append(owner, event);
  assert.ok(again?.status === "stored" || again?.status === "duplicate", again?.status);
  assert.equal((await hub.agents.status(ADMIN, agent)).counts["events"], 1);
});
