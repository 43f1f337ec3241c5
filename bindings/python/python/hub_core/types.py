"""The shapes of what the hub answers: the same that travel over HTTP (docs/PROTOCOL.md)."""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

from typing_extensions import NotRequired, TypedDict

ActionState = Literal[
    "awaiting_approval",
    "approved",
    "running",
    "done",
    "failed",
    "unknown",
    "denied",
    "rejected",
    "cancelled",
    "expired",
]
ConsentKind = Literal["voice", "face", "recording"]
Effect = Literal["read", "internal", "external"]
EventStatus = Literal["stored", "duplicate", "private", "refused"]
PlannerKind = Literal["rules", "openai", "both"]
PresenceState = Literal["present", "away"]
Scope = Literal[
    "events:read",
    "events:write",
    "memories:read",
    "memories:write",
    "presence:read",
    "presence:write",
    "artifacts:read",
    "artifacts:write",
    "biometrics:write",
    "actions:read",
    "actions:propose",
    "commands:receive",
    "media:join",
]
Tier = Literal["episodic", "semantic"]

T = TypeVar("T")


class Page(TypedDict, Generic[T]):
    """A part of a list."""

    items: list[T]
    next_cursor: str | None


class Report(TypedDict):
    """What a verification of the log found."""

    holds: bool
    entries: int
    problems: list[str]


class NewEvent(TypedDict):
    """An event as it is sent."""

    event_id: str
    space_id: str
    type: str
    occurred_at: str
    person_id: NotRequired[str]
    payload: dict[str, Any]


class Agent(TypedDict):
    """An agent."""

    agent_id: str
    created_at: str
    language: str
    name: str
    planner: PlannerKind


class Space(TypedDict):
    """A space."""

    agent_id: str
    created_at: str
    name: str
    privacy_mode: bool
    space_id: str


class Person(TypedDict):
    """A person."""

    agent_id: str
    created_at: str
    name: str
    person_id: str


class Device(TypedDict):
    """A device; its token is never shown again."""

    agent_id: str
    created_at: str
    device_id: str
    name: str
    revoked_at: NotRequired[str | None]
    scopes: list[Scope]


class DeviceCreated(TypedDict):
    """Answer to creating a device."""

    agent_id: str
    created_at: str
    device_id: str
    name: str
    scopes: list[Scope]
    token: str


class Consent(TypedDict):
    """A grant."""

    agent_id: str
    consent_id: str
    expires_at: NotRequired[str | None]
    granted_at: str
    kind: ConsentKind
    person_id: str
    revoked_at: NotRequired[str | None]


class Event(TypedDict):
    """An event as it is kept."""

    agent_id: str
    event_id: str
    occurred_at: str
    payload: dict[str, Any]
    person_id: NotRequired[str | None]
    received_at: str
    space_id: str
    type: str


class PartProblem(TypedDict):
    """Why one part of a request that was otherwise answered came to nothing: an event of a batch, or the run of an action."""

    code: str
    detail: str
    field: NotRequired[str | None]
    limit: NotRequired[str | None]
    retryable: bool


class EventResult(TypedDict):
    """What became of one event."""

    event_id: NotRequired[str | None]
    problem: NotRequired[PartProblem | None]
    status: EventStatus


class EventsAnswer(TypedDict):
    """Answer to `POST /v1/events`."""

    results: list[EventResult]


class Memory(TypedDict):
    """A memory."""

    agent_id: str
    confidence: NotRequired[float | None]
    content: str
    created_at: str
    memory_id: str
    occurred_at: str
    person_id: NotRequired[str | None]
    predicate: NotRequired[str | None]
    source_event_ids: list[str]
    space_id: str
    tier: Tier


class Why(TypedDict):
    """How a memory earned its place."""

    legs: NotRequired[dict[str, float]]
    terms: NotRequired[list[str]]


class RecalledMemory(TypedDict):
    """One memory and how it earned its place."""

    content: str
    memory_id: str
    occurred_at: str
    score: float
    source_event_ids: list[str]
    tier: Tier
    why: Why


class RecallAnswer(TypedDict):
    """What was recalled."""

    memories: list[RecalledMemory]
    partial: bool


class Approval(TypedDict):
    """A person's decision."""

    binding_digest: str
    consumed_at: NotRequired[str | None]
    decided_at: str
    decision: str
    person_id: str


class Action(TypedDict):
    """An action."""

    action_id: str
    agent_id: str
    approvals: list[Approval]
    arguments: dict[str, Any]
    binding_digest: str
    created_at: str
    effect: Effect
    expires_at: str
    policy_version: int
    problem: NotRequired[PartProblem | None]
    proposed_by: str
    reason: str
    result: NotRequired[Any]
    scopes: list[Scope]
    source_event_ids: list[str]
    space_id: str
    state: ActionState
    tool: str
    tool_schema_digest: str
    tool_version: str


class Tool(TypedDict):
    """A tool."""

    arguments_schema: Any
    description: str
    effect: Effect
    idempotent: bool
    scopes: list[Scope]
    timeout_ms: int
    tool: str
    tool_schema_digest: str
    tool_version: str


class AuditEntry(TypedDict):
    """One entry."""

    entry: Any
    hash: str
    previous_hash: str
    sequence: int


class AuditCheckpoint(TypedDict):
    """Head of the log."""

    agent_id: str
    head: str
    size: int


class QueueStatus(TypedDict):
    """Jobs of one queue. Drained means that `ready`, `leased` and `delayed` are 0."""

    dead: int
    delayed: int
    leased: int
    ready: int


class AuditStatus(TypedDict):
    """Size and head of the log."""

    head: str
    size: int


class Status(TypedDict):
    """`GET /v1/agents/{agent_id}/status`."""

    audit: AuditStatus
    counts: dict[str, int]
    queues: dict[str, QueueStatus]


class DeviceRotated(TypedDict):
    """Answer to rotating a device's token: the former one has stopped working."""

    device_id: str
    token: str


class Token(TypedDict):
    """A token as a list shows it: never the secret."""

    agent_id: str
    created_at: str
    expires_at: str | None
    kind: Literal["operator", "delegate"]
    name: NotRequired[str]
    person_id: NotRequired[str]
    revoked_at: str | None
    role: NotRequired[Literal["owner", "member", "guest"]]
    scopes: NotRequired[list[Scope]]
    spaces: NotRequired[list[str]]
    token_id: str


class TokenCreated(TypedDict):
    """Answer to creating a token."""

    agent_id: str
    expires_at: str | None
    kind: Literal["operator", "delegate"]
    token: str
    token_id: str


class Presence(TypedDict):
    """Where a person or a device was last reported; one of both ids is there."""

    device_id: NotRequired[str]
    expires_at: str
    observed_at: str
    person_id: NotRequired[str]
    since: str
    space_id: str
    state: PresenceState


class DeadLetter(TypedDict):
    """A job that was given up."""

    about: str
    agent_id: str
    attempts: int
    created_at: str
    dead_letter_id: str
    queue: str
    reason: str


class DeadLetterReplayed(TypedDict):
    """Answer to trying a job again."""

    dead_letter_id: str
    queue: str


class EventType(TypedDict):
    """A registered type of event."""

    registered_at: str
    schema: Any
    type: str
