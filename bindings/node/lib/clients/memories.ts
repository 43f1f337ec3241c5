// What is remembered.

import type { CallOptions, PageOptions } from "../calls.js";
import type { Context } from "../context.js";
import type { Memory, Page, RecallAnswer, Tier } from "../types.js";
import { Client } from "./client.js";

/** What narrows a question. */
export interface RecallOptions extends CallOptions {
  /** How many memories at most. */
  k?: number;
  space_id?: string;
  person_id?: string;
  tiers?: readonly Tier[];
  /** RFC 3339: as it was known then. */
  as_of?: string;
  budget_tokens?: number;
}

export class Memories extends Client {
  /** What is remembered that answers a question, and why each was found. */
  recall(context: Context, query: string, options?: RecallOptions): Promise<RecallAnswer> {
    return this.caller.call("memory.recall", context, { body: { ...options, query } });
  }

  /** Shows one. */
  get(context: Context, memory_id: string, options?: CallOptions): Promise<Memory> {
    return this.caller.call("memory.get", context, { arguments: { memory_id }, options });
  }

  /** Shows a page of them. */
  list(
    context: Context,
    agent_id: string,
    options: PageOptions & { tier?: Tier; space_id?: string } = {},
  ): Promise<Page<Memory>> {
    const { tier, space_id, ...page } = options;
    return this.caller.call("memory.list", context, { arguments: { agent_id, tier, space_id }, page });
  }

  /** Writes a memory by hand. */
  note(
    context: Context,
    agent_id: string,
    note: CallOptions & { space_id: string; content: string; person_id?: string },
  ): Promise<Memory> {
    return this.caller.call("memory.note", context, { arguments: { agent_id }, body: note });
  }

  /** Corrects a memory. */
  edit(context: Context, memory_id: string, content: string, options?: CallOptions): Promise<Memory> {
    return this.caller.call("memory.edit", context, { arguments: { memory_id }, body: { ...options, content } });
  }

  /** Forgets a memory. */
  async forget(context: Context, memory_id: string, options?: CallOptions): Promise<void> {
    await this.caller.call("memory.forget", context, { arguments: { memory_id }, options });
  }
}
