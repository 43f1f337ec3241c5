package io.github.hubcore

/** Agents: the islands that everything belongs to. */
public class Agents internal constructor(private val calls: Calls) {
    /** Makes an agent. */
    public suspend fun create(
        context: Context,
        name: String,
        language: String? = null,
        planner: PlannerKind? = null,
    ): Agent =
        calls.ask(
            "agents.create",
            context,
            body = given("name" to name, "language" to language, "planner" to word(planner)),
        )

    /** Shows one. */
    public suspend fun get(context: Context, agentId: String): Agent =
        calls.ask("agents.get", context, arguments = given("agent_id" to agentId))

    /** Shows a page of them. */
    public suspend fun list(context: Context, limit: Int? = null, cursor: String? = null): Page<Agent> =
        calls.ask("agents.list", context, page = given("limit" to limit, "cursor" to cursor))

    /** Changes what is given. */
    public suspend fun update(
        context: Context,
        agentId: String,
        name: String? = null,
        language: String? = null,
        planner: PlannerKind? = null,
    ): Agent =
        calls.ask(
            "agents.update",
            context,
            arguments = given("agent_id" to agentId),
            body = given("name" to name, "language" to language, "planner" to word(planner)),
        )

    /** Deletes it with everything that belongs to it, its log apart. */
    public suspend fun delete(context: Context, agentId: String): Unit =
        calls.tell("agents.delete", context, arguments = given("agent_id" to agentId))

    /** Queues, log and counts. */
    public suspend fun status(context: Context, agentId: String): Status =
        calls.ask("agents.status", context, arguments = given("agent_id" to agentId))
}
