/// Proposed side effects.
public struct Actions: Sendable {
    let calls: Calls

    /// Proposes a run of a tool. Nothing runs before a person approves it.
    @discardableResult
    public func propose(
        _ context: Context, _ agentId: String, spaceId: String, tool: String, arguments: JSON, reason: String? = nil, actionId: String? = nil
    ) async throws -> Action {
        try await calls.ask(
            "actions.propose", context,
            arguments: ["agent_id": .text(agentId)],
            body: [
                "space_id": .text(spaceId),
                "tool": .text(tool),
                "arguments": arguments,
                "reason": .text(reason),
                "action_id": .text(actionId),
            ])
    }

    /// Shows one.
    public func get(_ context: Context, _ actionId: String) async throws -> Action {
        try await calls.ask("actions.get", context, arguments: ["action_id": .text(actionId)])
    }

    /// Shows a page of them.
    public func list(
        _ context: Context, _ agentId: String, state: ActionState? = nil, limit: Int? = nil, cursor: String? = nil
    ) async throws -> Page<Action> {
        try await calls.ask(
            "actions.list", context,
            arguments: ["agent_id": .text(agentId), "state": .word(state)],
            page: ["limit": .count(limit), "cursor": .text(cursor)])
    }

    /// Approves exactly what was shown: `bindingDigest` is that of the action that the person saw.
    @discardableResult
    public func approve(
        _ context: Context, _ actionId: String, bindingDigest: String
    ) async throws -> Action {
        try await calls.ask(
            "actions.approve", context,
            arguments: ["action_id": .text(actionId)],
            body: ["binding_digest": .text(bindingDigest)])
    }

    /// Rejects it.
    @discardableResult
    public func reject(_ context: Context, _ actionId: String, reason: String? = nil) async throws -> Action {
        try await calls.ask(
            "actions.reject", context,
            arguments: ["action_id": .text(actionId)],
            body: ["reason": .text(reason)])
    }

    /// Takes a proposal back.
    @discardableResult
    public func cancel(_ context: Context, _ actionId: String) async throws -> Action {
        try await calls.ask("actions.cancel", context, arguments: ["action_id": .text(actionId)])
    }

    /// Says of an action whose outcome is unknown whether it happened.
    @discardableResult
    public func resolve(_ context: Context, _ actionId: String, happened: Bool) async throws -> Action {
        try await calls.ask(
            "actions.resolve", context,
            arguments: ["action_id": .text(actionId)],
            body: ["outcome": .text(happened ? "done" : "failed")])
    }
}
