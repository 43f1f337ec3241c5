/// What is remembered.
public struct Memories: Sendable {
    let calls: Calls

    /// What is remembered that answers a question, and why each was found.
    public func recall(
        _ context: Context, _ query: String, k: Int? = nil, spaceId: String? = nil, personId: String? = nil, tiers: [Tier]? = nil, asOf: String? = nil, budgetTokens: Int? = nil
    ) async throws -> RecallAnswer {
        try await calls.ask(
            "memory.recall", context,
            body: [
                "query": .text(query),
                "k": .count(k),
                "space_id": .text(spaceId),
                "person_id": .text(personId),
                "tiers": .words(tiers),
                "as_of": .text(asOf),
                "budget_tokens": .count(budgetTokens),
            ])
    }

    /// Shows one.
    public func get(_ context: Context, _ memoryId: String) async throws -> Memory {
        try await calls.ask("memory.get", context, arguments: ["memory_id": .text(memoryId)])
    }

    /// Shows a page of them.
    public func list(
        _ context: Context, _ agentId: String, tier: Tier? = nil, spaceId: String? = nil, limit: Int? = nil, cursor: String? = nil
    ) async throws -> Page<Memory> {
        try await calls.ask(
            "memory.list", context,
            arguments: ["agent_id": .text(agentId), "tier": .word(tier), "space_id": .text(spaceId)],
            page: ["limit": .count(limit), "cursor": .text(cursor)])
    }

    /// Writes a memory by hand.
    public func note(
        _ context: Context, _ agentId: String, spaceId: String, content: String, personId: String? = nil
    ) async throws -> Memory {
        try await calls.ask(
            "memory.note", context,
            arguments: ["agent_id": .text(agentId)],
            body: ["space_id": .text(spaceId), "content": .text(content), "person_id": .text(personId)])
    }

    /// Corrects a memory.
    public func edit(_ context: Context, _ memoryId: String, content: String) async throws -> Memory {
        try await calls.ask(
            "memory.edit", context,
            arguments: ["memory_id": .text(memoryId)],
            body: ["content": .text(content)])
    }

    /// Forgets a memory.
    public func forget(_ context: Context, _ memoryId: String) async throws {
        try await calls.tell("memory.forget", context, arguments: ["memory_id": .text(memoryId)])
    }
}
