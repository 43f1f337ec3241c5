package io.github.hubcore

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.serialization.json.JsonObject

/** What happened. */
public class Events internal constructor(private val calls: Calls) {
    /** Stores events, and answers what became of each. What it calls stored is on the disk. */
    public suspend fun append(context: Context, vararg events: NewEvent): List<EventResult> =
        append(context, events.asList())

    /** Stores a list of events, at most as many as `docs/PROTOCOL.md` says. */
    public suspend fun append(context: Context, events: List<NewEvent>): List<EventResult> =
        calls.append(context, events)

    /** Shows a page of a space's events, in the order in which they were stored. */
    public suspend fun list(
        context: Context,
        spaceId: String,
        limit: Int? = null,
        cursor: String? = null,
    ): Page<Event> = calls.ask("events.list", context, space(spaceId), given("limit" to limit, "cursor" to cursor))

    /** Forgets an event and everything that was derived from it. */
    public suspend fun forget(context: Context, eventId: String): Unit =
        calls.tell("events.forget", context, given("event_id" to eventId))

    /** The cursor behind the newest event. */
    public suspend fun end(context: Context, spaceId: String): String =
        calls.ask<End>("events.end", context, space(spaceId)).cursor

    /** Registers a type of events, `custom.` and a name, or replaces the schema of their payloads. */
    public suspend fun putType(context: Context, agentId: String, type: String, schema: JsonObject): EventType =
        calls.ask("events.put_type", context, ofType(agentId, type), body = given("schema" to schema))

    /** Shows a registered type. */
    public suspend fun getType(context: Context, agentId: String, type: String): EventType =
        calls.ask("events.get_type", context, ofType(agentId, type))

    /** Shows a page of the registered types. */
    public suspend fun listTypes(
        context: Context,
        agentId: String,
        limit: Int? = null,
        cursor: String? = null,
    ): Page<EventType> =
        calls.ask(
            "events.list_types",
            context,
            arguments = given("agent_id" to agentId),
            page = given("limit" to limit, "cursor" to cursor),
        )

    /**
     * Events as they happen, each with the cursor behind it: whoever was away goes on there.
     *
     * Without a cursor it begins with the oldest event; [end] gives the one for what comes from now on. It
     * ends with the coroutine that collects it.
     */
    public fun follow(context: Context, spaceId: String, cursor: String? = null): Flow<Followed> = flow {
        var at = cursor
        while (true) {
            val page = given("limit" to 1, "cursor" to at)
            val found: Page<Event> = calls.ask("events.follow", context, space(spaceId), page)
            val behind = found.nextCursor ?: at.orEmpty()
            for (event in found.items) emit(Followed(event, behind))
            at = behind
        }
    }

    private fun ofType(agentId: String, type: String): JsonObject = given("agent_id" to agentId, "type" to type)

    private fun space(spaceId: String): JsonObject = given("space_id" to spaceId)
}

/** An event of a stream. */
public data class Followed(
    public val event: Event,
    /** Goes on behind it. */
    public val cursor: String,
)
