/// Spaces and their privacy.
public struct Spaces: Sendable {
    let calls: Calls

    /// Makes a space.
    public func create(
        _ context: Context, _ agentId: String, name: String, privacyMode: Bool? = nil
    ) async throws -> Space {
        try await calls.ask(
            "spaces.create", context,
            arguments: ["agent_id": .text(agentId)],
            body: ["name": .text(name), "privacy_mode": .flag(privacyMode)])
    }

    /// Shows one.
    public func get(_ context: Context, _ spaceId: String) async throws -> Space {
        try await calls.ask("spaces.get", context, arguments: ["space_id": .text(spaceId)])
    }

    /// Shows a page of them.
    public func list(
        _ context: Context, _ agentId: String, limit: Int? = nil, cursor: String? = nil
    ) async throws -> Page<Space> {
        try await calls.ask(
            "spaces.list", context,
            arguments: ["agent_id": .text(agentId)],
            page: ["limit": .count(limit), "cursor": .text(cursor)])
    }

    /// Changes what is given. While a space is private nothing said there is kept.
    public func update(
        _ context: Context, _ spaceId: String, name: String? = nil, privacyMode: Bool? = nil
    ) async throws -> Space {
        try await calls.ask(
            "spaces.update", context,
            arguments: ["space_id": .text(spaceId)],
            body: ["name": .text(name), "privacy_mode": .flag(privacyMode)])
    }

    /// Deletes it with what was said there.
    public func delete(_ context: Context, _ spaceId: String) async throws {
        try await calls.tell("spaces.delete", context, arguments: ["space_id": .text(spaceId)])
    }
}
