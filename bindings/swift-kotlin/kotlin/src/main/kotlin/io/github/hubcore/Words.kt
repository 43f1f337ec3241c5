package io.github.hubcore

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/** What the caller of an operation that did not happen should do. */
@Serializable
public enum class ErrorKind {
    @SerialName("invalid") INVALID,
    @SerialName("not_found") NOT_FOUND,
    @SerialName("conflict") CONFLICT,
    @SerialName("denied") DENIED,
    @SerialName("unavailable") UNAVAILABLE,
    @SerialName("limit") LIMIT,
    @SerialName("internal") INTERNAL,
}

/** What a person may do. */
@Serializable
public enum class Role {
    @SerialName("owner") OWNER,
    @SerialName("member") MEMBER,
    @SerialName("guest") GUEST,
}

/** Where an action stands. */
@Serializable
public enum class ActionState {
    @SerialName("awaiting_approval") AWAITING_APPROVAL,
    @SerialName("approved") APPROVED,
    @SerialName("running") RUNNING,
    @SerialName("done") DONE,
    @SerialName("failed") FAILED,
    @SerialName("unknown") UNKNOWN,
    @SerialName("denied") DENIED,
    @SerialName("rejected") REJECTED,
    @SerialName("cancelled") CANCELLED,
    @SerialName("expired") EXPIRED,
}

/** What a person consents to. */
@Serializable
public enum class ConsentKind {
    @SerialName("voice") VOICE,
    @SerialName("face") FACE,
    @SerialName("recording") RECORDING,
}

/** How far a tool reaches. */
@Serializable
public enum class Effect {
    @SerialName("read") READ,
    @SerialName("internal") INTERNAL,
    @SerialName("external") EXTERNAL,
}

/** What became of an event. */
@Serializable
public enum class EventStatus {
    @SerialName("stored") STORED,
    @SerialName("duplicate") DUPLICATE,
    @SerialName("private") PRIVATE,
    @SerialName("refused") REFUSED,
}

/** Whether somebody is in a space. */
@Serializable
public enum class PresenceState {
    @SerialName("present") PRESENT,
    @SerialName("away") AWAY,
}

/** Who plans for an agent. */
@Serializable
public enum class PlannerKind {
    @SerialName("rules") RULES,
    @SerialName("openai") OPENAI,
    @SerialName("both") BOTH,
}

/** What a device, or a tool, may use. */
@Serializable
public enum class Scope {
    @SerialName("events:read") EVENTS_READ,
    @SerialName("events:write") EVENTS_WRITE,
    @SerialName("memories:read") MEMORIES_READ,
    @SerialName("memories:write") MEMORIES_WRITE,
    @SerialName("presence:read") PRESENCE_READ,
    @SerialName("presence:write") PRESENCE_WRITE,
    @SerialName("artifacts:read") ARTIFACTS_READ,
    @SerialName("artifacts:write") ARTIFACTS_WRITE,
    @SerialName("biometrics:write") BIOMETRICS_WRITE,
    @SerialName("actions:read") ACTIONS_READ,
    @SerialName("actions:propose") ACTIONS_PROPOSE,
    @SerialName("commands:receive") COMMANDS_RECEIVE,
    @SerialName("media:join") MEDIA_JOIN,
}

/** Word for word, or derived. */
@Serializable
public enum class Tier {
    @SerialName("episodic") EPISODIC,
    @SerialName("semantic") SEMANTIC,
}
