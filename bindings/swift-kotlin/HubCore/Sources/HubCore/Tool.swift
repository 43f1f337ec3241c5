import Foundation

/// One run of a tool: an approved action, as it was approved.
public struct ToolCall: Codable, Sendable {
    public let agentId: String
    public let spaceId: String
    public let actionId: String
    public let arguments: JSON
    public let attempt: Int
    public let idempotencyKey: String
}

/// A function, and what it says of itself.
public struct Tool: Sendable {
    let manifest: JSON
    let work: @Sendable (String) async throws -> String

    /// Makes a tool of a function.
    ///
    /// - Parameters:
    ///   - version: changed whenever the tool does something else
    ///   - inputSchema: JSON Schema of the arguments
    ///   - timeoutSeconds: after which nobody waits any more
    ///   - idempotent: whether it may run twice under one `idempotencyKey`
    ///   - run: called once for each approved action; its task is cancelled when nobody waits any more
    public init<Arguments: Decodable & Sendable, Result: Encodable & Sendable>(
        name: String,
        description: String,
        version: String = "1.0.0",
        inputSchema: JSON,
        effect: Effect = .external,
        scopes: [Scope] = [],
        timeoutSeconds: Int = 30,
        idempotent: Bool = false,
        run: @escaping @Sendable (Arguments, ToolCall) async throws -> Result
    ) {
        manifest = Tool.manifest(
            name, description, version, inputSchema, effect, scopes, timeoutSeconds, idempotent)
        work = { text in
            let call: ToolCall = try Text.read(text)
            return try Text.plain(try await run(try call.read(), call))
        }
    }

    /// Makes a tool of a function that answers nothing.
    public init<Arguments: Decodable & Sendable>(
        name: String,
        description: String,
        version: String = "1.0.0",
        inputSchema: JSON,
        effect: Effect = .external,
        scopes: [Scope] = [],
        timeoutSeconds: Int = 30,
        idempotent: Bool = false,
        run: @escaping @Sendable (Arguments, ToolCall) async throws -> Void
    ) {
        manifest = Tool.manifest(
            name, description, version, inputSchema, effect, scopes, timeoutSeconds, idempotent)
        work = { text in
            let call: ToolCall = try Text.read(text)
            try await run(try call.read(), call)
            return "null"
        }
    }

    private static func manifest(
        _ name: String, _ description: String, _ version: String, _ inputSchema: JSON, _ effect: Effect,
        _ scopes: [Scope], _ timeoutSeconds: Int, _ idempotent: Bool
    ) -> JSON {
        [
            "name": .string(name),
            "version": .string(version),
            "description": .string(description),
            "input_schema": inputSchema,
            "effect": .string(effect.rawValue),
            "scopes": .array(scopes.map { .string($0.rawValue) }),
            "timeout_seconds": .integer(Int64(timeoutSeconds)),
            "idempotent": .bool(idempotent),
        ]
    }
}

extension ToolCall {
    /// The arguments, whose names are the tool's own.
    fileprivate func read<Arguments: Decodable>() throws -> Arguments {
        try JSONDecoder().decode(Arguments.self, from: Data(try Text.plain(arguments).utf8))
    }
}
