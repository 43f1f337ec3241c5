/// Who calls: the first argument of every operation. A program that embeds the hub is trusted to say so.
public struct Context: Sendable {
    let caller: JSON

    /// Creates agents and what belongs to them; reads no content, approves nothing.
    public static func admin() -> Context { Context(caller: ["kind": "admin"]) }

    /// A person with a role.
    public static func `operator`(_ agentId: String, _ personId: String, _ role: Role) -> Context {
        Context(caller: [
            "kind": "operator", "agent_id": .string(agentId), "person_id": .string(personId),
            "role": .string(role.rawValue),
        ])
    }

    /// A satellite with scopes.
    public static func device(_ agentId: String, _ deviceId: String, _ scopes: [Scope]) -> Context {
        Context(caller: [
            "kind": "device", "agent_id": .string(agentId), "device_id": .string(deviceId),
            "scopes": .array(scopes.map { .string($0.rawValue) }),
        ])
    }

    /// Whoever stands behind a token of the hub.
    public static func token(_ token: String) -> Context {
        Context(caller: ["kind": "token", "token": .string(token)])
    }
}

extension Context: CustomStringConvertible {
    /// Its kind alone: a token is a secret.
    public var description: String { "Context(\(caller["kind"]?.text ?? ""))" }
}
