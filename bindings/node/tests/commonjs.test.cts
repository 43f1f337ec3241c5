// The package as `require` gets it, which is the same copy that `import` gets.

import assert = require("node:assert/strict");
import { test } from "node:test";
import hub = require("hub-core");

test("`require` and `import` get the same classes", async () => {
  const imported = await import("hub-core");
  assert.equal(hub.Hub, imported.Hub);
  assert.equal(hub.HubError, imported.HubError);
  assert.deepEqual(Object.keys(imported).sort(), Object.keys(hub).filter((name) => name !== "__esModule").sort());
});

test("a hub opens", async () => {
  const { folder } = await import("./household.mjs");
  const home = await hub.Hub.open(await folder());
  const agent: hub.types.Agent = await home.agents.create(hub.Context.admin(), { name: "home" });
  assert.equal(agent.name, "home");
  await home.shutdown();
});
