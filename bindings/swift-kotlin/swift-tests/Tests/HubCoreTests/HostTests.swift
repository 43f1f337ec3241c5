import Foundation
import HubCore
import Testing

struct Lamp: Codable, Hashable {
    let room: String
    let percent: Int
}

struct Door: Codable {
    let which: String
}

struct NoDoor: Error {
    let number: Int
}

let lampSchema: JSON = [
    "type": "object", "properties": ["room": ["type": "string"], "percent": ["type": "integer"]],
    "required": ["room", "percent"],
]
let doorSchema: JSON = ["type": "object", "properties": ["which": ["type": "string"]], "required": ["which"]]

/// Tools and planners in Swift.
@Suite(.timeLimit(.minutes(2))) struct HostTests {
    @Test func aPlannerProposesAndAToolRunsAfterApproval() async throws {
        let done = Seen<Lamp>()
        let lamp = Tool(
            name: "lamp.set", description: "Sets a lamp.", inputSchema: lampSchema, idempotent: true
        ) { (lamp: Lamp, call) -> [String: Int] in
            #expect(!call.idempotencyKey.isEmpty)
            await done.add(lamp)
            return ["set": lamp.percent]
        }
        let planner = Planner(name: "mine", version: "1") { window in
            let ids = window.utterances.map(\.eventId)
            let dim: JSON = ["room": "kitchen", "percent": 30]
            return Plan(actions: [
                ProposedAction(tool: "lamp.set", arguments: dim, reason: "asked for", sourceEventIds: ids)
            ])
        }
        try await withHub(settings: fast, tools: [lamp], planner: planner) { hub, home in
            let stored = try await hub.events.append(home.owner, said(home.space, "Dim the light", personId: home.anna))
            #expect(stored.map(\.status) == [.stored])
            try await hub.drained(home.agent)
            let action = try #require(try await hub.actions.list(home.owner, home.agent).items.first)
            #expect(action.state == .awaitingApproval && action.tool == "lamp.set")
            #expect(await done.items.isEmpty)
            let other = "sha256:" + String(repeating: "0", count: 64)
            let stale = try await refused {
                try await hub.actions.approve(home.owner, action.actionId, bindingDigest: other)
            }
            #expect(stale.kind == .conflict)
            try await hub.actions.approve(home.owner, action.actionId, bindingDigest: action.bindingDigest)
            try await hub.drained(home.agent)
            let ended = try await hub.actions.get(home.owner, action.actionId)
            #expect(ended.state == .done && ended.result == ["set": 30])
            #expect(await done.items == [Lamp(room: "kitchen", percent: 30)])
            #expect(try await hub.audit.verify(.admin()).holds)
        }
    }

    /// Proposes, approves and runs a tool for a door.
    private func open(_ hub: Hub, _ home: Household, _ door: Tool) async throws -> Action {
        try hub.tools.register(door)
        let action = try await hub.actions.propose(
            home.owner, home.agent, spaceId: home.space, tool: "door.open", arguments: ["which": "7"])
        try await hub.actions.approve(home.owner, action.actionId, bindingDigest: action.bindingDigest)
        try await hub.drained(home.agent)
        return try await hub.actions.get(home.owner, action.actionId)
    }

    @Test func aToolThatThrowsFailsItsActionAndNothingElse() async throws {
        let door = Tool(name: "door.open", description: "Opens a door.", inputSchema: doorSchema) { (_: Door, _) in
            throw NoDoor(number: 7)
        }
        try await withHub(settings: fast) { hub, home in
            let ended = try await open(hub, home, door)
            #expect([.failed, .unknown].contains(ended.state))
            #expect(ended.problem?.detail.contains("NoDoor(number: 7)") == true, "\(String(describing: ended.problem))")
            let again = try await refused { try hub.tools.register(door) }
            #expect([.conflict, .invalid].contains(again.kind))
            let wrong = try await refused {
                try await hub.actions.propose(
                    home.owner, home.agent, spaceId: home.space, tool: "door.open", arguments: ["which": 7])
            }
            #expect(wrong.kind == .invalid)
        }
    }

    @Test func aToolThatNeverReturnsIsGivenUpAndToldSo() async throws {
        let told = Seen<Bool>()
        let door = Tool(
            name: "door.open", description: "Opens a door.", inputSchema: doorSchema, timeoutSeconds: 1
        ) { (_: Door, _) in
            do {
                try await Task.sleep(for: .seconds(600))
            } catch {
                await told.add(Task.isCancelled)
                throw error
            }
        }
        try await withHub(settings: fast) { hub, home in
            let ended = try await open(hub, home, door)
            #expect([.failed, .unknown].contains(ended.state))
            for _ in 0..<200 where await told.items.isEmpty { try await Task.sleep(for: .milliseconds(20)) }
            #expect(await told.items == [true])
        }
    }

    @Test func aPlannerMayAskToBeTriedAgain() async throws {
        let attempts = Seen<String>()
        let planner = Planner(name: "mine", version: "1") { window in
            await attempts.add(window.windowId)
            if await attempts.items.count == 1 { throw Retry("the model is away") }
            let source = window.utterances[0].eventId
            return Plan(memories: [
                ProposedMemory(content: "Anna likes tea", predicate: "likes", confidence: 0.9, sourceEventIds: [source])
            ])
        }
        try await withHub(settings: fast, planner: planner) { hub, home in
            try await hub.events.append(home.owner, said(home.space, "I like tea", personId: home.anna))
            try await hub.drained(home.agent)
            let asked = await attempts.items
            #expect(asked.count == 2 && asked.first == asked.last)
            let found = try await hub.memory.list(home.owner, home.agent, tier: .semantic).items
            #expect(found.map(\.content) == ["Anna likes tea"])
        }
    }
}
