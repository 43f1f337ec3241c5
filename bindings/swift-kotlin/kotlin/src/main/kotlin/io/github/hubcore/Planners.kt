package io.github.hubcore

/** Work that was given up. */
public class Planners internal constructor(private val calls: Calls) {
    /** Shows a page of it. */
    public suspend fun deadLetters(
        context: Context,
        agentId: String,
        limit: Int? = null,
        cursor: String? = null,
    ): Page<DeadLetter> =
        calls.ask(
            "planner.dead_letters",
            context,
            arguments = given("agent_id" to agentId),
            page = given("limit" to limit, "cursor" to cursor),
        )

    /** Has it tried again, with all its attempts. */
    public suspend fun replay(context: Context, deadLetterId: String): DeadLetterReplayed =
        calls.ask("planner.replay", context, arguments = given("dead_letter_id" to deadLetterId))
}
