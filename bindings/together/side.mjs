// One hub of two on a database: it has the tool `node.greet`, and tells what came of it.

import { createInterface } from "node:readline";
import { Context, Hub, tool } from "hub-core";

const ACTIONS = 10;
const [folder, database_url] = process.argv.slice(2);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

const greet = tool(
  {
    name: "node.greet",
    description: "Says which process ran it.",
    input_schema: { type: "object", properties: { number: { type: "integer" } }, required: ["number"] },
  },
  ({ number }) => ({ number, process: process.pid }),
);

const hub = await Hub.open(folder, { database_url, tools: [greet] });
console.log("open");
await lines.next();
const admin = Context.admin();
const agent = (await hub.agents.create(admin, { name: "node" })).agent_id;
const space = (await hub.spaces.create(admin, agent, { name: "hall" })).space_id;
const anna = (await hub.people.create(admin, agent, { name: "Anna" })).person_id;
const owner = Context.operator(agent, anna, "owner");
for (let number = 0; number < ACTIONS; number++) {
  const wanted = { space_id: space, tool: "node.greet", arguments: { number } };
  const action = await hub.actions.propose(owner, agent, wanted);
  await hub.actions.approve(owner, action.action_id, action.binding_digest);
}
await hub.drained(agent);
const done = (await hub.actions.list(owner, agent, { state: "done" })).items;
console.log(JSON.stringify({ process: process.pid, results: done.map((action) => action.result) }));
await lines.next();
await hub.shutdown();
process.exit();
