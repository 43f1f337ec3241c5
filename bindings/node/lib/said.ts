// Events that are often sent.

import { native } from "./native.js";
import type { NewEvent } from "./types.js";

/** What is known of something said, beside place and words. */
export interface Said {
  /** Who said it. */
  person_id?: string;
  /** A new one unless given. */
  event_id?: string;
  /** Now unless given. */
  occurred_at?: Date;
}

/** Something that a person said. */
export function said(space_id: string, text: string, more: Said = {}): NewEvent {
  const event: NewEvent = {
    event_id: more.event_id ?? native.newId(),
    space_id,
    type: "transcript_chunk",
    occurred_at: (more.occurred_at ?? new Date()).toISOString(),
    payload: { text, role: "user" },
  };
  return more.person_id === undefined ? event : { ...event, person_id: more.person_id };
}
