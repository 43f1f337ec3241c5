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

interface Outcome {
  succeeded: boolean;
  text: string;
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
      const written = text(options);
      demand(await told((done) => hub.open(written, done)));
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
      return JSON.parse(demand(answer)) as T;
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

/** What `ask` is told. */
function told(ask: (done: Done, reject: (reason: unknown) => void) => void): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    ask((succeeded, text) => resolve({ succeeded, text }), reject);
  });
}

/** The answer, or the error: made where it is waited for, so that its stack shows who called. */
function demand({ succeeded, text }: Outcome): string {
  if (!succeeded) throw fromJson(text);
  return text;
}
