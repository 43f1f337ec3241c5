/// A token to be made.
public enum NewToken: Sendable {
    /// For a person.
    case `operator`(personId: String, role: Role)
    /// For another program, in some spaces, until a time of RFC 3339.
    case delegate(name: String, scopes: [Scope], spaces: [String], expiresAt: String)

    fileprivate var body: [String: JSON?] {
        switch self {
        case .operator(let personId, let role):
            ["kind": "operator", "person_id": .text(personId), "role": .word(role)]
        case .delegate(let name, let scopes, let spaces, let expiresAt):
            [
                "kind": "delegate", "name": .text(name), "scopes": .words(scopes),
                "spaces": .array(spaces.map(JSON.string)), "expires_at": .text(expiresAt),
            ]
        }
    }
}

/// Tokens of people and of other programs. ``Context/token(_:)`` is whoever stands behind one.
public struct Tokens: Sendable {
    let calls: Calls

    /// Makes a token, shown this once.
    public func create(_ context: Context, _ agentId: String, _ token: NewToken) async throws -> TokenCreated {
        try await calls.ask("tokens.create", context, arguments: ["agent_id": .text(agentId)], body: token.body)
    }

    /// Shows a page of them, without their secrets.
    public func list(
        _ context: Context, _ agentId: String, limit: Int? = nil, cursor: String? = nil
    ) async throws -> Page<Token> {
        try await calls.ask(
            "tokens.list", context,
            arguments: ["agent_id": .text(agentId)],
            page: ["limit": .count(limit), "cursor": .text(cursor)])
    }

    /// Ends one.
    public func revoke(_ context: Context, _ tokenId: String) async throws {
        try await calls.tell("tokens.revoke", context, arguments: ["token_id": .text(tokenId)])
    }
}
