// Who may come and go.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Context, Hub, said } from "hub-core";
import { ADMIN, first, folder, household } from "./household.mjs";

test("names, tokens, presence and types of events", async () => {
  await using hub = await Hub.open(await folder());
  const { agent, space, anna, owner } = await household(hub);
  assert.equal((await hub.people.update(ADMIN, anna, { name: "Anna B." })).name, "Anna B.");

  const device = await hub.devices.create(ADMIN, agent, { name: "speaker", scopes: ["events:write"] });
  const changed = await hub.devices.update(ADMIN, device.device_id, { name: "display", scopes: ["presence:write"] });
  assert.deepEqual([changed.name, changed.scopes], ["display", ["presence:write"]]);
  const rotated = await hub.devices.rotate(ADMIN, device.device_id);
  await assert.rejects(hub.presence.report(Context.token(device.token), space, { state: "present" }));
  const seen = await hub.presence.report(Context.token(rotated.token), space, { state: "present" });
  assert.equal(seen.device_id, device.device_id);
  assert.deepEqual((await hub.presence.list(owner, space)).items.map((one) => one.state), ["present"]);

  const made = await hub.tokens.create(owner, agent, { kind: "operator", person_id: anna, role: "member" });
  assert.equal((await hub.people.get(Context.token(made.token), anna)).name, "Anna B.");
  assert.equal(first((await hub.tokens.list(owner, agent)).items).token_id, made.token_id);
  await hub.tokens.revoke(owner, made.token_id);
  await assert.rejects(hub.people.get(Context.token(made.token), anna), { name: "HubError" });
  const other = await hub.tokens.create(owner, agent, {
    kind: "delegate",
    name: "calendar",
    scopes: ["memories:read"],
    spaces: [space],
    expires_at: "2100-01-01T00:00:00Z",
  });
  assert.equal(other.kind, "delegate");

  await hub.events.put_type(ADMIN, agent, "custom.warmth", { type: "object" });
  assert.deepEqual((await hub.events.get_type(ADMIN, agent, "custom.warmth")).schema, { type: "object" });
  assert.equal((await hub.events.list_types(ADMIN, agent)).items.length, 1);
  const warm = { ...said(space, ""), type: "custom.warmth", payload: { celsius: 21.5 } };
  assert.equal(first(await hub.events.append(owner, warm)).status, "stored");

  assert.deepEqual((await hub.planner.dead_letters(ADMIN, agent)).items, []);
  await assert.rejects(hub.planner.replay(ADMIN, anna), { code: "unknown_dead_letter" });
});
