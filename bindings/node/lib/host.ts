// Runs tools and planners of this program for the threads of the hub.

import { text as json } from "./calls.js";
import { HubError } from "./errors.js";
import type { Code, Reply } from "./native.js";

/** Thrown by a planner when trying again later can help. What a tool throws ends its action. */
export class Retry extends Error {
  static {
    this.prototype.name = "Retry";
  }
}

/** Code of the host: its input, and what says that nobody waits any more. @internal */
export type Work = (input: unknown, signal: AbortSignal) => unknown;

/** What the hub calls. It never throws: nobody would catch it. @internal */
export function begin(work: Work): Code {
  const running = new Map<number, AbortController>();
  return (run, text, reply) => {
    if (text == null || reply == null) {
      running.get(run)?.abort();
      return;
    }
    const controller = new AbortController();
    running.set(run, controller);
    void answer(work, text, reply, controller.signal).finally(() => running.delete(run));
  };
}

async function answer(work: Work, text: string, reply: Reply, signal: AbortSignal): Promise<void> {
  try {
    const value = await work(JSON.parse(text), signal);
    reply.ok(value === undefined ? "null" : json(value));
  } catch (thrown) {
    reply.fail(saidBy(thrown), thrown instanceof Retry || (thrown instanceof HubError && thrown.retryable));
  }
}

/** Whatever was thrown, in a line. */
function saidBy(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return "what was thrown has no text";
  }
}
