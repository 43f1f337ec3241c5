package io.github.hubcore

/** What is remembered. */
public class Memories internal constructor(private val calls: Calls) {
    /** What is remembered that answers a question, and why each was found. */
    public suspend fun recall(
        context: Context,
        query: String,
        k: Int? = null,
        spaceId: String? = null,
        personId: String? = null,
        tiers: List<Tier>? = null,
        asOf: String? = null,
        budgetTokens: Int? = null,
    ): RecallAnswer =
        calls.ask(
            "memory.recall",
            context,
            body = given("query" to query, "k" to k, "space_id" to spaceId, "person_id" to personId, "tiers" to word(tiers), "as_of" to asOf, "budget_tokens" to budgetTokens),
        )

    /** Shows one. */
    public suspend fun get(context: Context, memoryId: String): Memory =
        calls.ask("memory.get", context, arguments = given("memory_id" to memoryId))

    /** Shows a page of them. */
    public suspend fun list(
        context: Context,
        agentId: String,
        tier: Tier? = null,
        spaceId: String? = null,
        limit: Int? = null,
        cursor: String? = null,
    ): Page<Memory> =
        calls.ask(
            "memory.list",
            context,
            arguments = given("agent_id" to agentId, "tier" to word(tier), "space_id" to spaceId),
            page = given("limit" to limit, "cursor" to cursor),
        )

    /** Writes a memory by hand. */
    public suspend fun note(
        context: Context,
        agentId: String,
        spaceId: String,
        content: String,
        personId: String? = null,
    ): Memory =
        calls.ask(
            "memory.note",
            context,
            arguments = given("agent_id" to agentId),
            body = given("space_id" to spaceId, "content" to content, "person_id" to personId),
        )

    /** Corrects a memory. */
    public suspend fun edit(context: Context, memoryId: String, content: String): Memory =
        calls.ask(
            "memory.edit",
            context,
            arguments = given("memory_id" to memoryId),
            body = given("content" to content),
        )

    /** Forgets a memory. */
    public suspend fun forget(context: Context, memoryId: String): Unit =
        calls.tell("memory.forget", context, arguments = given("memory_id" to memoryId))
}
