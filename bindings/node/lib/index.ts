/**
 * The hub for agents that live with people, embedded: identity, memory, consent, policy, and a log.
 *
 * Everything that an operation answers has the shapes in `types`; what goes wrong throws `HubError` with a stable
 * `code`.
 */

export type { CallOptions, PageOptions } from "./calls.js";
export type { NewAction, RecallOptions } from "./clients.js";
export { Context } from "./context.js";
export { HubError, type Kind, type Problem } from "./errors.js";
export { Retry } from "./host.js";
export { Hub, type HubOptions, type Worker } from "./hub.js";
export { planner, type Plan, type Planner, type ProposedAction, type ProposedMemory, type Utterance, type Window } from "./planner.js";
export { said, type Said } from "./said.js";
export type { JsonSchema, StandardSchema } from "./schema.js";
export { tool, type Tool, type ToolCall, type ToolOptions } from "./tools.js";
export type * as types from "./types.js";
