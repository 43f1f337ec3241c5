// A native hub, and promises for what it is asked.

import { request, signalOf, text, type Parts } from "./calls.js";
import type { Context } from "./context.js";
import { fromJson } from "./errors.js";
import { begin } from "./host.js";
import { native, type Done, type NativeHub, type Pending } from "./native.js";
import type { Planner, Window } from "./planner.js";
import type { Tool, ToolCall } from "./tools.js";

/** What a hub is opened with. @internal */
export interface Opening {
  options: unknown;
  tools: Iterable<Tool>;
  planner: Planner | undefined;
}

/** Carries calls to a hub, and its answers back. @internal */
export class Connection {
  private ended: Promise<void> | undefined;

  private constructor(private readonly hub: NativeHub) {}

  /** Opens a hub. */
  static async open({ options, tools, planner }: Opening): Promise<Connection> {
    const hub = new native.Hub();
    const connection = new Connection(hub);
    try {
      for (const tool of tools) hub.tool(text(tool.manifest), begin(working(tool)));
      if (planner !== undefined) {
        const plan = begin((window, signal) => planner.plan(window as Window, signal));
        hub.planner(planner.name, planner.version, plan);
      }
      await told((done) => hub.open(text(options), done));
    } catch (error) {
      await connection.shutdown();
      throw error;
    }
    return connection;
  }

  /** Runs an operation. */
  async call<T>(operation: string, context: Context, parts: Parts): Promise<T> {
    const written = request(context, parts);
    const signal = signalOf(parts);
    signal?.throwIfAborted();
    let pending: Pending | null = null;
    let cancel: (() => void) | undefined;
    try {
      const answer = await told((done, reject) => {
        cancel = () => {
          pending?.cancel();
          reject(signal?.reason);
        };
        signal?.addEventListener("abort", cancel);
        pending = this.hub.start(operation, written, done);
      });
      return JSON.parse(answer) as T;
    } finally {
      if (cancel !== undefined) signal?.removeEventListener("abort", cancel);
    }
  }

  /** Adds a tool of the host. */
  register(tool: Tool): void {
    const problem = this.hub.register(text(tool.manifest), begin(working(tool)));
    if (problem !== null) throw fromJson(problem);
  }

  /** Ends it. Again, it does nothing, and waits for the end as well. */
  shutdown(): Promise<void> {
    this.ended ??= told((done) => this.hub.shutdown(done)).then(() => undefined);
    return this.ended;
  }
}

function working(tool: Tool): (call: unknown, signal: AbortSignal) => Promise<unknown> {
  return (call, signal) => tool.run({ ...(call as Omit<ToolCall, "signal">), signal });
}

/** The text that `ask` is told, or the error. */
function told(ask: (done: Done, reject: (reason: unknown) => void) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    ask((succeeded, text) => (succeeded ? resolve(text) : reject(fromJson(text))), reject);
  });
}
