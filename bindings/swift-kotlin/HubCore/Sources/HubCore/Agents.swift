/// Agents: the islands that everything belongs to.
public struct Agents: Sendable {
    let calls: Calls

    /// Makes an agent.
    public func create(
        _ context: Context, name: String, language: String? = nil, planner: PlannerKind? = nil
    ) async throws -> Agent {
        try await calls.ask(
            "agents.create", context,
            body: ["name": .text(name), "language": .text(language), "planner": .word(planner)])
    }

    /// Shows one.
    public func get(_ context: Context, _ agentId: String) async throws -> Agent {
        try await calls.ask("agents.get", context, arguments: ["agent_id": .text(agentId)])
    }

    /// Shows a page of them.
    public func list(
        _ context: Context, limit: Int? = nil, cursor: String? = nil
    ) async throws -> Page<Agent> {
        try await calls.ask("agents.list", context, page: ["limit": .count(limit), "cursor": .text(cursor)])
    }

    /// Changes what is given.
    public func update(
        _ context: Context, _ agentId: String, name: String? = nil, language: String? = nil, planner: PlannerKind? = nil
    ) async throws -> Agent {
        try await calls.ask(
            "agents.update", context,
            arguments: ["agent_id": .text(agentId)],
            body: ["name": .text(name), "language": .text(language), "planner": .word(planner)])
    }

    /// Deletes it with everything that belongs to it, its log apart.
    public func delete(_ context: Context, _ agentId: String) async throws {
        try await calls.tell("agents.delete", context, arguments: ["agent_id": .text(agentId)])
    }

    /// Queues, log and counts.
    public func status(_ context: Context, _ agentId: String) async throws -> Status {
        try await calls.ask("agents.status", context, arguments: ["agent_id": .text(agentId)])
    }
}
