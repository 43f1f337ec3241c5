// The same for `import`: one copy of the package in a program, however it is loaded. What `import` does to look for names
// in such a file takes longer than to run it.

import { createRequire } from "node:module";
import type * as whole from "./index.js";

const loaded = createRequire(import.meta.url)("./index.js") as typeof whole;

export const { Context, Hub, HubError, Retry, planner, said, tool } = loaded;
export type Context = whole.Context;
export type Hub = whole.Hub;
export type HubError = whole.HubError;
export type Retry = whole.Retry;
export type * from "./index.js";
