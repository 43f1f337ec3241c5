/// What can execute an action.
public struct Tools: Sendable {
    let calls: Calls

    /// Shows them.
    public func list(_ context: Context, _ agentId: String) async throws -> Page<ToolShape> {
        try await calls.ask("tools.list", context, arguments: ["agent_id": .text(agentId)])
    }

    /// Adds a tool of this program.
    public func register(_ tool: Tool) throws {
        try calls.register(tool)
    }
}
