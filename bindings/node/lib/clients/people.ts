// People.

import type { CallOptions, PageOptions } from "../calls.js";
import type { Context } from "../context.js";
import type { Page, Person } from "../types.js";
import { Client } from "./client.js";

export class People extends Client {
  /** Makes a person known. */
  create(context: Context, agent_id: string, person: CallOptions & { name: string }): Promise<Person> {
    return this.caller.call("people.create", context, { arguments: { agent_id }, body: person });
  }

  /** Shows one. */
  get(context: Context, person_id: string, options?: CallOptions): Promise<Person> {
    return this.caller.call("people.get", context, { arguments: { person_id }, options });
  }

  /** Shows a page of them. */
  list(context: Context, agent_id: string, page?: PageOptions): Promise<Page<Person>> {
    return this.caller.call("people.list", context, { arguments: { agent_id }, page });
  }

  /** Changes what is given. */
  update(context: Context, person_id: string, patch: CallOptions & { name?: string }): Promise<Person> {
    return this.caller.call("people.update", context, { arguments: { person_id }, body: patch });
  }

  /** Forgets a person with everything that came from them. */
  async delete(context: Context, person_id: string, options?: CallOptions): Promise<void> {
    await this.caller.call("people.delete", context, { arguments: { person_id }, options });
  }
}
