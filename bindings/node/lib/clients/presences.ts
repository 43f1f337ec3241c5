// Who is where.

import type { CallOptions } from "../calls.js";
import type { Context } from "../context.js";
import type { Page, Presence, PresenceState } from "../types.js";
import { Client } from "./client.js";

export class Presences extends Client {
  /** Reports who is in a space, or has left it: the caller unless somebody is named. */
  report(
    context: Context,
    space_id: string,
    report: CallOptions & { state: PresenceState; person_id?: string },
  ): Promise<Presence> {
    return this.caller.call("presence.report", context, { arguments: { space_id }, body: report });
  }

  /** Shows what was reported of a space and still counts. */
  list(context: Context, space_id: string, options?: CallOptions): Promise<Page<Presence>> {
    return this.caller.call("presence.list", context, { arguments: { space_id }, options });
  }
}
