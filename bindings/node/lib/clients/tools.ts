// What can execute an action.

import type { CallOptions } from "../calls.js";
import type { Context } from "../context.js";
import type { Tool } from "../tools.js";
import type { Page, Tool as ToolShape } from "../types.js";
import { type Caller, Client } from "./client.js";

/** Whoever takes tools of the host as well. @internal */
export interface Registrar extends Caller {
  register(tool: Tool): void;
}

export class Tools extends Client {
  /** @internal */
  private readonly registrar: Registrar;

  /** @internal */
  constructor(registrar: Registrar) {
    super(registrar);
    this.registrar = registrar;
  }

  /** Shows them. */
  list(context: Context, agent_id: string, options?: CallOptions): Promise<Page<ToolShape>> {
    return this.caller.call("tools.list", context, { arguments: { agent_id }, options });
  }

  /** Adds a tool of this program. */
  async register(tool: Tool): Promise<void> {
    this.registrar.register(tool);
  }
}
