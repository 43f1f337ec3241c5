import Foundation
import HubCore

// A program of its own, which the tests start.

struct Door: Codable {
    let which: String
}

let door: JSON = ["type": "object", "properties": ["which": ["type": "string"]], "required": ["which"]]

/// A line of this process's status, as a number.
func status(_ name: String) -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") } ?? ""
    return Int(line.filter(\.isNumber)) ?? 0
}

/// Opens the folder once more, and says what came of it.
func opens(_ folder: String) async throws {
    do {
        try await Hub.open(folder).shutdown()
        print("opened")
    } catch let error as HubError {
        print(error.kind)
    }
}

/// Ends while its hub is open and a tool of it runs.
func leaves(_ folder: String) async throws {
    let (runs, running) = AsyncStream<Void>.makeStream()
    let waits = Tool(name: "door.open", description: "Opens a door.", inputSchema: door) { (_: Door, _) in
        running.yield()
        try await Task.sleep(for: .seconds(600))
    }
    let hub = try await Hub.open(folder, tools: [waits])
    let admin = Context.admin()
    let agent = try await hub.agents.create(admin, name: "home").agentId
    let space = try await hub.spaces.create(admin, agent, name: "kitchen").spaceId
    let anna = Context.operator(agent, try await hub.people.create(admin, agent, name: "Anna").personId, .owner)
    let action = try await hub.actions.propose(
        anna, agent, spaceId: space, tool: "door.open", arguments: ["which": "7"])
    try await hub.actions.approve(anna, action.actionId, bindingDigest: action.bindingDigest)
    for await _ in runs { break }
    print("the tool runs")
}

/// Opens and shuts down, and says how many kilobytes and threads there are more after the first ones.
func cycles(_ folder: String, _ count: Int) async throws {
    func cycle() async throws {
        let held = [UInt8](repeating: 0, count: 1_000)
        let bell = Tool(name: "bell.ring", description: "Rings.", inputSchema: ["type": "object"]) { (_: JSON, _) in
            held.count
        }
        try await Hub.open(folder, tools: [bell]).shutdown()
    }
    for _ in 0..<200 { try await cycle() }
    let (memory, threads) = (status("VmRSS"), status("Threads"))
    for _ in 0..<count { try await cycle() }
    print("\(status("VmRSS") - memory) \(status("Threads") - threads)")
}

let arguments = CommandLine.arguments
switch arguments[1] {
case "opens": try await opens(arguments[2])
case "leaves": try await leaves(arguments[2])
case "cycles": try await cycles(arguments[2], Int(arguments[3]) ?? 0)
default: fatalError("there is no \(arguments[1])")
}
