/// The log.
public struct Audit: Sendable {
    let calls: Calls

    /// Shows a page of an agent's log.
    public func entries(
        _ context: Context, _ agentId: String, limit: Int? = nil, cursor: String? = nil
    ) async throws -> Page<AuditEntry> {
        try await calls.ask(
            "audit.entries", context,
            arguments: ["agent_id": .text(agentId)],
            page: ["limit": .count(limit), "cursor": .text(cursor)])
    }

    /// Where an agent's log ends.
    public func checkpoint(_ context: Context, _ agentId: String) async throws -> AuditCheckpoint {
        try await calls.ask("audit.checkpoint", context, arguments: ["agent_id": .text(agentId)])
    }

    /// Verifies every log.
    public func verify(_ context: Context) async throws -> Report {
        try await calls.ask("audit.verify", context)
    }
}
