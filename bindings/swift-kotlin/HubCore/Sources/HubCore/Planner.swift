/// A function that reads a window of talk and proposes, under a name and a version. It may throw ``Retry``.
public struct Planner: Sendable {
    public let name: String
    /// Changed whenever the same window may yield another plan.
    public let version: String
    let work: @Sendable (String) async throws -> String

    public init(name: String, version: String, plan: @escaping @Sendable (Window) async throws -> Plan) {
        self.name = name
        self.version = version
        work = { window in try Text.written(try await plan(Text.read(window))) }
    }
}

/// What was said in one space without a longer pause.
public struct Window: Codable, Sendable {
    public let agentId: String
    public let spaceId: String
    public let windowId: String
    public let language: String
    public let timeZone: String
    public let people: [Known]
    public let utterances: [Utterance]
}

/// A person whom the hub knows.
public struct Known: Codable, Sendable {
    public let personId: String
    public let name: String
}

/// Something said.
public struct Utterance: Codable, Sendable {
    public let eventId: String
    public let personId: String?
    public let speaker: String?
    public let role: String?
    public let text: String
    public let occurredAt: String
}

/// What a planner proposes.
public struct Plan: Codable, Sendable {
    public var memories: [ProposedMemory]
    public var actions: [ProposedAction]

    public init(memories: [ProposedMemory] = [], actions: [ProposedAction] = []) {
        self.memories = memories
        self.actions = actions
    }
}

/// A fact to remember, with the events that it rests on.
public struct ProposedMemory: Codable, Sendable {
    public var content: String
    public var predicate: String
    public var confidence: Double
    public var sourceEventIds: [String]
    public var personId: String?

    public init(
        content: String, predicate: String, confidence: Double, sourceEventIds: [String], personId: String? = nil
    ) {
        self.content = content
        self.predicate = predicate
        self.confidence = confidence
        self.sourceEventIds = sourceEventIds
        self.personId = personId
    }
}

/// A run of a tool to propose, with the events that it rests on.
public struct ProposedAction: Codable, Sendable {
    public var tool: String
    public var arguments: JSON
    public var reason: String
    public var sourceEventIds: [String]

    public init(tool: String, arguments: JSON, reason: String, sourceEventIds: [String]) {
        self.tool = tool
        self.arguments = arguments
        self.reason = reason
        self.sourceEventIds = sourceEventIds
    }
}
