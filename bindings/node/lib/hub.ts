// An embedded hub.

import { fileURLToPath } from "node:url";
import type { CallOptions } from "./calls.js";
import {
  Actions,
  Agents,
  Audit,
  Consents,
  Devices,
  Events,
  Memories,
  People,
  Planners,
  Presences,
  Spaces,
  Tokens,
  Tools,
} from "./clients.js";
import { Connection } from "./connection.js";
import { Context } from "./context.js";
import type { Planner } from "./planner.js";
import type { Tool } from "./tools.js";

/** What runs here beside answering calls. */
export type Worker = "index" | "plan" | "tools" | "timers";

/** How a hub is opened. */
export interface HubOptions {
  /** `postgres://…` instead of SQLite in the folder. */
  database_url?: string;
  /** Settings of the core, such as `window_pause_ms`. */
  settings?: Readonly<Record<string, unknown>>;
  /** All of them unless given. */
  workers?: readonly Worker[];
  /** Tools of this program. They run on the thread that opens the hub. */
  tools?: Iterable<Tool>;
  /** A planner of this program, in place of the rules. */
  planner?: Planner;
}

/** A hub in a folder. `await using hub = await Hub.open(folder)` shuts it down at the end. */
export class Hub {
  readonly agents: Agents;
  readonly spaces: Spaces;
  readonly people: People;
  readonly devices: Devices;
  readonly tokens: Tokens;
  readonly consent: Consents;
  readonly presence: Presences;
  readonly events: Events;
  readonly memory: Memories;
  readonly actions: Actions;
  readonly planner: Planners;
  readonly tools: Tools;
  readonly audit: Audit;
  readonly #connection: Connection;

  private constructor(connection: Connection) {
    this.#connection = connection;
    this.agents = new Agents(connection);
    this.spaces = new Spaces(connection);
    this.people = new People(connection);
    this.devices = new Devices(connection);
    this.tokens = new Tokens(connection);
    this.consent = new Consents(connection);
    this.presence = new Presences(connection);
    this.events = new Events(connection);
    this.memory = new Memories(connection);
    this.actions = new Actions(connection);
    this.planner = new Planners(connection);
    this.tools = new Tools(connection);
    this.audit = new Audit(connection);
  }

  /** Opens the hub of a folder, with its workers. An open hub by itself keeps no process alive. */
  static async open(folder: string | URL, options: HubOptions = {}): Promise<Hub> {
    const { tools = [], planner, ...rest } = options;
    const place = folder instanceof URL ? fileURLToPath(folder) : folder;
    return new Hub(await Connection.open({ options: { ...rest, folder: place }, tools, planner }));
  }

  /** Returns when everything that was said is recallable and planned, and what was approved has run. */
  async drained(agent_id: string, options?: CallOptions): Promise<void> {
    await this.#connection.call("hub.drained", Context.admin(), { arguments: { agent_id }, options });
  }

  /** The version of the hub inside, such as `0.1.0`. */
  async version(): Promise<string> {
    const { version } = await this.#connection.call<{ version: string }>("hub.version", Context.admin(), {});
    return version;
  }

  /** Finishes what was accepted, stops the workers and closes the database. Again, it does nothing. */
  shutdown(): Promise<void> {
    return this.#connection.shutdown();
  }

  /** As `shutdown`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }
}
