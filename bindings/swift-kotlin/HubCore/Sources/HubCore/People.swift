/// People.
public struct People: Sendable {
    let calls: Calls

    /// Makes a person known.
    public func create(_ context: Context, _ agentId: String, name: String) async throws -> Person {
        try await calls.ask(
            "people.create", context,
            arguments: ["agent_id": .text(agentId)],
            body: ["name": .text(name)])
    }

    /// Shows one.
    public func get(_ context: Context, _ personId: String) async throws -> Person {
        try await calls.ask("people.get", context, arguments: ["person_id": .text(personId)])
    }

    /// Shows a page of them.
    public func list(
        _ context: Context, _ agentId: String, limit: Int? = nil, cursor: String? = nil
    ) async throws -> Page<Person> {
        try await calls.ask(
            "people.list", context,
            arguments: ["agent_id": .text(agentId)],
            page: ["limit": .count(limit), "cursor": .text(cursor)])
    }

    /// Changes what is given.
    public func update(_ context: Context, _ personId: String, name: String? = nil) async throws -> Person {
        try await calls.ask(
            "people.update", context,
            arguments: ["person_id": .text(personId)],
            body: ["name": .text(name)])
    }

    /// Forgets a person with everything that came from them.
    public func delete(_ context: Context, _ personId: String) async throws {
        try await calls.tell("people.delete", context, arguments: ["person_id": .text(personId)])
    }
}
