/// Satellites.
public struct Devices: Sendable {
    let calls: Calls

    /// Makes a device; its token is shown this once.
    public func create(
        _ context: Context, _ agentId: String, name: String, scopes: [Scope]
    ) async throws -> DeviceCreated {
        try await calls.ask(
            "devices.create", context,
            arguments: ["agent_id": .text(agentId)],
            body: ["name": .text(name), "scopes": .words(scopes)])
    }

    /// Shows one.
    public func get(_ context: Context, _ deviceId: String) async throws -> Device {
        try await calls.ask("devices.get", context, arguments: ["device_id": .text(deviceId)])
    }

    /// Shows a page of them.
    public func list(
        _ context: Context, _ agentId: String, limit: Int? = nil, cursor: String? = nil
    ) async throws -> Page<Device> {
        try await calls.ask(
            "devices.list", context,
            arguments: ["agent_id": .text(agentId)],
            page: ["limit": .count(limit), "cursor": .text(cursor)])
    }

    /// Changes what is given; scopes are all that it may do from now on.
    public func update(
        _ context: Context, _ deviceId: String, name: String? = nil, scopes: [Scope]? = nil
    ) async throws -> Device {
        try await calls.ask(
            "devices.update", context,
            arguments: ["device_id": .text(deviceId)],
            body: ["name": .text(name), "scopes": .words(scopes)])
    }

    /// Gives it another token, shown this once; the former one stops working.
    public func rotate(_ context: Context, _ deviceId: String) async throws -> DeviceRotated {
        try await calls.ask("devices.rotate", context, arguments: ["device_id": .text(deviceId)])
    }

    /// Ends its token.
    public func revoke(_ context: Context, _ deviceId: String) async throws -> Device {
        try await calls.ask("devices.revoke", context, arguments: ["device_id": .text(deviceId)])
    }
}
