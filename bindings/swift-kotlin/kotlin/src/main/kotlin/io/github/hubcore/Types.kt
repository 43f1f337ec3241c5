package io.github.hubcore

import kotlinx.serialization.Serializable
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject

// The shapes of what the hub answers: the same that travel over HTTP (docs/PROTOCOL.md).

/** A part of a list. */
@Serializable
public data class Page<T>(
    public val items: List<T>,
    public val nextCursor: String? = null,
)

/** What a verification of the log found. */
@Serializable
public data class Report(
    public val holds: Boolean,
    public val entries: Long,
    public val problems: List<String>,
)

/** An event as it is sent. */
@Serializable
public data class NewEvent(
    public val eventId: String,
    public val spaceId: String,
    public val type: String,
    public val occurredAt: String,
    public val personId: String? = null,
    public val payload: JsonObject,
)

/** An agent. */
@Serializable
public data class Agent(
    public val agentId: String,
    public val createdAt: String,
    public val language: String,
    public val name: String,
    public val planner: PlannerKind,
)

/** A space. */
@Serializable
public data class Space(
    public val agentId: String,
    public val createdAt: String,
    public val name: String,
    public val privacyMode: Boolean,
    public val spaceId: String,
)

/** A person. */
@Serializable
public data class Person(
    public val agentId: String,
    public val createdAt: String,
    public val name: String,
    public val personId: String,
)

/** A device; its token is never shown again. */
@Serializable
public data class Device(
    public val agentId: String,
    public val createdAt: String,
    public val deviceId: String,
    public val name: String,
    public val revokedAt: String? = null,
    public val scopes: List<Scope>,
)

/** Answer to creating a device. */
@Serializable
public data class DeviceCreated(
    public val agentId: String,
    public val createdAt: String,
    public val deviceId: String,
    public val name: String,
    public val scopes: List<Scope>,
    public val token: String,
)

/** A grant. */
@Serializable
public data class Consent(
    public val agentId: String,
    public val consentId: String,
    public val expiresAt: String? = null,
    public val grantedAt: String,
    public val kind: ConsentKind,
    public val personId: String,
    public val revokedAt: String? = null,
)

/** An event as it is kept. */
@Serializable
public data class Event(
    public val agentId: String,
    public val eventId: String,
    public val occurredAt: String,
    public val payload: JsonObject,
    public val personId: String? = null,
    public val receivedAt: String,
    public val spaceId: String,
    public val type: String,
)

/** Why one part of a request that was otherwise answered came to nothing: an event of a batch, or the run of an action. */
@Serializable
public data class PartProblem(
    public val code: String,
    public val detail: String,
    public val field: String? = null,
    public val limit: String? = null,
    public val retryable: Boolean,
)

/** What became of one event. */
@Serializable
public data class EventResult(
    public val eventId: String? = null,
    public val problem: PartProblem? = null,
    public val status: EventStatus,
)

/** Answer to `POST /v1/events`. */
@Serializable
internal data class EventsAnswer(
    val results: List<EventResult>,
)

/** A memory. */
@Serializable
public data class Memory(
    public val agentId: String,
    public val confidence: Double? = null,
    public val content: String,
    public val createdAt: String,
    public val memoryId: String,
    public val occurredAt: String,
    public val personId: String? = null,
    public val predicate: String? = null,
    public val sourceEventIds: List<String>,
    public val spaceId: String,
    public val tier: Tier,
)

/** How a memory earned its place. */
@Serializable
public data class Why(
    public val legs: Map<String, Double>? = null,
    public val terms: List<String>? = null,
)

/** One memory and how it earned its place. */
@Serializable
public data class RecalledMemory(
    public val content: String,
    public val memoryId: String,
    public val occurredAt: String,
    public val score: Double,
    public val sourceEventIds: List<String>,
    public val tier: Tier,
    public val why: Why,
)

/** What was recalled. */
@Serializable
public data class RecallAnswer(
    public val memories: List<RecalledMemory>,
    public val partial: Boolean,
)

/** A person's decision. */
@Serializable
public data class Approval(
    public val bindingDigest: String,
    public val consumedAt: String? = null,
    public val decidedAt: String,
    public val decision: String,
    public val personId: String,
)

/** An action. */
@Serializable
public data class Action(
    public val actionId: String,
    public val agentId: String,
    public val approvals: List<Approval>,
    public val arguments: JsonObject,
    public val bindingDigest: String,
    public val createdAt: String,
    public val effect: Effect,
    public val expiresAt: String,
    public val policyVersion: Long,
    public val problem: PartProblem? = null,
    public val proposedBy: String,
    public val reason: String,
    public val result: JsonElement? = null,
    public val scopes: List<Scope>,
    public val sourceEventIds: List<String>,
    public val spaceId: String,
    public val state: ActionState,
    public val tool: String,
    public val toolSchemaDigest: String,
    public val toolVersion: String,
)

/** A tool. */
@Serializable
public data class ToolShape(
    public val argumentsSchema: JsonElement,
    public val description: String,
    public val effect: Effect,
    public val idempotent: Boolean,
    public val scopes: List<Scope>,
    public val timeoutMs: Long,
    public val tool: String,
    public val toolSchemaDigest: String,
    public val toolVersion: String,
)

/** One entry. */
@Serializable
public data class AuditEntry(
    public val entry: JsonElement,
    public val hash: String,
    public val previousHash: String,
    public val sequence: Long,
)

/** Head of the log. */
@Serializable
public data class AuditCheckpoint(
    public val agentId: String,
    public val head: String,
    public val size: Long,
)

/** Jobs of one queue. Drained means that `ready`, `leased` and `delayed` are 0. */
@Serializable
public data class QueueStatus(
    public val dead: Long,
    public val delayed: Long,
    public val leased: Long,
    public val ready: Long,
)

/** Size and head of the log. */
@Serializable
public data class AuditStatus(
    public val head: String,
    public val size: Long,
)

/** `GET /v1/agents/{agent_id}/status`. */
@Serializable
public data class Status(
    public val audit: AuditStatus,
    public val counts: Map<String, Long>,
    public val queues: Map<String, QueueStatus>,
)

/** Answer to rotating a device's token: the former one has stopped working. */
@Serializable
public data class DeviceRotated(
    public val deviceId: String,
    public val token: String,
)

/** A token as a list shows it: never the secret. */
@Serializable
public data class Token(
    public val agentId: String,
    public val createdAt: String,
    public val expiresAt: String? = null,
    /** `operator` or `delegate`. */
    public val kind: String,
    public val name: String? = null,
    public val personId: String? = null,
    public val revokedAt: String? = null,
    public val role: Role? = null,
    public val scopes: List<Scope>? = null,
    public val spaces: List<String>? = null,
    public val tokenId: String,
)

/** Answer to creating a token. */
@Serializable
public data class TokenCreated(
    public val agentId: String,
    public val expiresAt: String? = null,
    /** `operator` or `delegate`. */
    public val kind: String,
    public val token: String,
    public val tokenId: String,
)

/** Where a person or a device was last reported; one of both ids is there. */
@Serializable
public data class Presence(
    public val deviceId: String? = null,
    public val expiresAt: String,
    public val observedAt: String,
    public val personId: String? = null,
    public val since: String,
    public val spaceId: String,
    public val state: PresenceState,
)

/** A job that was given up. */
@Serializable
public data class DeadLetter(
    public val about: String,
    public val agentId: String,
    public val attempts: Long,
    public val createdAt: String,
    public val deadLetterId: String,
    public val queue: String,
    public val reason: String,
)

/** Answer to trying a job again. */
@Serializable
public data class DeadLetterReplayed(
    public val deadLetterId: String,
    public val queue: String,
)

/** A registered type of event. */
@Serializable
public data class EventType(
    public val registeredAt: String,
    public val schema: JsonElement,
    public val type: String,
)

/** Answer to asking for the version. */
@Serializable
internal data class Version(val version: String)

/** Answer to asking where a space's events end. */
@Serializable
internal data class End(val cursor: String)
