// The native part: what `src/*.rs` exports.

/** Begins a run when it gets a text and a reply, and ends run number `run` early when it gets none. @internal */
export type Code = (run: number, text?: string | null, reply?: Reply | null) => void;

/** Is told what came of call number `call`. @internal */
export type Callback = (call: number, succeeded: boolean, text: string) => void;

/** Takes the answer of a tool or a planner, once. @internal */
export interface Reply {
  ok(text: string): void;
  fail(message: string, retryable: boolean): void;
}

/** What came of a call: an answer or a problem, as JSON. @internal */
export interface Outcome {
  succeeded: boolean;
  text: string;
}

/** A call that is under way. @internal */
export interface Pending {
  cancel(): void;
}

/** A hub. @internal */
export interface NativeHub {
  tool(manifest: string, code: Code): void;
  planner(name: string, version: string, code: Code): void;
  open(call: number, options: string): void;
  start(call: number, operation: string, request: string): Outcome | Pending;
  register(manifest: string, code: Code): string | null;
  shutdown(call: number): boolean;
}

/** What the library exports. @internal */
export interface Native {
  Hub: new (callback: Callback) => NativeHub;
  /** A random UUID, without Node's module of cryptography, which takes milliseconds to load. */
  newId(): string;
  operations(): string[];
}

/** What the builds for one platform are told apart by. npm installs one; old ones install both, and one cannot be loaded. */
const BUILDS: Partial<Record<NodeJS.Platform, readonly string[]>> = { linux: ["-gnu", "-musl"], win32: ["-msvc"] };

function load(): Native {
  const platform = `${process.platform}-${process.arch}`;
  const packages = (BUILDS[process.platform] ?? [""]).map((build) => `@hub-core/${platform}${build}`);
  const causes: unknown[] = [];
  for (const place of [`../native/hub_core.${platform}.node`, ...packages]) {
    try {
      return require(place) as Native;
    } catch (cause) {
      causes.push(cause);
    }
  }
  const cause = new AggregateError(causes, `neither in this package nor in ${packages.join(" or ")}`);
  throw new Error(`hub-core has no native part that can be loaded on ${platform}`, { cause });
}

/** Loaded once for each thread of JavaScript. @internal */
export const native: Native = load();
