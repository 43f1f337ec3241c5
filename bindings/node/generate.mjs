// Makes lib/types.ts of docs/openapi.json; with --check, only says whether it is so.

import { readFileSync, writeFileSync } from "node:fs";

const DOCUMENT = new URL("../../docs/openapi.json", import.meta.url);
const MADE = new URL("lib/types.ts", import.meta.url);

// What an operation answers or takes; what these refer to comes along.
const ROOTS = [
  "Action", "Agent", "AuditCheckpoint", "AuditEntry", "Consent", "CreateToken", "DeadLetter", "DeadLetterReplayed", "Device",
  "DeviceCreated", "DeviceRotated", "Event", "EventResult", "EventType", "EventsAnswer", "Memory", "NewEvent", "Person",
  "Presence", "RecallAnswer", "Role", "Space", "Status", "Token", "TokenCreated", "Tool",
];

// The shapes that do not travel over HTTP under a name.
const OWN = `
/** A part of a list. */
export interface Page<T> {
  items: T[];
  /** Where the next part begins; null behind the last. */
  next_cursor: string | null;
}

/** What a verification of the log found. */
export interface Report {
  holds: boolean;
  /** How many entries were looked at. */
  entries: number;
  problems: string[];
}
`;

const schemas = JSON.parse(readFileSync(DOCUMENT, "utf8")).components.schemas;
const wanted = new Set();

function want(name) {
  if (wanted.has(name)) return;
  wanted.add(name);
  JSON.stringify(schemas[name], (key, value) => {
    if (key === "$ref") want(value.split("/").at(-1));
    return value;
  });
}

function said(schema, indent) {
  // Links of the document's source say nothing here.
  const text = (schema.description ?? "").replace(/\[`([^`]*)`\]/g, "`$1`").replace(/\s+/g, " ").trim();
  return text === "" ? "" : `${indent}/** ${text} */\n`;
}

function typed(schema) {
  if (schema.$ref) return schema.$ref.split("/").at(-1);
  if (schema.enum) return schema.enum.map((word) => JSON.stringify(word)).join(" | ");
  if (schema.oneOf) return schema.oneOf.map(typed).join(" | ");
  if (Array.isArray(schema.type)) return schema.type.map((type) => typed({ ...schema, type })).join(" | ");
  if (schema.type === "array") return `${wrapped(typed(schema.items))}[]`;
  if (schema.type === "object" && schema.properties) return `{\n${fields(schema)}}`;
  if (schema.type === "object") {
    const values = schema.additionalProperties;
    return `Record<string, ${values && values !== true ? typed(values) : "unknown"}>`;
  }
  return { string: "string", integer: "number", number: "number", boolean: "boolean", null: "null" }[schema.type] ?? "unknown";
}

function wrapped(type) {
  return type.includes(" ") ? `(${type})` : type;
}

function fields(schema) {
  const lines = Object.entries(schema.properties).map(([name, property]) => {
    if ((schema.required ?? []).includes(name)) return `${said(property, "  ")}  ${name}: ${typed(property)};\n`;
    const type = typed(property);
    const may = type === "unknown" || type.includes("null") ? type : `${type} | null`;
    return `${said(property, "  ")}  ${name}?: ${may};\n`;
  });
  return lines.join("");
}

function shape(name) {
  const schema = schemas[name];
  if (schema === undefined) throw new Error(`docs/openapi.json has no ${name}`);
  if (schema.type === "object" && schema.properties) return `${said(schema, "")}export interface ${name} {\n${fields(schema)}}\n`;
  return `${said(schema, "")}export type ${name} = ${typed(schema)};\n`;
}

ROOTS.forEach(want);
const head = "// The shapes of what the hub answers: the same that travel over HTTP (docs/PROTOCOL.md).\n// Made from docs/openapi.json by generate.mjs: do not change it here.\n";
const text = `${head}${OWN}\n${[...wanted].sort().map(shape).join("\n")}`;
if (!process.argv.includes("--check")) {
  writeFileSync(MADE, text);
} else if (readFileSync(MADE, "utf8") !== text) {
  console.error("lib/types.ts is not made from docs/openapi.json: node bindings/node/generate.mjs");
  process.exit(1);
}
