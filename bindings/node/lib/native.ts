// The native part: what `src/*.rs` exports.

/** Begins a run when it gets a text and a reply, and ends run number `run` early when it gets none. @internal */
export type Code = (run: number, text?: string | null, reply?: Reply | null) => void;

/** Is told the outcome of a call. @internal */
export type Done = (succeeded: boolean, text: string) => void;

/** Takes the answer of a tool or a planner, once. @internal */
export interface Reply {
  ok(text: string): void;
  fail(message: string, retryable: boolean): void;
}

/** A call that is under way. @internal */
export interface Pending {
  cancel(): void;
}

/** A hub. @internal */
export interface NativeHub {
  tool(manifest: string, code: Code): void;
  planner(name: string, version: string, code: Code): void;
  open(options: string, done: Done): void;
  start(operation: string, request: string, done: Done): Pending | null;
  register(manifest: string, code: Code): string | null;
  shutdown(done: Done): void;
}

/** What the library exports. @internal */
export interface Native {
  Hub: new () => NativeHub;
  operations(): string[];
}

function load(): Native {
  const platform = `${process.platform}-${process.arch}`;
  try {
    return require(`../native/hub_core.${platform}.node`) as Native;
  } catch (cause) {
    throw new Error(`this package of hub-core has no native part that can be loaded on ${platform}`, { cause });
  }
}

/** Loaded once for each thread of JavaScript. @internal */
export const native: Native = load();
