package io.github.hubcore

import kotlinx.serialization.Serializable
import kotlinx.serialization.json.JsonObject

/**
 * A function that reads a window of talk and proposes, under a name and a version. It may throw [Retry].
 *
 * @property version changed whenever the same window may yield another plan
 */
public class Planner(
    public val name: String,
    public val version: String,
    private val plan: suspend (Window) -> Plan,
) {
    internal suspend fun run(window: String): String =
        border.encodeToString(plan(border.decodeFromString<Window>(window)))
}

/** What was said in one space without a longer pause. */
@Serializable
public data class Window(
    public val agentId: String,
    public val spaceId: String,
    public val windowId: String,
    public val language: String,
    public val timeZone: String,
    public val people: List<Known>,
    public val utterances: List<Utterance>,
)

/** A person whom the hub knows. */
@Serializable
public data class Known(public val personId: String, public val name: String)

/** Something said. */
@Serializable
public data class Utterance(
    public val eventId: String,
    public val personId: String? = null,
    public val speaker: String? = null,
    public val role: String? = null,
    public val text: String,
    public val occurredAt: String,
)

/** What a planner proposes. */
@Serializable
public data class Plan(
    public val memories: List<ProposedMemory> = emptyList(),
    public val actions: List<ProposedAction> = emptyList(),
)

/** A fact to remember, with the events that it rests on. */
@Serializable
public data class ProposedMemory(
    public val content: String,
    public val predicate: String,
    public val confidence: Double,
    public val sourceEventIds: List<String>,
    public val personId: String? = null,
)

/** A run of a tool to propose, with the events that it rests on. */
@Serializable
public data class ProposedAction(
    public val tool: String,
    public val arguments: JsonObject,
    public val reason: String,
    public val sourceEventIds: List<String>,
)
