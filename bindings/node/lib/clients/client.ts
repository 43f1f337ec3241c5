// What the sub-clients have in common.

import type { Parts } from "../calls.js";
import type { Context } from "../context.js";

/** Whoever carries calls to the hub. @internal */
export interface Caller {
  call<T>(operation: string, context: Context, parts: Parts): Promise<T>;
}

/** A sub-client of a hub. */
export abstract class Client {
  /** @internal */
  protected readonly caller: Caller;

  /** @internal */
  constructor(caller: Caller) {
    this.caller = caller;
  }
}
