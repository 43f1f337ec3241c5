// Tools that are written in JavaScript.

import { asJson, isStandard, read, type JsonSchema, type StandardSchema } from "./schema.js";
import type { Effect, Scope } from "./types.js";

/** One run of a tool: an approved action, as it was approved. */
export interface ToolCall {
  agent_id: string;
  space_id: string;
  action_id: string;
  arguments: Record<string, unknown>;
  attempt: number;
  /** The same for every attempt of an action. */
  idempotency_key: string;
  /** Aborted when the time is over or the hub stops. */
  signal: AbortSignal;
}

/** What a tool says of itself. */
export interface ToolOptions {
  name: string;
  /** `1.0.0` unless given. */
  version?: string;
  /** For whoever approves, and for models. */
  description: string;
  /** What it does to the world; `external` unless given. What only reads runs without approval. */
  effect?: Effect;
  scopes?: readonly Scope[];
  /** 30 unless given. */
  timeout_seconds?: number;
  /** Whether running it twice does no more than once. */
  idempotent?: boolean;
}

/** A function, and what it says of itself. */
export interface Tool {
  readonly manifest: Readonly<Record<string, unknown>>;
  /** Runs an approved action. */
  run(call: ToolCall): Promise<unknown>;
}

/**
 * Makes a tool of a function, plain or async, that takes the arguments and the call.
 *
 * `input_schema` is a schema of zod (what it reads is what the function gets) or JSON Schema; without one the tool
 * takes no arguments.
 */
export function tool<Arguments>(
  options: ToolOptions & { input_schema: StandardSchema<Arguments> },
  run: (args: Arguments, call: ToolCall) => unknown,
): Tool;
export function tool(
  options: ToolOptions & { input_schema?: JsonSchema },
  run: (args: Record<string, unknown>, call: ToolCall) => unknown,
): Tool;
export function tool<Arguments>(
  options: ToolOptions & { input_schema?: StandardSchema<Arguments> | JsonSchema },
  run: (args: never, call: ToolCall) => unknown,
): Tool {
  const schema = options.input_schema ?? { type: "object", properties: {}, additionalProperties: false };
  const manifest = {
    name: options.name,
    version: options.version ?? "1.0.0",
    description: options.description,
    input_schema: asJson(schema),
    effect: options.effect ?? "external",
    scopes: options.scopes ?? [],
    timeout_seconds: options.timeout_seconds ?? 30,
    idempotent: options.idempotent ?? false,
  };
  return {
    manifest,
    async run(call) {
      const args: unknown = isStandard(schema) ? await read(schema, call.arguments) : call.arguments;
      return run(args as never, call);
    },
  };
}
