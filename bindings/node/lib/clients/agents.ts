// Agents: the islands that everything belongs to.

import type { CallOptions, PageOptions } from "../calls.js";
import type { Context } from "../context.js";
import type { Agent, Page, PlannerKind, Status } from "../types.js";
import { Client } from "./client.js";

export class Agents extends Client {
  /** Makes an agent. */
  create(
    context: Context,
    agent: CallOptions & { name: string; language?: string; planner?: PlannerKind },
  ): Promise<Agent> {
    return this.caller.call("agents.create", context, { body: agent });
  }

  /** Shows one. */
  get(context: Context, agent_id: string, options?: CallOptions): Promise<Agent> {
    return this.caller.call("agents.get", context, { arguments: { agent_id }, options });
  }

  /** Shows a page of them. */
  list(context: Context, page?: PageOptions): Promise<Page<Agent>> {
    return this.caller.call("agents.list", context, { page });
  }

  /** Changes what is given. */
  update(
    context: Context,
    agent_id: string,
    changes: CallOptions & { name?: string; language?: string; planner?: PlannerKind },
  ): Promise<Agent> {
    return this.caller.call("agents.update", context, { arguments: { agent_id }, body: changes });
  }

  /** Deletes it with everything that belongs to it, its log apart. */
  async delete(context: Context, agent_id: string, options?: CallOptions): Promise<void> {
    await this.caller.call("agents.delete", context, { arguments: { agent_id }, options });
  }

  /** Queues, log and counts. */
  status(context: Context, agent_id: string, options?: CallOptions): Promise<Status> {
    return this.caller.call("agents.status", context, { arguments: { agent_id }, options });
  }
}
