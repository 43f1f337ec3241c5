/// Who is where.
public struct Presences: Sendable {
    let calls: Calls

    /// Reports who is in a space, or has left it: the caller unless somebody is named.
    @discardableResult
    public func report(
        _ context: Context, _ spaceId: String, _ state: PresenceState, personId: String? = nil
    ) async throws -> Presence {
        try await calls.ask(
            "presence.report", context,
            arguments: ["space_id": .text(spaceId)],
            body: ["state": .word(state), "person_id": .text(personId)])
    }

    /// Shows what was reported of a space and still counts.
    public func list(_ context: Context, _ spaceId: String) async throws -> Page<Presence> {
        try await calls.ask("presence.list", context, arguments: ["space_id": .text(spaceId)])
    }
}
