// Planners that are written in JavaScript.

/** Something that was said. */
export interface Utterance {
  event_id: string;
  person_id: string | null;
  speaker: string | null;
  role: string;
  text: string;
  occurred_at: string;
}

/** A stretch of talk. */
export interface Window {
  agent_id: string;
  space_id: string;
  /** The same when it is planned again. */
  window_id: string;
  language: string;
  time_zone: string;
  people: { person_id: string; name: string }[];
  utterances: Utterance[];
}

/** A fact to remember. */
export interface ProposedMemory {
  content: string;
  predicate: string;
  person_id?: string | null;
  /** From 0 to 1. */
  confidence: number;
  source_event_ids: string[];
}

/** A side effect that somebody may want. */
export interface ProposedAction {
  tool: string;
  arguments: Record<string, unknown>;
  /** For the approver. */
  reason: string;
  source_event_ids: string[];
}

/** What follows from a window; what is left out is empty. */
export interface Plan {
  memories?: ProposedMemory[];
  actions?: ProposedAction[];
}

/** A function that reads a window of talk and proposes, under a name and a version. */
export interface Planner {
  readonly name: string;
  readonly version: string;
  /** Plans one window. `signal` is aborted when nobody waits for the plan any more. */
  plan(window: Window, signal: AbortSignal): Plan | Promise<Plan>;
}

/**
 * Makes a planner of a function, plain or async. Change `version` whenever the same window may yield another plan;
 * throw `Retry` to be asked again later.
 */
export function planner(options: { name: string; version: string }, plan: Planner["plan"]): Planner {
  return { name: options.name, version: options.version, plan };
}
