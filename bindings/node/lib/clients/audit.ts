// The log.

import type { CallOptions, PageOptions } from "../calls.js";
import type { Context } from "../context.js";
import type { AuditCheckpoint, AuditEntry, Page, Report } from "../types.js";
import { Client } from "./client.js";

export class Audit extends Client {
  /** Shows a page of an agent's log. */
  entries(context: Context, agent_id: string, page?: PageOptions): Promise<Page<AuditEntry>> {
    return this.caller.call("audit.entries", context, { arguments: { agent_id }, page });
  }

  /** Where an agent's log ends. */
  checkpoint(context: Context, agent_id: string, options?: CallOptions): Promise<AuditCheckpoint> {
    return this.caller.call("audit.checkpoint", context, { arguments: { agent_id }, options });
  }

  /** Verifies every log. */
  verify(context: Context, options?: CallOptions): Promise<Report> {
    return this.caller.call("audit.verify", context, { options });
  }
}
