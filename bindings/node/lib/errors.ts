// What a call that came to nothing throws.

export type Kind = "invalid" | "not_found" | "conflict" | "denied" | "unavailable" | "limit" | "internal";

/** What is known of a problem beside its message. */
export interface Problem {
  /** What the caller should do. */
  kind: Kind;
  /** Stable; docs/ERRORS.md lists them. */
  code: string;
  /** Whether the same call may succeed later. */
  retryable: boolean;
  /** The `field` at fault, the `limit` that was passed and the `remedy`, each where it is known. */
  context: Record<string, string>;
}

/** Why an operation did not happen. */
export class HubError extends Error implements Problem {
  static {
    // On the prototype: an error that is logged is not longer for it.
    this.prototype.name = "HubError";
  }

  readonly kind: Kind;
  readonly code: string;
  readonly retryable: boolean;
  readonly context: Record<string, string>;

  constructor(message: string, problem: Partial<Problem> = {}) {
    super(message);
    this.kind = problem.kind ?? "invalid";
    this.code = problem.code ?? "host";
    this.retryable = problem.retryable ?? false;
    this.context = problem.context ?? {};
  }
}

/** The error that a problem in JSON stands for. @internal */
export function fromJson(text: string): HubError {
  const problem = JSON.parse(text) as Problem & { message: string };
  return new HubError(problem.message, problem);
}
