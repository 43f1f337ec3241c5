// What people consent to.

import type { CallOptions, PageOptions } from "../calls.js";
import type { Context } from "../context.js";
import type { Consent, ConsentKind, Page } from "../types.js";
import { Client } from "./client.js";

export class Consents extends Client {
  /** Records a grant. */
  grant(
    context: Context,
    person_id: string,
    grant: CallOptions & { kind: ConsentKind; expires_at?: string },
  ): Promise<Consent> {
    return this.caller.call("consent.grant", context, { arguments: { person_id }, body: grant });
  }

  /** Shows a page of a person's grants. */
  list(context: Context, person_id: string, page?: PageOptions): Promise<Page<Consent>> {
    return this.caller.call("consent.list", context, { arguments: { person_id }, page });
  }

  /** Ends a grant and erases what rested on it. */
  async revoke(context: Context, consent_id: string, options?: CallOptions): Promise<void> {
    await this.caller.call("consent.revoke", context, { arguments: { consent_id }, options });
  }
}
