// What happened.

import type { CallOptions, PageOptions } from "../calls.js";
import type { Context } from "../context.js";
import type { Event, EventResult, EventsAnswer, EventType, NewEvent, Page } from "../types.js";
import { Client } from "./client.js";

export class Events extends Client {
  /** Stores one event or many, and answers what became of each. What it calls stored is on the disk. */
  async append(
    context: Context,
    events: NewEvent | readonly NewEvent[],
    options?: CallOptions,
  ): Promise<EventResult[]> {
    const body = { ...options, events: Array.isArray(events) ? events : [events] };
    return (await this.caller.call<EventsAnswer>("events.append", context, { body })).results;
  }

  /** Shows a page of a space's events, in the order in which they were stored. */
  list(context: Context, space_id: string, page?: PageOptions): Promise<Page<Event>> {
    return this.caller.call("events.list", context, { arguments: { space_id }, page });
  }

  /** Forgets an event and everything that was derived from it. */
  async forget(context: Context, event_id: string, options?: CallOptions): Promise<void> {
    await this.caller.call("events.forget", context, { arguments: { event_id }, options });
  }

  /** The cursor behind the newest event. */
  async end(context: Context, space_id: string, options?: CallOptions): Promise<string> {
    const parts = { arguments: { space_id }, options };
    return (await this.caller.call<{ cursor: string }>("events.end", context, parts)).cursor;
  }

  /** Registers a type of events, `custom.` and a name, or replaces the schema of their payloads. */
  put_type(
    context: Context,
    agent_id: string,
    type: string,
    schema: Readonly<Record<string, unknown>>,
    options?: CallOptions,
  ): Promise<EventType> {
    return this.caller.call("events.put_type", context, { arguments: { agent_id, type }, body: { schema }, options });
  }

  /** Shows a registered type. */
  get_type(context: Context, agent_id: string, type: string, options?: CallOptions): Promise<EventType> {
    return this.caller.call("events.get_type", context, { arguments: { agent_id, type }, options });
  }

  /** Shows a page of the registered types. */
  list_types(context: Context, agent_id: string, page?: PageOptions): Promise<Page<EventType>> {
    return this.caller.call("events.list_types", context, { arguments: { agent_id }, page });
  }

  /**
   * Events as they happen, each with the cursor behind it: whoever was away goes on there. Without a cursor it begins
   * with the oldest event; `end()` gives the one for what comes from now on.
   */
  async *follow(
    context: Context,
    space_id: string,
    options: CallOptions & { cursor?: string } = {},
  ): AsyncGenerator<[event: Event, cursor: string], never, undefined> {
    let { cursor } = options;
    for (;;) {
      const parts = { arguments: { space_id }, page: { ...options, cursor, limit: 1 } };
      const found = await this.caller.call<{ items: Event[]; next_cursor: string }>("events.follow", context, parts);
      cursor = found.next_cursor;
      for (const event of found.items) yield [event, cursor];
    }
  }
}
