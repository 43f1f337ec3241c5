// Work that was given up.

import type { CallOptions, PageOptions } from "../calls.js";
import type { Context } from "../context.js";
import type { DeadLetter, DeadLetterReplayed, Page } from "../types.js";
import { Client } from "./client.js";

export class Planners extends Client {
  /** Shows a page of it. */
  dead_letters(context: Context, agent_id: string, page?: PageOptions): Promise<Page<DeadLetter>> {
    return this.caller.call("planner.dead_letters", context, { arguments: { agent_id }, page });
  }

  /** Has it tried again, with all its attempts. */
  replay(context: Context, dead_letter_id: string, options?: CallOptions): Promise<DeadLetterReplayed> {
    return this.caller.call("planner.replay", context, { arguments: { dead_letter_id }, options });
  }
}
