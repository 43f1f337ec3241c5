// What crosses to the native part, as text.

import type { Context } from "./context.js";
import { HubError } from "./errors.js";

/** What every call takes. */
export interface CallOptions {
  /** Ends the waiting: what was handed to the writer is still written. The promise is rejected with its reason. */
  signal?: AbortSignal;
}

/** What a list takes. */
export interface PageOptions extends CallOptions {
  /** How many at most. */
  limit?: number;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
}

/** A call beside its name and its caller. `signal` may stand in `page`, in `body` or by itself. @internal */
export interface Parts {
  arguments?: Record<string, unknown>;
  page?: PageOptions | undefined;
  body?: object | undefined;
  options?: CallOptions | undefined;
}

/** A request of an operation. @internal */
export function request(context: Context, parts: Parts): string {
  // A caller in plain JavaScript may have forgotten it: the hub says what is missing.
  const caller = (context as Context | null | undefined)?.caller;
  const apart = (given: object | undefined): object | undefined => given && { ...given, signal: undefined };
  return text({ as: caller, arguments: parts.arguments, page: apart(parts.page), body: apart(parts.body) });
}

/** What ends the waiting early. @internal */
export function signalOf(parts: Parts): AbortSignal | undefined {
  const given: CallOptions | undefined = parts.options ?? parts.page ?? parts.body;
  const signal = given?.signal ?? undefined;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new HubError("signal is not an AbortSignal", { code: "invalid_field", context: { field: "signal" } });
  }
  return signal;
}

/** A value as JSON. @internal */
export function text(value: unknown): string {
  let written: string | undefined;
  try {
    written = JSON.stringify(value);
    // What is no number of JSON is written as null. Looking at each value takes longer than all the rest, so it is
    // done only where there is one.
    if (written?.includes("null")) JSON.stringify(value, exact);
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : "it throws");
  }
  if (written === undefined) throw invalid(`there is no JSON for a ${typeof value}`);
  return written;
}

/** Refuses numbers that JSON has not: `null` in their place would be another value. */
function exact(_key: string, value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) throw new TypeError(`${value} is no number of JSON`);
  return value;
}

function invalid(why: string): HubError {
  return new HubError(`this cannot be written as JSON: ${why}`, { code: "invalid_json" });
}
