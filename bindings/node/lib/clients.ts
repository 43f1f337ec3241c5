// The sub-clients of a hub.

export { Actions, type NewAction } from "./clients/actions.js";
export { Agents } from "./clients/agents.js";
export { Audit } from "./clients/audit.js";
export { Consents } from "./clients/consents.js";
export { Devices } from "./clients/devices.js";
export { Events } from "./clients/events.js";
export { Memories, type RecallOptions } from "./clients/memories.js";
export { People } from "./clients/people.js";
export { Planners } from "./clients/planners.js";
export { Presences } from "./clients/presences.js";
export { Spaces } from "./clients/spaces.js";
export { Tokens } from "./clients/tokens.js";
export { Tools } from "./clients/tools.js";
