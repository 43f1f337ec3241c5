package io.github.hubcore

/** The log. */
public class Audit internal constructor(private val calls: Calls) {
    /** Shows a page of an agent's log. */
    public suspend fun entries(
        context: Context,
        agentId: String,
        limit: Int? = null,
        cursor: String? = null,
    ): Page<AuditEntry> =
        calls.ask(
            "audit.entries",
            context,
            arguments = given("agent_id" to agentId),
            page = given("limit" to limit, "cursor" to cursor),
        )

    /** Where an agent's log ends. */
    public suspend fun checkpoint(context: Context, agentId: String): AuditCheckpoint =
        calls.ask("audit.checkpoint", context, arguments = given("agent_id" to agentId))

    /** Verifies every log. */
    public suspend fun verify(context: Context): Report =
        calls.ask("audit.verify", context)
}
