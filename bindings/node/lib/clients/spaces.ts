// Spaces and their privacy.

import type { CallOptions, PageOptions } from "../calls.js";
import type { Context } from "../context.js";
import type { Page, Space } from "../types.js";
import { Client } from "./client.js";

export class Spaces extends Client {
  /** Makes a space. */
  create(
    context: Context,
    agent_id: string,
    space: CallOptions & { name: string; privacy_mode?: boolean },
  ): Promise<Space> {
    return this.caller.call("spaces.create", context, { arguments: { agent_id }, body: space });
  }

  /** Shows one. */
  get(context: Context, space_id: string, options?: CallOptions): Promise<Space> {
    return this.caller.call("spaces.get", context, { arguments: { space_id }, options });
  }

  /** Shows a page of them. */
  list(context: Context, agent_id: string, page?: PageOptions): Promise<Page<Space>> {
    return this.caller.call("spaces.list", context, { arguments: { agent_id }, page });
  }

  /** Changes what is given. While a space is private nothing said there is kept. */
  update(
    context: Context,
    space_id: string,
    changes: CallOptions & { name?: string; privacy_mode?: boolean },
  ): Promise<Space> {
    return this.caller.call("spaces.update", context, { arguments: { space_id }, body: changes });
  }

  /** Deletes it with what was said there. */
  async delete(context: Context, space_id: string, options?: CallOptions): Promise<void> {
    await this.caller.call("spaces.delete", context, { arguments: { space_id }, options });
  }
}
