import Foundation
import HubCore
import Testing

/// Windows end soon.
let fast: JSON = ["window_pause_ms": 50]

let environment = ProcessInfo.processInfo.environment

/// Somebody at home.
struct Household {
    let owner: Context
    let agent: String
    let space: String
    let anna: String

    init(_ hub: Hub) async throws {
        let admin = Context.admin()
        agent = try await hub.agents.create(admin, name: "home").agentId
        space = try await hub.spaces.create(admin, agent, name: "kitchen").spaceId
        anna = try await hub.people.create(admin, agent, name: "Anna").personId
        owner = Context.operator(agent, anna, .owner)
    }
}

/// A folder that goes when the test ends.
func inFolder(_ test: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "hub-swift-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    try await test(folder.path)
}

/// A hub that is shut down when the test ends.
func withHub(
    settings: JSON? = nil, tools: [Tool] = [], planner: Planner? = nil,
    _ test: (Hub, Household) async throws -> Void
) async throws {
    try await inFolder { folder in
        let hub = try await Hub.open(folder, settings: settings, tools: tools, planner: planner)
        do {
            try await test(hub, try await Household(hub))
        } catch {
            await hub.shutdown()
            throw error
        }
        await hub.shutdown()
    }
}

/// The error of a call that must not happen.
func refused(_ call: () async throws -> Void) async throws -> HubError {
    do {
        try await call()
    } catch let error as HubError {
        return error
    }
    throw Unexpected()
}

struct Unexpected: Error {}

/// What tasks have seen, in order.
actor Seen<Item: Sendable> {
    private(set) var items: [Item] = []

    func add(_ item: Item) {
        items.append(item)
    }
}
