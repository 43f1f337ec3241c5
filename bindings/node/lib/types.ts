// The shapes of what the hub answers: the same that travel over HTTP (docs/PROTOCOL.md).
// Made from docs/openapi.json by generate.mjs: do not change it here.

/** A part of a list. */
export interface Page<T> {
  items: T[];
  /** Where the next part begins; null behind the last. */
  next_cursor: string | null;
}

/** What a verification of the log found. */
export interface Report {
  holds: boolean;
  /** How many entries were looked at. */
  entries: number;
  problems: string[];
}

/** An action. */
export interface Action {
  /** Which. */
  action_id: string;
  /** Whose. */
  agent_id: string;
  /** Who decided what. */
  approvals: Approval[];
  /** What it will be given, whole. */
  arguments: Record<string, unknown>;
  /** `sha256:` and 64 hex digits: what an approver answers with. */
  binding_digest: string;
  /** RFC 3339: when it was proposed. */
  created_at: string;
  /** What it does to the world. */
  effect: Effect;
  /** RFC 3339: after this nobody can approve it. */
  expires_at: string;
  /** Version of the policy that judged it; 0 is the one built in. */
  policy_version: number;
  problem?: PartProblem | null;
  /** The requester of the binding: kind of principal or planner, a colon, its id or name. */
  proposed_by: string;
  /** Why, for the approver; may be empty. */
  reason: string;
  /** What the tool returned. */
  result?: unknown;
  /** What it may do. */
  scopes: Scope[];
  /** What was said that led to it. */
  source_event_ids: string[];
  /** Where. */
  space_id: string;
  /** How far it is. */
  state: ActionState;
  /** Name of the tool. */
  tool: string;
  /** Digest of its schema then. */
  tool_schema_digest: string;
  /** Its version when this was proposed. */
  tool_version: string;
}

/** State of an action. */
export type ActionState = "awaiting_approval" | "approved" | "running" | "done" | "failed" | "unknown" | "denied" | "rejected" | "cancelled" | "expired";

/** An agent. */
export interface Agent {
  /** Which. */
  agent_id: string;
  /** RFC 3339. */
  created_at: string;
  /** BCP 47 tag. */
  language: string;
  /** What people call it. */
  name: string;
  /** Which planner reads its talk. */
  planner: PlannerKind;
}

/** A person's decision. */
export interface Approval {
  /** What that person was shown. */
  binding_digest: string;
  /** RFC 3339: when a run consumed it. */
  consumed_at?: string | null;
  /** RFC 3339. */
  decided_at: string;
  /** `approved` or `rejected`. */
  decision: string;
  /** Who decided. */
  person_id: string;
}

/** Head of the log. */
export interface AuditCheckpoint {
  /** Whose log. */
  agent_id: string;
  /** Hash of the last one: `sha256:` and 64 hex digits. */
  head: string;
  /** Entries. */
  size: number;
}

/** One entry. */
export interface AuditEntry {
  /** The canonical entry. Content stands there as salted digests only. */
  entry: unknown;
  /** `sha256:` and 64 hex digits. */
  hash: string;
  /** Hash of the entry before; of zeros for the first. */
  previous_hash: string;
  /** Its place in the agent's log, from 1. */
  sequence: number;
}

/** Size and head of the log. */
export interface AuditStatus {
  /** Hash of the last one: `sha256:` and 64 hex digits. */
  head: string;
  /** Entries. */
  size: number;
}

/** A grant. */
export interface Consent {
  /** Of which agent. */
  agent_id: string;
  /** Which. */
  consent_id: string;
  /** RFC 3339; `null` is until revoked. */
  expires_at?: string | null;
  /** RFC 3339. */
  granted_at: string;
  /** To what. */
  kind: ConsentKind;
  /** Whose. */
  person_id: string;
  /** RFC 3339; `null` while it stands. */
  revoked_at?: string | null;
}

/** What a person consents to. */
export type ConsentKind = "voice" | "face" | "recording";

/** `POST /v1/agents/{agent_id}/tokens`, told apart by `kind`. */
export type CreateToken = {
  kind: "operator";
  /** Who. */
  person_id: string;
  /** As what. */
  role: Role;
} | {
  /** RFC 3339. */
  expires_at: string;
  kind: "delegate";
  /** At most 200 characters. */
  name: string;
  /** What it may do. */
  scopes: Scope[];
  /** Where; at most 100. */
  spaces: string[];
};

/** A job that was given up. */
export interface DeadLetter {
  /** What it is about: the id of an event, space, window or action. */
  about: string;
  /** Whose. */
  agent_id: string;
  /** How often it was tried. */
  attempts: number;
  /** RFC 3339: when it was queued. */
  created_at: string;
  /** Which. */
  dead_letter_id: string;
  /** Of which queue. */
  queue: string;
  /** Why it was given up, without content. */
  reason: string;
}

/** Answer to `POST /v1/dead-letters/{id}/replay`. */
export interface DeadLetterReplayed {
  /** Which. */
  dead_letter_id: string;
  /** The queue in which it waits again. */
  queue: string;
}

/** A device; its token is never shown again. */
export interface Device {
  /** Whose. */
  agent_id: string;
  /** RFC 3339. */
  created_at: string;
  /** Which. */
  device_id: string;
  /** What people call it. */
  name: string;
  /** RFC 3339; `null` while it is in service. */
  revoked_at?: string | null;
  /** What it may do. */
  scopes: Scope[];
}

/** Answer to creating a device. */
export interface DeviceCreated {
  /** Whose. */
  agent_id: string;
  /** RFC 3339. */
  created_at: string;
  /** Which. */
  device_id: string;
  /** What people call it. */
  name: string;
  /** What it may do. */
  scopes: Scope[];
  /** Shown once. */
  token: Secret;
}

/** Answer to `POST /v1/devices/{device_id}/rotate`: the former token has stopped working. */
export interface DeviceRotated {
  /** Which. */
  device_id: string;
  /** Shown once. */
  token: Secret;
}

/** What a tool does to the world. */
export type Effect = "read" | "internal" | "external";

/** An event as it is kept. */
export interface Event {
  /** Whose. */
  agent_id: string;
  /** Which. */
  event_id: string;
  /** RFC 3339, by the sender. */
  occurred_at: string;
  /** As it was sent. */
  payload: Record<string, unknown>;
  /** Who, where that is known. */
  person_id?: string | null;
  /** RFC 3339, by the hub. */
  received_at: string;
  /** Where. */
  space_id: string;
  /** Which of the event types. */
  type: string;
}

/** What became of one event. */
export interface EventResult {
  /** As sent; `null` where none could be read. */
  event_id?: string | null;
  problem?: PartProblem | null;
  /** Its outcome. */
  status: EventStatus;
}

/** What became of one event of a request. */
export type EventStatus = "stored" | "duplicate" | "private" | "refused";

/** A registered type of event. */
export interface EventType {
  /** RFC 3339. */
  registered_at: string;
  /** JSON Schema of its payload. */
  schema: unknown;
  /** `custom.` and a name. */
  type: string;
}

/** Answer to `POST /v1/events`. */
export interface EventsAnswer {
  /** One for each event, in the order sent. */
  results: EventResult[];
}

/** A memory. */
export interface Memory {
  /** Whose. */
  agent_id: string;
  /** How sure its planner was, 0 to 1. */
  confidence?: number | null;
  /** What was said, or the fact. */
  content: string;
  /** RFC 3339: when the hub wrote it. */
  created_at: string;
  /** Which. */
  memory_id: string;
  /** RFC 3339. */
  occurred_at: string;
  /** Who said it or whom it is about. */
  person_id?: string | null;
  /** Kind of fact, such as `allergy`. */
  predicate?: string | null;
  /** What it rests on. */
  source_event_ids: string[];
  /** Where. */
  space_id: string;
  /** Said or derived. */
  tier: Tier;
}

/** One event as it is sent. */
export interface NewEvent {
  /** Chosen by the sender; unique within the agent. */
  event_id: string;
  /** RFC 3339; any past time, at most 24 hours ahead. */
  occurred_at: string;
  /** As the type demands; at most 131072 bytes. Of a key given twice, the last value counts. */
  payload: Record<string, unknown>;
  /** Who, where that is known. */
  person_id?: string | null;
  /** Where. */
  space_id: string;
  /** Which of the event types. */
  type: string;
}

/** Why one part of a request that was otherwise answered came to nothing: an event of a batch, or the run of an action. */
export interface PartProblem {
  /** Stable code, such as `unknown_space`. */
  code: string;
  /** What is wrong, in a sentence. */
  detail: string;
  /** The field at fault. */
  field?: string | null;
  /** The bound that was passed, with its unit. */
  limit?: string | null;
  /** Whether the same may succeed later. */
  retryable: boolean;
}

/** A person. */
export interface Person {
  /** Of which agent. */
  agent_id: string;
  /** RFC 3339. */
  created_at: string;
  /** By what name. */
  name: string;
  /** Who. */
  person_id: string;
}

/** Which planner an agent uses. */
export type PlannerKind = "rules" | "openai" | "both";

/** Where a person or a device was last reported; one of both ids is there. */
export interface Presence {
  /** Which device. */
  device_id?: string | null;
  /** RFC 3339: when that report no longer counts. */
  expires_at: string;
  /** RFC 3339: the last report. */
  observed_at: string;
  /** Which person. */
  person_id?: string | null;
  /** RFC 3339: since when the state holds. */
  since: string;
  /** In which space. */
  space_id: string;
  /** There or not. */
  state: PresenceState;
}

/** Whether somebody is in a space. */
export type PresenceState = "present" | "away";

/** Who calls. */
export type PrincipalKind = "admin" | "operator" | "device" | "delegate" | "worker";

/** Jobs of one queue. Drained means that `ready`, `leased` and `delayed` are 0. */
export interface QueueStatus {
  /** Given up, with a reason. */
  dead: number;
  /** Wait for their time. */
  delayed: number;
  /** A worker has them. */
  leased: number;
  /** Wait for a worker. */
  ready: number;
}

/** What was recalled. */
export interface RecallAnswer {
  /** Best first. */
  memories: RecalledMemory[];
  /** Whether a source of candidates failed or ran out of time, so that more may exist. */
  partial: boolean;
}

/** One memory and how it earned its place. */
export interface RecalledMemory {
  /** What was said, or the fact. */
  content: string;
  /** Which. */
  memory_id: string;
  /** RFC 3339. */
  occurred_at: string;
  /** Higher is better; comparable within one answer only. */
  score: number;
  /** What it rests on. */
  source_event_ids: string[];
  /** Said or derived. */
  tier: Tier;
  /** How it earned its place. */
  why: Why;
}

/** Role of an operator. */
export type Role = "owner" | "member" | "guest";

/** A permission. */
export type Scope = "events:read" | "events:write" | "memories:read" | "memories:write" | "presence:read" | "presence:write" | "artifacts:read" | "artifacts:write" | "biometrics:write" | "actions:read" | "actions:propose" | "commands:receive" | "media:join";

/** A bearer token; what is printed for debugging does not show it. */
export type Secret = string;

/** A space. */
export interface Space {
  /** Whose. */
  agent_id: string;
  /** RFC 3339. */
  created_at: string;
  /** What people call it. */
  name: string;
  /** While true, nothing said there is kept. */
  privacy_mode: boolean;
  /** Which. */
  space_id: string;
}

/** `GET /v1/agents/{agent_id}/status`. */
export interface Status {
  /** The log. */
  audit: AuditStatus;
  /** Rows by what they are, such as `events`. */
  counts: Record<string, number>;
  /** Every stage that recall or planning needs, by name. */
  queues: Record<string, QueueStatus>;
  /** What models may cost, and cost today. */
  tokens?: TokenStatus | null;
}

/** The two tiers of memory. */
export type Tier = "episodic" | "semantic";

/** A token as a list shows it: never the secret. */
export interface Token {
  /** Of which agent. */
  agent_id: string;
  /** RFC 3339. */
  created_at: string;
  /** RFC 3339; `null` is until revoked. */
  expires_at?: string | null;
  /** `operator` or `delegate`. */
  kind: PrincipalKind;
  /** Of a delegate. */
  name?: string | null;
  /** Of an operator. */
  person_id?: string | null;
  /** RFC 3339; `null` while it works. */
  revoked_at?: string | null;
  role?: Role | null;
  /** Of a delegate. */
  scopes?: Scope[] | null;
  /** Of a delegate. */
  spaces?: string[] | null;
  /** Which. */
  token_id: string;
}

/** Answer to creating a token. */
export interface TokenCreated {
  /** Of which agent. */
  agent_id: string;
  /** RFC 3339; `null` is until revoked. */
  expires_at?: string | null;
  /** `operator` or `delegate`. */
  kind: PrincipalKind;
  /** Shown once. */
  token: Secret;
  /** Which. */
  token_id: string;
}

/** Tokens that models read and wrote for the agent today (UTC), and how many they may in a day. */
export interface TokenStatus {
  /** Tokens read today. */
  input: number;
  /** Tokens written today. */
  output: number;
  /** The bound of a day; once it is reached, windows wait for the next one. */
  per_day: number;
  /** Requests to models today. */
  requests: number;
}

/** A tool. */
export interface Tool {
  /** JSON Schema of its arguments. */
  arguments_schema: unknown;
  /** What it does, in a sentence. */
  description: string;
  /** What it does to the world. */
  effect: Effect;
  /** Whether running it twice does no more than once. */
  idempotent: boolean;
  /** What it needs. */
  scopes: Scope[];
  /** How long one run may take, in milliseconds. */
  timeout_ms: number;
  /** Its name, such as `message.send`. */
  tool: string;
  /** `sha256:` and 64 hex digits of its schema in canonical form. */
  tool_schema_digest: string;
  /** Its version. */
  tool_version: string;
}

/** How a memory earned its place. */
export interface Why {
  /** What each leg of the ranking gave, by name. */
  legs?: Record<string, number> | null;
  /** Stems of the query that the memory contains. */
  terms?: string[] | null;
}
