/// Work that was given up.
public struct Planners: Sendable {
    let calls: Calls

    /// Shows a page of it.
    public func deadLetters(
        _ context: Context, _ agentId: String, limit: Int? = nil, cursor: String? = nil
    ) async throws -> Page<DeadLetter> {
        try await calls.ask(
            "planner.dead_letters", context,
            arguments: ["agent_id": .text(agentId)],
            page: ["limit": .count(limit), "cursor": .text(cursor)])
    }

    /// Has it tried again, with all its attempts.
    @discardableResult
    public func replay(_ context: Context, _ deadLetterId: String) async throws -> DeadLetterReplayed {
        try await calls.ask("planner.replay", context, arguments: ["dead_letter_id": .text(deadLetterId)])
    }
}
