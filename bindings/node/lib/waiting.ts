// Calls that wait for their outcome.

import { clearInterval, setInterval } from "node:timers";
import type { Callback, Outcome } from "./native.js";

/** Longer than any call: what a timer can do at most. */
const LONG_MS = 2 ** 31 - 1;

/** The calls of one hub that are under way. While there are any, the process does not end by itself. @internal */
export class Waiting {
  private readonly calls = new Map<number, (outcome: Outcome) => void>();
  private last = 0;
  private awake: NodeJS.Timeout | undefined;

  /** What the hub tells outcomes to. It keeps the hub from no end: it knows of the calls alone. */
  readonly callback: Callback = (call, succeeded, text) => {
    const settle = this.calls.get(call);
    this.leave(call);
    settle?.({ succeeded, text });
  };

  /** A number for a call that begins. */
  number(): number {
    this.last = (this.last + 1) >>> 0;
    return this.last;
  }

  /** The outcome of a call that was begun under that number. */
  outcome(call: number): Promise<Outcome> {
    this.awake ??= setInterval(() => undefined, LONG_MS);
    return new Promise((resolve) => this.calls.set(call, resolve));
  }

  /** Nobody waits for that call any more. */
  leave(call: number): void {
    this.calls.delete(call);
    if (this.calls.size === 0 && this.awake !== undefined) {
      clearInterval(this.awake);
      this.awake = undefined;
    }
  }
}
