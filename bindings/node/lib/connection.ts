// A native hub, and promises for what it is asked.

import { request, signalOf, text, type Parts } from "./calls.js";
import type { Context } from "./context.js";
import { fromJson } from "./errors.js";
import { begin } from "./host.js";
import { native, type NativeHub, type Outcome, type Pending } from "./native.js";
import type { Planner, Window } from "./planner.js";
import type { Tool, ToolCall } from "./tools.js";
import { Waiting } from "./waiting.js";

/** What a hub is opened with. @internal */
export interface Opening {
  options: unknown;
  tools: Iterable<Tool>;
  planner: Planner | undefined;
}

/** Carries calls to a hub, and its answers back. @internal */
export class Connection {
  private readonly waiting = new Waiting();
  private readonly hub: NativeHub = new native.Hub(this.waiting.callback);
  private ended: Promise<void> | undefined;

  private constructor() {}

  /** Opens a hub. */
  static async open({ options, tools, planner }: Opening): Promise<Connection> {
    const connection = new Connection();
    const { hub, waiting } = connection;
    try {
      for (const tool of tools) hub.tool(text(tool.manifest), begin(working(tool)));
      if (planner !== undefined) {
        const plan = begin((window, signal) => planner.plan(window as Window, signal));
        hub.planner(planner.name, planner.version, plan);
      }
      const call = waiting.number();
      hub.open(call, text(options));
      demand(await waiting.outcome(call));
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
    const call = this.waiting.number();
    const begun = this.hub.start(call, operation, written);
    if ("text" in begun) return JSON.parse(demand(begun)) as T;
    const outcome = this.waiting.outcome(call);
    return JSON.parse(demand(await (signal ? this.unless(signal, call, begun, outcome) : outcome))) as T;
  }

  /** The outcome, unless the signal comes first. */
  private async unless(signal: AbortSignal, call: number, pending: Pending, outcome: Promise<Outcome>): Promise<Outcome> {
    let cancel = (): void => undefined;
    const aborted = new Promise<never>((_, reject) => {
      cancel = () => {
        this.waiting.leave(call);
        pending.cancel();
        reject(signal.reason);
      };
      signal.addEventListener("abort", cancel);
    });
    try {
      return await Promise.race([outcome, aborted]);
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  /** Adds a tool of the host. */
  register(tool: Tool): void {
    const problem = this.hub.register(text(tool.manifest), begin(working(tool)));
    if (problem !== null) throw fromJson(problem);
  }

  /** Ends it. Again, it does nothing, and waits for the end as well. */
  shutdown(): Promise<void> {
    this.ended ??= this.end();
    return this.ended;
  }

  private async end(): Promise<void> {
    const call = this.waiting.number();
    if (this.hub.shutdown(call)) await this.waiting.outcome(call);
  }
}

function working(tool: Tool): (call: unknown, signal: AbortSignal) => Promise<unknown> {
  return (call, signal) => tool.run({ ...(call as Omit<ToolCall, "signal">), signal });
}

/** The answer, or the error: made where it is waited for, so that its stack shows who called. */
function demand({ succeeded, text }: Outcome): string {
  if (!succeeded) throw fromJson(text);
  return text;
}
