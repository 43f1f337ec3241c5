// Drives a server by the official Node client, and prints what it found as JSON.

import { createRequire } from "node:module";
import { join } from "node:path";

const OpenAI = createRequire(join(process.env.CLIENTS, "node", "package.json"))("openai").OpenAI;
const client = new OpenAI({ maxRetries: 2 });
const hasty = { maxRetries: 0 };
const schema = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};

const ask = (input, more = {}, options = {}, by = client) =>
  by.responses.create({ model: "fake-model", input, ...more }, options);
const asSchema = (schema) => ({ text: { format: { type: "json_schema", name: "city", strict: true, schema } } });
const statusOf = async (call) => {
  try {
    await call();
    return 200;
  } catch (error) {
    return error.status;
  }
};

const found = { models: [] };
for await (const model of client.models.list()) found.models.push(model.id);
const plain = await ask("say plain");
found.plain = plain.output_text;
found.tokens = plain.usage.total_tokens;
found.structured = JSON.parse((await ask("say structured", asSchema(schema))).output_text);
found.streamed = "";
for await (const event of await ask("say streamed", { stream: true })) {
  if (event.type === "response.output_text.delta") found.streamed += event.delta;
  found.stream_ended = event.type;
}
found.refused = (await ask("say refused")).output[0].content[0].refusal;
const half = await ask("say half");
found.half = [half.status, half.incomplete_details.reason, half.output_text];
found.busy = (await ask("say busy")).output_text;
found.down = await statusOf(() => ask("say down", {}, hasty));
const stranger = new OpenAI({ apiKey: "sk-wrong", maxRetries: 0 });
found.bad_key = await statusOf(() => ask("say plain", {}, hasty, stranger));
found.bad_schema = await statusOf(() => ask("say plain", asSchema({ ...schema, required: [] }), hasty));
console.log(JSON.stringify(found));
