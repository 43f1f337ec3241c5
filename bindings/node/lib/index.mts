// The same for `import`: one copy of the package in a program, however it is loaded.

export { Context, Hub, HubError, Retry, planner, said, tool } from "./index.js";
export type * from "./index.js";
