package io.github.hubcore

/** What can execute an action. */
public class Tools internal constructor(private val calls: Calls) {
    /** Shows them. */
    public suspend fun list(context: Context, agentId: String): Page<ToolShape> =
        calls.ask("tools.list", context, given("agent_id" to agentId))

    /** Adds a tool of this program. */
    public fun register(tool: Tool): Unit = calls.register(tool)
}
