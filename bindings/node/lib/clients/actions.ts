// Proposed side effects.

import type { CallOptions, PageOptions } from "../calls.js";
import type { Context } from "../context.js";
import type { Action, ActionState, Page } from "../types.js";
import { Client } from "./client.js";

/** A run of a tool that is wanted. */
export interface NewAction extends CallOptions {
  space_id: string;
  tool: string;
  arguments: Readonly<Record<string, unknown>>;
  /** For the approver. */
  reason?: string;
  /** Chosen by the caller where a repeated proposal is to be one action. */
  action_id?: string;
}

export class Actions extends Client {
  /** Proposes a run of a tool. Nothing runs before a person approves it. */
  propose(context: Context, agent_id: string, action: NewAction): Promise<Action> {
    return this.caller.call("actions.propose", context, { arguments: { agent_id }, body: action });
  }

  /** Shows one. */
  get(context: Context, action_id: string, options?: CallOptions): Promise<Action> {
    return this.caller.call("actions.get", context, { arguments: { action_id }, options });
  }

  /** Shows a page of them. */
  list(
    context: Context,
    agent_id: string,
    options: PageOptions & { state?: ActionState } = {},
  ): Promise<Page<Action>> {
    const { state, ...page } = options;
    return this.caller.call("actions.list", context, { arguments: { agent_id, state }, page });
  }

  /** Approves exactly what was shown: `binding_digest` is that of the action that the person saw. */
  approve(context: Context, action_id: string, binding_digest: string, options?: CallOptions): Promise<Action> {
    const body = { ...options, binding_digest };
    return this.caller.call("actions.approve", context, { arguments: { action_id }, body });
  }

  /** Rejects it. */
  reject(context: Context, action_id: string, options?: CallOptions & { reason?: string }): Promise<Action> {
    return this.caller.call("actions.reject", context, { arguments: { action_id }, body: options });
  }

  /** Takes a proposal back. */
  cancel(context: Context, action_id: string, options?: CallOptions): Promise<Action> {
    return this.caller.call("actions.cancel", context, { arguments: { action_id }, options });
  }

  /** Says of an action whose outcome is unknown whether it happened. */
  resolve(context: Context, action_id: string, outcome: CallOptions & { happened: boolean }): Promise<Action> {
    const body = { signal: outcome.signal, outcome: outcome.happened ? "done" : "failed" };
    return this.caller.call("actions.resolve", context, { arguments: { action_id }, body });
  }
}
