import Border
import Foundation

/// A hub in a folder. Every operation is awaited; cancelling its task ends the waiting, and what was handed to the
/// writer is still written. What goes wrong throws ``HubError``. A hub may be used from any task.
public final class Hub: Sendable {
    private let calls: Calls
    public let agents: Agents
    public let spaces: Spaces
    public let people: People
    public let devices: Devices
    public let tokens: Tokens
    public let consent: Consents
    public let presence: Presences
    public let events: Events
    public let memory: Memories
    public let actions: Actions
    public let planner: Planners
    public let tools: Tools
    public let audit: Audit

    private init(_ calls: Calls) {
        self.calls = calls
        agents = Agents(calls: calls)
        spaces = Spaces(calls: calls)
        people = People(calls: calls)
        devices = Devices(calls: calls)
        tokens = Tokens(calls: calls)
        consent = Consents(calls: calls)
        presence = Presences(calls: calls)
        events = Events(calls: calls)
        memory = Memories(calls: calls)
        actions = Actions(calls: calls)
        planner = Planners(calls: calls)
        tools = Tools(calls: calls)
        audit = Audit(calls: calls)
    }

    /// Opens the hub of a folder, with its workers.
    ///
    /// - Parameters:
    ///   - databaseUrl: `postgres://…` in place of SQLite in the folder
    ///   - settings: as in `docs/OPERATIONS.md`
    ///   - workers: which of `index`, `plan`, `tools`, `timers` run here; by default all of them
    ///   - tools: tools of this program
    ///   - planner: a planner of this program, in place of the rules
    public static func open(
        _ folder: String,
        databaseUrl: String? = nil,
        settings: JSON? = nil,
        workers: [String]? = nil,
        tools: [Tool] = [],
        planner: Planner? = nil
    ) async throws -> Hub {
        let options = given([
            "folder": .string(folder),
            "database_url": .text(databaseUrl),
            "settings": settings,
            "workers": workers.map { .array($0.map(JSON.string)) },
        ])
        let opening = try Writer.written(.object(options))
        let code = try tools.map { BorderTool(manifest: try Writer.written($0.manifest), code: Code($0.work)) }
        let plans = planner.map { BorderPlanner(name: $0.name, version: $0.version, code: Code($0.work)) }
        return Hub(Calls(native: try await guarded { try await openHub(options: opening, tools: code, planner: plans) }))
    }

    /// Opens the hub of a folder, and shuts it down when the work is done, however it ends.
    public static func with<Answer: Sendable>(
        _ folder: String,
        tools: [Tool] = [],
        planner: Planner? = nil,
        _ work: (Hub) async throws -> Answer
    ) async throws -> Answer {
        let hub = try await open(folder, tools: tools, planner: planner)
        do {
            let answer = try await work(hub)
            await hub.shutdown()
            return answer
        } catch {
            await hub.shutdown()
            throw error
        }
    }

    /// Finishes what was accepted, stops the workers and closes the database. Again, it does nothing.
    public func shutdown() async {
        await calls.shutdown()
    }

    /// Returns when everything that was said is recallable and planned, and what was approved has run.
    public func drained(_ agentId: String) async throws {
        try await calls.tell("hub.drained", .admin(), arguments: ["agent_id": .text(agentId)])
    }

    /// The version of the hub inside, such as `0.1.0`.
    public func version() async throws -> String {
        let answer: Version = try await calls.ask("hub.version", .admin())
        return answer.version
    }
}
