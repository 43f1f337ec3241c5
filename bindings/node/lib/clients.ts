// The sub-clients of a hub.

export { Actions, type NewAction } from "./clients/actions.js";
export { Agents } from "./clients/agents.js";
export { Audit } from "./clients/audit.js";
export { Consents } from "./clients/consents.js";
export { Devices } from "./clients/devices.js";
export { Events } from "./clients/events.js";
export { Memories, type RecallOptions } from "./clients/memories.js";
export { People } from "./clients/people.js";
export { Spaces } from "./clients/spaces.js";
export { Tools } from "./clients/tools.js";
