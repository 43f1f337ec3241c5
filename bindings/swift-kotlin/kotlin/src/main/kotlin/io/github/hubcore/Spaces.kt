package io.github.hubcore

/** Spaces and their privacy. */
public class Spaces internal constructor(private val calls: Calls) {
    /** Makes a space. */
    public suspend fun create(
        context: Context,
        agentId: String,
        name: String,
        privacyMode: Boolean? = null,
    ): Space =
        calls.ask(
            "spaces.create",
            context,
            arguments = given("agent_id" to agentId),
            body = given("name" to name, "privacy_mode" to privacyMode),
        )

    /** Shows one. */
    public suspend fun get(context: Context, spaceId: String): Space =
        calls.ask("spaces.get", context, arguments = given("space_id" to spaceId))

    /** Shows a page of them. */
    public suspend fun list(
        context: Context,
        agentId: String,
        limit: Int? = null,
        cursor: String? = null,
    ): Page<Space> =
        calls.ask(
            "spaces.list",
            context,
            arguments = given("agent_id" to agentId),
            page = given("limit" to limit, "cursor" to cursor),
        )

    /** Changes what is given. While a space is private nothing said there is kept. */
    public suspend fun update(
        context: Context,
        spaceId: String,
        name: String? = null,
        privacyMode: Boolean? = null,
    ): Space =
        calls.ask(
            "spaces.update",
            context,
            arguments = given("space_id" to spaceId),
            body = given("name" to name, "privacy_mode" to privacyMode),
        )

    /** Deletes it with what was said there. */
    public suspend fun delete(context: Context, spaceId: String): Unit =
        calls.tell("spaces.delete", context, arguments = given("space_id" to spaceId))
}
